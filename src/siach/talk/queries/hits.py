"""Where a brand's name was found last, and how often rightly so by what people said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.calc.sentiment import wilson
from siach.language.match import Matcher
from siach.talk.models import Correction, Mention
from siach.talk.queries.reach import mentions_for
from siach.talk.queries.stream import Card, cards

if TYPE_CHECKING:
    from siach.language.reading import BrandNames
    from siach.org.models import User

LATEST = 20
_LETTERS = 600


@dataclass(frozen=True, slots=True)
class Hit:
    """A post in which a name was found; `spans` of `text` (its beginning) are the names. `mark`: 1 about the brand, 0
    not, None while nobody said."""

    card: Card
    text: str
    spans: tuple[tuple[int, int, str], ...]
    mark: int | None


@dataclass(frozen=True, slots=True)
class Hits:
    """The latest, and the share of those `marked` that are about the brand with its 95 % interval (Wilson)."""

    rows: tuple[Hit, ...]
    marked: int
    right: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.right / self.marked if self.marked else None


def latest_hits(names: BrandNames, user: User) -> Hits:
    """The last 20 posts in which a name of this brand was found, as far as this person reads them."""
    found = mentions_for(user, "brand.manage").filter(brand=names.id, via=Mention.Via.NAMED)
    ids = list(found.order_by("-said_at", "-pk").values_list("pk", flat=True)[:LATEST])
    told = Correction.objects.filter(mention__in=ids, field="about").order_by("pk")
    marks = dict(told.values_list("mention", "now"))
    matcher = Matcher([names])
    rows = tuple(_hit(card, matcher, marks.get(card.mention.pk)) for card in cards(ids))
    right = sum(marks.values())
    return Hits(rows, len(marks), right, *wilson(right, len(marks)))


def _hit(card: Card, matcher: Matcher, mark: int | None) -> Hit:
    text = card.post.text[:_LETTERS]
    spans = tuple((found.start, found.end, "name") for found in matcher.find(text))
    return Hit(card, text, spans, mark)
