"""How each person wants to be reached: by kind, level, brand, topic and hour."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import pgettext_lazy

from siach.calc.rest import Rest
from siach.org.models import Notice, NoticeDelivery, NoticePreferences, Topic
from siach.org.notices.reading import GATHERED
from siach.org.rights import narrow, reaches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import time

    from django.utils.functional import Promise

    from siach.org.models import Brand, User

Channel = NoticeDelivery.Channel
NEVER = 5
MOST = 99
#: What a person chooses by: the nouns that kinds begin with. The brief and the digest are asked for by themselves.
NOUNS: dict[str, str | Promise] = {
    "case": pgettext_lazy("notices", "Cases"),
    "reply": pgettext_lazy("notices", "Failed replies"),
    "approval": pgettext_lazy("notices", "Approvals"),
    "hold": pgettext_lazy("notices", "Publishing pauses"),
    "source": pgettext_lazy("notices", "Sources"),
    "import": pgettext_lazy("notices", "Imported files"),
    "other": pgettext_lazy("notices", "Everything else"),
}
DEFAULT_LEVEL = Notice.Level.INTERRUPTS
BY_PERSON = (Channel.MAIL, Channel.PUSH)


def preferences(user: User) -> NoticePreferences:
    """This person's own, or the defaults, unsaved."""
    return NoticePreferences.objects.filter(user=user).first() or NoticePreferences(user=user)


def least_level(chosen: NoticePreferences, channel: str, kind: str) -> int:
    """From which level notices of a kind go by this channel; `NEVER` is above all of them."""
    noun = kind.partition(".")[0]
    if noun in GATHERED:
        return Notice.Level.NORMAL
    rules: Mapping[str, int] = chosen.rules.get(channel, {})
    return rules.get(noun if noun in NOUNS else "other", DEFAULT_LEVEL)


def topics_of(user: User, brands: Sequence[Brand]) -> list[tuple[Brand, list[Topic]]]:
    """The topics of these brands that the person reads of, under their brands; none without any."""
    parts = narrow(reaches(user, "today.read"))
    found: dict[int, list[Topic]] = {}
    for topic in Topic.objects.filter(brand__in=brands).order_by("name", "pk"):
        reached = parts.get(topic.brand_id)
        if reached is None or any(not reach.topics or topic.pk in reach.topics for reach in reached):
            found.setdefault(topic.brand_id, []).append(topic)
    return [(brand, found[brand.pk]) for brand in brands if brand.pk in found]


def rest_of(chosen: NoticePreferences, zone: str) -> Rest:
    return Rest(zoneinfo.ZoneInfo(zone), chosen.quiet_from, chosen.quiet_to, chosen.keeps_holidays)


@transaction.atomic
def set_preferences(
    *,
    user: User,
    rules: Mapping[str, Mapping[str, int]],
    brands_off: Iterable[int],
    topics_off: Iterable[int],
    quiet: tuple[time | None, time | None],
    keeps_holidays: bool,
    cap: int,
    brief_days: Iterable[int] | None,
) -> NoticePreferences:
    """A person's own switches, so the ledger keeps none of it. `brief_days` None: no morning brief."""
    kept = {
        "rules": {channel: dict(levels) for channel, levels in rules.items() if channel in BY_PERSON},
        "brands_off": sorted(set(brands_off)),
        "topics_off": sorted(set(topics_off)),
        "quiet_from": quiet[0],
        "quiet_to": quiet[1],
        "keeps_holidays": keeps_holidays,
        "cap": max(0, min(MOST, cap)),
        "has_brief": brief_days is not None,
    }
    if brief_days is not None:
        kept["brief_days"] = sorted(set(brief_days))
    return NoticePreferences.objects.update_or_create(user=user, defaults=kept)[0]
