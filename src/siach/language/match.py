"""Finding brands in texts: all names of all brands in one pass, by the rules of Hebrew writing.

A name is found where it stands as a word of its own, behind Hebrew prefixes (also with a quotation mark,
geresh or hyphen between prefix and name, also before Latin letters), as a hashtag, as a word of one, or as a handle.
It is never found inside a word in any other way. Other spellings and slips of a name are tried as well (`variants`).

A name that is also a common word is *doubtful*: it is the brand where another name of the brand that is not doubtful
stands in the text, where one of the owner's required words does, or, without such words, where the context guard
says so. An exclusion is a phrase that is written like the brand and is not it: every hit that touches one is dropped,
and so is every hit beside a forbidden word.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ahocorasick_rs import AhoCorasick, Implementation

from siach.language.clean import Origin, key
from siach.language.edges import PREFIX, PREFIX_LIMIT, Edge, edge_of, split_edge, switched_edge
from siach.language.frequency import Frequencies
from siach.language.guard import THRESHOLD, Around, Guard, around, log_odds, placed, probability, shipped
from siach.language.reading import BrandNames, Match, Rule
from siach.language.spellings import others
from siach.language.variants import SEPARATOR, alternatives, bare, plain

__all__ = ["PREFIX", "PREFIX_LIMIT", "Matcher"]

BESIDE = 5  # words between a name and a forbidden word that still stands beside it
TAGS_MOST = 60  # hits within longer words of hashtags that are looked into, in one text
_DFA_MOST = 3_000  # keys up to which the faster, larger automaton is built
_CERTAIN = log_odds(THRESHOLD)

Leanings = Mapping[tuple[int, str], float]  # brand and name -> bias


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a name, an exclusion, or a required or forbidden word of a brand."""

    brand: int
    name: str
    role: Literal["name", "exclusion", "required", "forbidden"] = "name"
    why: str = ""
    after: str = ""  # letters, one of which must stand directly before, as the last one of a prefix
    in_tag: bool = False  # only within a hashtag or handle
    is_word: bool = False  # one word, which may be a common one
    doubtful: bool = False
    bias: float = 0.0  # learnt from the owner's marks


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    form: _Form
    edge: Edge


@dataclass(slots=True)
class _Found:
    """What a text holds of one brand; spans are of the key."""

    hits: list[_Hit] = field(default_factory=list)
    exclusion: list[tuple[int, int]] = field(default_factory=list)
    required: list[tuple[int, int]] = field(default_factory=list)
    forbidden: list[tuple[int, int]] = field(default_factory=list)


class Matcher:
    """Finds the brands that were given, by their `name` and `names`. Built once, used for many texts.

    `leanings` are biases learnt from an owner's marks (`guard.bias_of_marks`), by brand and name; a name that has one
    is doubtful. `guard` is the one that is shipped unless another is given. `as_words`: what is looked for are words
    in their own sense, such as those of a topic, so that none is doubtful or spelt otherwise."""

    def __init__(
        self,
        brands: Sequence[BrandNames],
        leanings: Leanings | None = None,
        guard: tuple[Guard, Frequencies] | None = None,
        *,
        as_words: bool = False,
    ) -> None:
        self._guard, self._known = guard or shipped()
        self._as_words = as_words
        self._needs_word = {brand.id for brand in brands if brand.required}
        forms: dict[str, list[_Form]] = {}
        for brand in brands:
            for pattern, form in (*self._plain_forms(brand, leanings or {}), *_beside_names(brand)):
                forms.setdefault(pattern, []).append(form)
        taken = frozenset(forms)
        for brand in () if as_words else brands:
            for pattern, form in self._other_forms(brand, leanings or {}):
                if pattern not in taken:
                    forms.setdefault(pattern, []).append(form)
        self._forms = list(forms.values())
        self._automaton = (
            AhoCorasick(list(forms), implementation=Implementation.DFA if len(forms) < _DFA_MOST else None)
            if forms
            else None
        )

    def find(self, text: str) -> list[Match]:
        """The places where brands are named, in the order of the text. Of overlapping hits of one brand the
        longest stands; a name that two brands share is found for both."""
        return self._judged(text, kept=True)

    def find_many(self, texts: Iterable[str]) -> list[list[Match]]:
        """`find` for each text, in order, without the words by which the context guard decided."""
        return [self._judged(text, kept=True, told=False) for text in texts]

    def set_aside(self, text: str) -> list[Match]:
        """The places where a name stands and is not the brand, each with the rule that decided so."""
        return self._judged(text, kept=False)

    def surroundings(self, text: str) -> list[tuple[Match, Around]]:
        """Every place where a name stands, whatever would be said of it, with what the guard sees there."""
        folded, origin = key(text), Origin(text)
        hits = self._automaton.find_matches_as_indexes(folded, overlapping=True) if self._automaton else []
        return [
            (_match(origin, hit, "name"), _around(folded, hit))
            for found in self._gathered(folded, hits).values()
            for hit in _longest(found.hits)
        ]

    # --- judging the hits of a text -----------------------------------------------------------------------

    def _judged(self, text: str, *, kept: bool, told: bool = True) -> list[Match]:
        if self._automaton is None:
            return []
        folded = key(text)
        hits = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        if not hits:
            return []
        origin, matches = Origin(text), []
        for found in self._gathered(folded, hits).values():
            matches += [one for stands, one in self._judge(folded, origin, found, told) if stands is kept]
        return sorted(matches, key=lambda one: (one.start, one.brand))

    def _gathered(self, folded: str, hits: list[tuple[int, int, int]]) -> dict[int, _Found]:
        found: dict[int, _Found] = {}
        tags = TAGS_MOST if "#" in folded else 0
        for pattern, start, end in hits:
            forms = self._forms[pattern]
            edge = edge_of(folded, start, end)
            if edge is None and forms[0].why == "layout":
                edge = switched_edge(folded, start, end)
            elif edge is None and tags:
                tags -= 1
                edge = split_edge(folded, start, end, self._known)
            if edge is None:
                continue
            for form in forms:
                ours = found.setdefault(form.brand, _Found())
                if form.role != "name":
                    getattr(ours, form.role).append((start, end))
                elif _allowed(form, edge):
                    ours.hits.append(_Hit(start, end, form, edge))
        return found

    def _judge(self, folded: str, origin: Origin, found: _Found, told: bool) -> Iterator[tuple[bool, Match]]:
        """Each hit of one brand: whether it stands, and by which rule."""
        clear, excluded = _parted(found.hits, found.exclusion)
        for hit in _longest(excluded):
            yield False, _match(origin, hit, "exclusion")
        hits = list(_longest(clear))
        certain = False
        doubtful = []
        for hit in hits:
            if beside := _beside(folded, hit, found.forbidden):
                yield False, _match(origin, hit, "forbidden", context=_written(origin, [beside]))
            elif self._is_doubtful(folded, hit):
                doubtful.append(hit)
            else:
                certain = True
                yield True, _match(origin, hit, "name")
        for hit in doubtful:
            if certain:
                yield True, _match(origin, hit, "named")
            elif hit.form.brand in self._needs_word:
                yield self._required(origin, hit, found.required)
            else:
                yield self._guarded(folded, origin, hit, told)

    def _is_doubtful(self, folded: str, hit: _Hit) -> bool:
        form, edge = hit.form, hit.edge
        if edge.tag == "@" or form.doubtful:
            return form.doubtful and edge.tag != "@"
        if not (form.is_word and edge.joined) or edge.split or self._as_words:
            return False
        level = self._known.level
        return level(folded[edge.begin : hit.end]) > level(folded[hit.start : hit.end])

    def _required(self, origin: Origin, hit: _Hit, words: list[tuple[int, int]]) -> tuple[bool, Match]:
        apart = (span for span in words if span[1] <= hit.start or span[0] >= hit.end)
        stands = [span for span, _ in zip(apart, range(1), strict=False)]
        return bool(stands), _match(origin, hit, "required", context=_written(origin, stands))

    def _guarded(self, folded: str, origin: Origin, hit: _Hit, told: bool) -> tuple[bool, Match]:
        here = _around(folded, hit)
        logit = self._guard.logit(here, self._known) + hit.form.bias
        stands = logit >= _CERTAIN
        words = self._guard.deciding(here, self._known, for_it=stands) if told else ()
        spans = dict.fromkeys(placed(folded, hit.edge.begin, hit.end, word) for word in words)
        context = _written(origin, list(spans))
        return stands, _match(origin, hit, "context", p=probability(logit), context=context)

    # --- the forms of the names ---------------------------------------------------------------------------

    def _plain_forms(self, brand: BrandNames, leanings: Leanings) -> Iterator[tuple[str, _Form]]:
        for name in dict.fromkeys((brand.name, *brand.names)):
            bias = leanings.get((brand.id, name))
            for pattern, why, after, in_tag in _ways(name):
                is_word = pattern[0] != "@" and not SEPARATOR.search(pattern)
                doubtful = is_word and not why and self._is_doubted(brand, bias, pattern)
                yield pattern, _Form(brand.id, name, "name", why, after, in_tag, is_word, doubtful, bias or 0)

    def _is_doubted(self, brand: BrandNames, bias: float | None, word: str) -> bool:
        """Whether a name of one word is looked at in its context: the owner wishes it so, or it is a common word."""
        if self._as_words:
            return False
        return bias is not None or bool(brand.required) or self._known.is_common(word)

    def _other_forms(self, brand: BrandNames, leanings: Leanings) -> Iterator[tuple[str, _Form]]:
        """Alternatives: those of a doubtful name are as doubtful."""
        seen: set[str] = set()
        for name in dict.fromkeys((brand.name, *brand.names)):
            sign, folded = bare(name)
            if sign or not _has_letter(folded):
                continue
            is_word = not SEPARATOR.search(folded)
            bias = leanings.get((brand.id, name))
            doubtful = is_word and self._is_doubted(brand, bias, folded)
            for pattern, why in alternatives(name, folded, self._known):
                if pattern not in seen:
                    seen.add(pattern)
                    yield pattern, _Form(brand.id, name, "name", why, "", False, is_word, doubtful, bias or 0)


def _beside_names(brand: BrandNames) -> Iterator[tuple[str, _Form]]:
    """Exclusions, and words that are required or forbidden."""
    for name in brand.exclusions:
        for pattern, why, after, in_tag in _ways(name):
            yield pattern, _Form(brand.id, name, "exclusion", why, after, in_tag)
    for word in brand.required:
        yield from ((pattern, _Form(brand.id, word, "required")) for pattern in _spelt(word))
    for word in brand.forbidden:
        yield from ((pattern, _Form(brand.id, word, "forbidden")) for pattern in _spelt(word))


def _ways(name: str) -> Iterator[tuple[str, str, str, bool]]:
    """The plain ways to write a name. Nothing for a name without a letter or digit."""
    sign, folded = bare(name)
    if not _has_letter(folded):
        return
    if sign:
        yield sign + folded, "", "", False
    else:
        yield from plain(folded)


def _has_letter(folded: str) -> bool:
    return any(char.isalnum() for char in folded)


def _spelt(word: str) -> tuple[str, ...]:
    _sign, folded = bare(word)
    return (folded, *others(folded)) if _has_letter(folded) else ()


# --- hits -------------------------------------------------------------------------------------------------


def _allowed(form: _Form, edge: Edge) -> bool:
    if form.in_tag and not edge.tag:
        return False
    if (edge.switched and form.why != "layout") or (edge.split and form.why not in ("", "joined")):
        return False
    return not form.after or (edge.prefix[-1:] in form.after and edge.prefix != "")


def _parted(hits: list[_Hit], excluded: list[tuple[int, int]]) -> tuple[list[_Hit], list[_Hit]]:
    """Hits that touch no exclusion, and those that do."""
    merged: list[list[int]] = []
    for start, end in sorted(excluded):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    starts = [start for start, _ in merged]
    clear: list[_Hit] = []
    touched: list[_Hit] = []
    for hit in hits:
        before = bisect_right(starts, hit.end - 1) - 1
        (clear if before < 0 or merged[before][1] <= hit.start else touched).append(hit)
    return clear, touched


def _longest(hits: Iterable[_Hit]) -> Iterator[_Hit]:
    """Hits that do not overlap: the leftmost, and of those that begin together the longest."""
    reached = -1
    for hit in sorted(hits, key=lambda one: (one.start, -one.end)):
        if hit.start >= reached:
            reached = hit.end
            yield hit


def _around(folded: str, hit: _Hit) -> Around:
    return around(folded, hit.edge.begin, hit.start, hit.end, hit.edge.prefix, key(hit.form.name))


def _beside(folded: str, hit: _Hit, words: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The nearest of some words, which are in order, if it stands within a few words of a hit."""
    at = bisect_right(words, (hit.start, hit.end))
    for start, end in words[max(0, at - 1) : at + 1]:
        first, last = (end, hit.start) if start < hit.start else (hit.end, start)
        if last - first < 40 * BESIDE and folded.count(" ", first, last) <= BESIDE:
            return start, end
    return None


def _written(origin: Origin, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    """Spans of the key as they stand in the text."""
    return tuple(origin.text[slice(*origin.span(*span))] for span in spans)


def _match(origin: Origin, hit: _Hit, rule: Rule, *, p: float | None = None, context: tuple[str, ...] = ()) -> Match:
    first, last = origin.span(hit.start, hit.end)
    edge, form = hit.edge, hit.form
    codes = [
        {"#": "hashtag", "@": "handle"}.get(edge.tag, ""),
        edge.prefix and f"prefix:{edge.prefix}",
        form.why,
        "split" if edge.split else "",
    ]
    why = " ".join(code for code in codes if code) or "exact"
    return Match(form.brand, first, last, form.name, edge.prefix, why, rule, p, context)
