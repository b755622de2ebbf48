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
    "approval": gettext_lazy("Something waits for an approval."),
    "brief": gettext_lazy("The morning brief is here."),
    "case": gettext_lazy("A case asks for a look."),
    "digest": gettext_lazy("The digest of notices is here."),
    "hold": gettext_lazy("A hold asks for a look."),
    "import": gettext_lazy("An imported file asks for a look."),
    "reply": gettext_lazy("A reply asks for a look."),
    "source": gettext_lazy("A source asks for a look."),
}


def language_of(user: User, notice: Notice) -> str:
    return user.language or notice.org.language


def generic(notice: Notice, language: str) -> str:
    with translation.override(language):
        return str(GENERIC.get(notice.kind.partition(".")[0], _("Something asks for a look.")))


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
        end = _("What comes by mail, and when, is chosen here:")
    subject = generic(notice, language).rstrip(".")
    return subject, "\n".join([sentence(notice, language), "", link(notice), "", end, how])
