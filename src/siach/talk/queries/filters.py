"""What the reader of the Stream asked for: one frozen value, read from an address and written into one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from siach.language.reading import EMOTIONS, LANGUAGES
from siach.org.models import Brand
from siach.talk.models import Mention, Part
from siach.talk.queries.counts import Slice
from siach.talk.queries.days import day_bounds
from siach.talk.queries.muting import NOTHING, Muted
from siach.talk.queries.search import QUERY_LIMIT
from siach.ui.filtering import address_of, id_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siach.org.rights import Reach

DAY = "day"
RANGE = "range"
PERIODS = {"today": 0, "24h": 1, "7": 6, "30": 29, "90": 89}
HEARD = ("live", "history", "captured")
KINDS = (Brand.Kind.OWN.value, Brand.Kind.RIVAL.value, "all")
LONGEST = timedelta(days=3660)
_SEARCHED = "90"
_USUAL = "30"


@dataclass(frozen=True, slots=True)
class Filters:
    """Every filter of the Stream. Empty strings and zeros ask nothing.

    `brand` is an id, `own`, `rival`, `all` or empty (the brand in view, else our own); `period` a key of
    `PERIODS`, `range` (with `first` and `last`) or empty (30 days; 90 for a search); `day` narrows it to one.
    """

    q: str = ""
    brand: str = ""
    period: str = ""
    first: date | None = None
    last: date | None = None
    day: date | None = None
    sentiment: str = ""
    intent: str = ""
    urgency: str = ""
    safety: str = ""
    network: str = ""
    language: str = ""
    part: str = ""
    via: str = ""
    topic: str = ""
    heard: str = ""
    corrected: str = ""
    case: str = ""
    muted: str = ""
    emotion: str = ""
    unsure: str = ""
    stirs: str = ""

    def address(self, **changed: object) -> str:
        """The query string of these filters with some of them changed; empty ones are left out."""
        return address_of(self, **changed)

    def with_words(self, words: str) -> str:
        """The query string of these filters with words more to look for, in the same period: a search alone would look
        further back by itself."""
        period = self.period if self.period or self.q else _USUAL
        return self.address(q=f"{self.q} {words}".strip(), period=period)

    def only(self) -> Slice:
        """The part of these filters that counts know."""
        return Slice(
            networks=(self.network,) if self.network else (),
            sentiments=(int(self.sentiment),) if self.sentiment else (),
            intents=(int(self.intent),) if self.intent else (),
        )

    @property
    def beyond_counts(self) -> bool:
        """Whether something is asked that counts do not know: then no total can be told."""
        return bool(self.q or self.hidden)

    @property
    def hidden(self) -> int:
        """How many of the rarer filters are in use."""
        rare = (self.urgency, self.safety, self.language, self.part, self.via, self.topic, self.heard)
        return sum(1 for value in (*rare, self.corrected, self.case, *self.signs) if value)

    @property
    def signs(self) -> tuple[str, str, str]:
        """What is asked of the signs of a reading, which no index knows."""
        return self.emotion, self.unsure, self.stirs

    @property
    def is_narrow(self) -> bool:
        """Whether anything but brand and period is asked."""
        return bool(self.q or self.hidden or self.day or self.sentiment or self.intent or self.network)


def read_filters(asked: Mapping[str, str]) -> Filters:
    """The filters that an address asks for; what is no value of a filter asks nothing."""
    first, last = _date(asked.get("first", "")), _date(asked.get("last", ""))
    if first and last and first > last:
        first, last = last, first
    period = asked.get("period", "")
    return Filters(
        q=asked.get("q", "").replace("\0", " ").strip()[:QUERY_LIMIT],
        brand=_brand(asked.get("brand", "")),
        period=period if period in (*PERIODS, RANGE) else "",
        first=first if period == RANGE else None,
        last=last if period == RANGE else None,
        day=_date(asked.get(DAY, "")),
        topic=id_in(asked.get("topic", "")),
        network=asked.get("network", "").replace("\0", "")[:40],
        **{name: _choice(asked.get(name, ""), values) for name, values in CHOICES.items()},
    )


CHOICES: dict[str, tuple[str, ...]] = {
    "sentiment": tuple(map(str, Mention.Sentiment.values)),
    "intent": tuple(map(str, Mention.Intent.values)),
    "urgency": ("1", "2", "3"),
    "safety": ("1",),
    "language": LANGUAGES,
    "part": tuple(Part.values),
    "via": tuple(map(str, Mention.Via.values)),
    "heard": HEARD,
    "corrected": ("1",),
    "case": ("1",),
    "muted": ("show",),
    "emotion": EMOTIONS,
    "unsure": ("1",),
    "stirs": ("1",),
}


def _choice(value: str, values: Sequence[str]) -> str:
    return value if value in values else ""


def _brand(value: str) -> str:
    return value if value in KINDS else id_in(value)


def _date(value: str) -> date | None:
    """An ISO date within a few centuries, so that a day more or less is still a date."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


@dataclass(frozen=True, slots=True)
class View:
    """The filters as they stand for one reader at one moment: which brands, from when until when.

    `first` and `last` are days of each brand's own zone; `since` overrules `first` (the last 24 hours).
    `brand_ids` is what is in view, never beyond the reader's scope; `muted` is what its reader does not want to
    see in the list. `limits` are the brands of which a mandate opens only a part. Counts know no parts, so a view with
    limits tells none. `shut` are the brands whose private messages its reader does not read.
    """

    filters: Filters
    brands: tuple[Brand, ...]
    first: date
    last: date
    at: datetime
    since: datetime | None = None
    muted: Muted = NOTHING
    limits: Mapping[int, tuple[Reach, ...]] = field(default_factory=dict)
    shut: tuple[int, ...] = ()

    @property
    def is_narrow(self) -> bool:
        return bool(self.limits)

    @property
    def brand_ids(self) -> list[int]:
        return [brand.pk for brand in self.brands]

    def bounds(self, brand: Brand) -> tuple[datetime, datetime]:
        """From when (included) until when (excluded) this brand's mentions are listed."""
        if self.filters.day:
            return day_bounds(brand, self.filters.day)
        start, end = day_bounds(brand, self.first)[0], day_bounds(brand, self.last)[1]
        return (self.since or start), end


def view_of(
    filters: Filters,
    scope: Sequence[Brand],
    in_view: Brand | None,
    *,
    limits: Mapping[int, tuple[Reach, ...]] | None = None,
    at: datetime,
) -> View:
    """The filters for a reader whose brands are `scope` and who looks at `in_view` (None: all of them).
    A day outside the period asks nothing. `limits`: of the scope, what is open only in part."""
    brands = _brands(filters.brand, scope, in_view)
    today = at.astimezone(ZoneInfo(brands[0].zone if brands else "Asia/Jerusalem")).date()
    first, last = _period(filters, today)
    if filters.day and not first <= filters.day <= last:
        filters = replace(filters, day=None)
    since = None
    if filters.period == "24h":
        since = at - timedelta(days=1)
        since = since.replace(minute=since.minute - since.minute % 5, second=0, microsecond=0)
    here = {brand.pk for brand in brands}
    limits = {pk: part for pk, part in (limits or {}).items() if pk in here}
    return View(filters, brands, first, last, at, since, limits=limits)


def _period(filters: Filters, today: date) -> tuple[date, date]:
    period = filters.period or (_SEARCHED if filters.q else _USUAL)
    if period != RANGE:
        return today - timedelta(days=PERIODS[period]), today
    last = filters.last or max(today, filters.first or today)
    first = filters.first or last - timedelta(days=PERIODS[_USUAL])
    return max(first, last - LONGEST), last


def _brands(asked: str, scope: Sequence[Brand], in_view: Brand | None) -> tuple[Brand, ...]:
    if asked.isdecimal():
        return tuple(brand for brand in scope if brand.pk == int(asked))
    if not asked and in_view:
        return tuple(brand for brand in scope if brand.pk == in_view.pk)
    kind = asked or Brand.Kind.OWN
    return tuple(brand for brand in scope if kind in ("all", brand.kind))
