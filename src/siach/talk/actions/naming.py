"""How the brands of an organisation are found: by their names, and by what people said of earlier hits.

A mark says of one post whether it is about the brand. Marks move a name that the context guard judges, and none that
was clear by itself, unless most of those who looked said that it means something else. Who comes across an error marks
it and passes over what is right: so beside each error stand at most two hits that nobody marked, of those between the
oldest mark and the newest, as the guard judges them.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Subquery

from siach.language.guard import bias_of_marks
from siach.language.match import Matcher
from siach.org.models import Brand
from siach.talk import bulk
from siach.talk.actions.reading import names_of
from siach.talk.models import Correction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from siach.language.reading import BrandNames

MOST = 200  # the newest marks of a brand that teach
BESIDE = 2
DOUBTED_FROM = 10  # errors from which on a name that was clear by itself may be doubted
_LETTERS = 20_000  # of a text that are looked at

# The newest mark of each post in which a name was found, and the posts between them that nobody marked.
_MARKED = """
WITH told AS (
    SELECT DISTINCT ON (m.id) m.id, m.brand_id, m.post_id, m.said_at, c.now
    FROM talk_correction c JOIN talk_mention m ON m.id = c.mention_id
    WHERE c.field = 'about' AND m.org_id = %(org)s AND m.via = 1 ORDER BY m.id, c.id DESC
), newest AS (
    SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY brand_id ORDER BY id DESC) AS n FROM told) t
    WHERE n <= %(most)s
), span AS (
    SELECT brand_id, min(said_at) AS first, max(said_at) AS last, count(*) FILTER (WHERE now = 0) AS wrong
    FROM newest GROUP BY 1 HAVING count(*) FILTER (WHERE now = 0) > 0
), passed AS (
    SELECT m.brand_id, m.post_id FROM span s CROSS JOIN LATERAL (
        SELECT m.brand_id, m.post_id FROM talk_mention m
        WHERE m.brand_id = s.brand_id AND m.said_at BETWEEN s.first AND s.last AND m.via = 1
        AND NOT EXISTS (SELECT FROM talk_correction c WHERE c.mention_id = m.id AND c.field = 'about')
        ORDER BY m.said_at DESC, m.id DESC LIMIT s.wrong * %(beside)s
    ) m
)
SELECT t.brand_id, left(p.text, %(letters)s), t.now
FROM (SELECT brand_id, post_id, now FROM newest UNION ALL SELECT brand_id, post_id, NULL FROM passed) t
JOIN talk_post p ON p.id = t.post_id ORDER BY t.brand_id, p.id
"""

Name = tuple[int, str]  # brand's primary key, and one of its names


class Mark(NamedTuple):
    """A post that was looked at for a brand: whether it is about it, None where somebody passed it over."""

    brand: int
    text: str
    about: bool | None


def brands_of(org_id: int) -> dict[int, BrandNames]:
    """The brands that an organisation hears, by primary key."""
    return {brand.pk: names_of(brand) for brand in Brand.objects.filter(org_id=org_id).order_by("pk")}


def matcher_of(org_id: int) -> Matcher:
    """What finds the brands that an organisation hears."""
    return brands_and_matcher(org_id)[1]


def brands_and_matcher(org_id: int) -> tuple[dict[int, BrandNames], Matcher]:
    """The brands that an organisation hears, by primary key, and what finds them, by names and marks as they stand.

    One statement, and a second one when something was marked since this process asked last."""
    newest = Correction.objects.filter(field="about").order_by("-pk").values("pk")[:1]
    found = list(Brand.objects.filter(org_id=org_id).annotate(marked=Subquery(newest)).order_by("pk"))
    brands = {brand.pk: names_of(brand) for brand in found}
    marked = found[0].marked if found else None
    names = tuple(brands.values())
    return brands, _matcher(names, _learnt(org_id, names, marked) if marked else ())


@lru_cache(maxsize=64)
def _matcher(brands: tuple[BrandNames, ...], leanings: tuple[tuple[Name, float], ...]) -> Matcher:
    return Matcher(brands, dict(leanings))


@lru_cache(maxsize=64)
def _learnt(org_id: int, brands: tuple[BrandNames, ...], marked: int) -> tuple[tuple[Name, float], ...]:
    """The biases of names by marks; `marked`, the newest mark's key, says for how long they hold."""
    values = {"org": org_id, "most": MOST, "beside": BESIDE, "letters": _LETTERS}
    marks = [Mark(brand, text, None if now is None else now == 1) for brand, text, now in bulk.rows(_MARKED, values)]
    return tuple(sorted(leanings_of(marks, brands).items()))


def leanings_of(marks: Sequence[Mark], brands: Sequence[BrandNames]) -> dict[Name, float]:
    """The bias of each name that marks speak of, as `Matcher(leanings=...)` asks for it."""
    doubted = _doubted(marks, brands)
    judged = _judged(marks, Matcher(brands, dict.fromkeys(doubted, 0.0)))
    return {name: bias_of_marks(marked) for name, marked in judged.items()}


def _doubted(marks: Iterable[Mark], brands: Sequence[BrandNames]) -> list[Name]:
    """Names that are clear by themselves and, by most of those who looked, mean something else."""
    matcher = Matcher(brands)
    looked: dict[Name, list[bool]] = defaultdict(list)
    for mark in marks:
        found = matcher.find(mark.text)
        for name in {one.name for one in found if one.brand == mark.brand and one.rule == "name"}:
            looked[mark.brand, name].append(mark.about is False)
    return [name for name, wrong in looked.items() if sum(wrong) >= DOUBTED_FROM and 2 * sum(wrong) >= len(wrong)]


def _judged(marks: Iterable[Mark], matcher: Matcher) -> Mapping[Name, list[tuple[float, float]]]:
    """For each name the marks of its hits that the guard judged, as `bias_of_marks` asks for; of several in one text
    the likeliest."""
    judged: dict[Name, list[tuple[float, float]]] = defaultdict(list)
    for mark in marks:
        best: dict[str, float] = {}
        for found in (*matcher.find(mark.text), *matcher.set_aside(mark.text)):
            if found.brand == mark.brand and found.p is not None:
                best[found.name] = max(found.p, best.get(found.name, 0.0))
        for name, p in best.items():
            judged[mark.brand, name].append((p, p if mark.about is None else float(mark.about)))
    return judged
