"""Template tags of the Inbox and of the sentences of its events. In a template: `{% load care_tags %}`."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from siach.care.actions import REASONS
from siach.org.models import User
from siach.talk.network_words import explain
from siach.ui import text

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

    from siach.care.models import Case
    from siach.org.models import LedgerEntry

register = template.Library()

_SECONDS = 60


@register.filter
def person(user_id: int | None) -> str:
    """The name of a user, "" for nobody: the ledger keeps only ids. Asked once a minute and person."""
    return _name(user_id, int(time.monotonic() // _SECONDS)) if user_id else ""


@lru_cache(maxsize=512)
def _name(user_id: int, minute: int) -> str:
    return User.objects.filter(pk=user_id).values_list("name", flat=True).first() or ""


@register.filter
def plain(value: object) -> str:
    """A name or a snippet without the controls that could reorder the page round it."""
    return text.clean(str(value))


@register.filter
def explained(message: str) -> str:
    """What a network answered, in the reader's words."""
    return explain(message).sentence


@register.filter
def snippet(value: str, letters: int) -> str:
    """The beginning of a text in one line. Django's own cut puts a bidi control into Hebrew."""
    line = " ".join(text.clean(value).split())
    return line if len(line) <= letters else f"{line[: letters - 1].rstrip()}…"


@register.filter
def is_link(address: str) -> bool:
    """Whether an address from a network may stand in a link."""
    return (address or "").startswith(("https://", "http://"))


@register.filter
def clock_time(value: datetime) -> str:
    """dd.mm HH:MM in the active zone, as plain text for a list of choices."""
    return f"{timezone.localtime(value):%d.%m %H:%M}"


@register.filter
def reason(code: str) -> str:
    """Why a case was set aside, in words; the code itself when it is none of ours any more."""
    return str(REASONS.get(code, code))


@register.simple_tag
def case_link(entry: LedgerEntry, subject: Case | None) -> SafeString:
    """A link to a case in a sentence: "case of Dana", or without a name once the case is gone."""
    if subject is None:
        return format_html("<span>{}</span>", _("a case that is gone"))
    named = format_html(_("case of <bdi>{}</bdi>"), text.clean(str(subject.author)))
    return format_html('<a class="link" href="{}">{}</a>', reverse("case", args=[entry.subject_id]), named)
