"""A notice as plain text: its whole sentence for mail, words without names for everything that others may read."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.notices.reading import lines_of

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from siach.org.models import Notice, User

#: By the noun of the kind. Whoever reads them on a locked screen learns no name and no word of a customer.
GENERIC: dict[str, str | Promise] = {
    "approval": gettext_lazy("A reply needs approval."),
    "brief": gettext_lazy("Your morning brief is ready."),
    "case": gettext_lazy("A case needs attention."),
    "digest": gettext_lazy("Your digest of notices is ready."),
    "hold": gettext_lazy("A pause in publishing needs attention."),
    "import": gettext_lazy("An imported file needs attention."),
    "reply": gettext_lazy("A reply needs attention."),
    "source": gettext_lazy("A source needs attention."),
}


def language_of(user: User, notice: Notice) -> str:
    return user.language or notice.org.language


def generic(notice: Notice, language: str) -> str:
    with translation.override(language):
        return str(GENERIC.get(notice.kind.partition(".")[0], _("Something needs attention.")))


def sentence(notice: Notice, language: str) -> str:
    """The sentence of the notice without markup; a notice of several lines keeps them."""
    (line,) = lines_of([notice])
    known = {"notice": notice, "subject": line.subject, "facts": line.facts}
    with translation.override(language):
        said = render_to_string(line.template, known)
    lines = html.unescape(strip_tags(said.replace("<br>", "\x00"))).split("\x00")
    return "\n".join(" ".join(line.split()) for line in lines)


def link(notice: Notice) -> str:
    """The whole address that leads to what the notice speaks of."""
    return settings.SIACH_ADDRESS.rstrip("/") + reverse("notice", args=[notice.pk])


def letter(notice: Notice, language: str) -> tuple[str, str]:
    """Subject and text of the mail."""
    how = settings.SIACH_ADDRESS.rstrip("/") + reverse("notice_settings")
    with translation.override(language):
        end = _("Choose what comes by email, and when:")
    subject = generic(notice, language).rstrip(".")
    return subject, "\n".join([sentence(notice, language), "", link(notice), "", end, how])
