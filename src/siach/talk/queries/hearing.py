"""How well one source hears now, and what is usual for it: kept facts alone, no post is read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from siach.calc.rhythm import slot_of
from siach.talk import bulk
from siach.talk.models import Account, Source, SourceRhythm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

#: How long beyond its time a source is not asked until that is said.
OVERDUE = timedelta(minutes=15)
#: How long nothing comes until a source is called quiet, as usual.
CALM_AFTER = timedelta(hours=1)
#: How long nothing comes until that is no calm any more, whatever its rhythm says.
LONG_AFTER = timedelta(days=14)
DAYS = 14

_TONES = {
    "listening": "",
    "calm": "",
    "long": "off",
    "never": "off",
    "waiting": "off",
    "quiet": "warn",
    "silent": "warn",
    "failing": "warn",
    "settling": "warn",
    "deaf": "bad",
    "sign_in": "bad",
    "refused": "bad",
    "resting": "warn",
    "paused": "off",
    "open": "",
    "called": "",
}


@dataclass(frozen=True, slots=True)
class Health:
    """How a source hears, and since when, where that is known.

    listening; calm: quiet as usual; long: nothing came for two weeks; never: it works and nothing came yet;
    waiting: not asked yet; quiet: silent beyond its rhythm; silent: not asked for a while; failing: calls fail, not
    long enough to be deaf; settling: they work again after it was deaf; deaf; sign_in, refused: deaf until a person
    sees to it; resting: until its budget begins anew; paused; open: fed by people; called: another system posts to it.
    """

    code: str
    since: datetime | None = None

    @property
    def tone(self) -> str:
        return _TONES[self.code]

    @property
    def is_deaf(self) -> bool:
        return self.tone == "bad"

    @property
    def hears(self) -> bool:
        return self.code in ("listening", "calm", "long", "never", "called", "settling", "quiet")


def health_of(source: Source, *, at: datetime) -> Health:
    if source.kind in (Source.Kind.CAPTURE, Source.Kind.IMPORT):
        return Health("open")
    if source.state == Source.State.PAUSED:
        return Health("paused", source.paused_at)
    if source.account is not None and source.account.state == Account.State.BROKEN:
        return Health("sign_in", source.deaf_since or source.asked_at)
    if source.state == Source.State.BROKEN:
        return Health("refused", source.deaf_since or source.asked_at)
    if source.failures:
        return Health("deaf", source.deaf_since) if source.deaf_since else Health("failing", source.asked_at)
    return _of_answered(source, at=at)


def _of_answered(source: Source, *, at: datetime) -> Health:
    """Of a source whose last call, if there was any, worked."""
    called = source.kind == Source.Kind.WEBHOOK
    if not called and _is_overdue(source, at=at):
        return Health("silent", source.asked_at)
    if not called and source.asked_at is None:
        return Health("waiting")
    spell = _spell(source, at=at)
    if spell:
        return spell
    if source.heard_at is None:
        return Health("called") if called else Health("never", source.connected_at)
    silent = at - source.heard_at
    code = "long" if silent > LONG_AFTER else "calm" if silent > CALM_AFTER else "listening"
    return Health(code, source.heard_at)


def _spell(source: Source, *, at: datetime) -> Health | None:
    """What is out of the ordinary with a source whose calls work."""
    if source.rests_until is not None and source.rests_until > at:
        return Health("resting", source.rests_until)
    if source.deaf_since:
        return Health("settling", source.well_since)
    return Health("quiet", source.quiet_since) if source.quiet_since else None


def _is_overdue(source: Source, *, at: datetime) -> bool:
    """What listens without an account, as in a demo, is never due, so never late."""
    if source.account_id is None:
        return False
    return at - max(source.asked_at or source.connected_at, source.due_at or source.connected_at) > OVERDUE


@dataclass(frozen=True, slots=True)
class Usual:
    """What a source heard in each of the last days, oldest first, and how many posts this hour usually brings: None
    while its rhythm is not known."""

    days: tuple[int, ...] = ()
    hourly: float | None = None

    @property
    def total(self) -> int:
        return sum(self.days)

    @property
    def gap(self) -> float | None:
        """Seconds between two posts at this hour, where less than a day lies between them."""
        return 3600 / self.hourly if self.hourly and self.hourly > 1 / 24 else None


def usual_of(sources: Sequence[Source], *, at: datetime) -> dict[int, Usual]:
    """What is usual for each of these sources, in two queries."""
    zones = {source.pk: source.brand.zone for source in sources}
    learnt = SourceRhythm.objects.filter(source__in=zones, patience__gt=0).values_list("source", "rates")
    hourly = {pk: rates[slot_of(at, ZoneInfo(zones[pk]))] for pk, rates in learnt}
    days = _days(zones, at=at)
    return {pk: Usual(days[pk], hourly.get(pk)) for pk in zones}


def _days(zones: Mapping[int, str], *, at: datetime) -> dict[int, tuple[int, ...]]:
    """The posts of each of the last days, cut in the zone of each source's brand."""
    found: dict[int, dict[date, int]] = defaultdict(dict)
    rows = bulk.rows(
        """
        SELECT h.source_id, (h.hour AT TIME ZONE z.zone)::date, sum(h.n)::int
        FROM talk_sourcehour h JOIN unnest(%s::bigint[], %s::text[]) AS z (id, zone) ON z.id = h.source_id
        WHERE h.hour >= %s GROUP BY 1, 2
        """,
        [list(zones), list(zones.values()), at - timedelta(days=DAYS + 1)],
    )
    for pk, day, n in rows:
        found[pk][day] = n
    days = {}
    for pk, zone in zones.items():
        today = at.astimezone(ZoneInfo(zone)).date()
        days[pk] = tuple(found[pk].get(today - timedelta(days=back), 0) for back in range(DAYS - 1, -1, -1))
    return days
