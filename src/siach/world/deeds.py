"""What the brand's team did about it, as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from siach.world.cast import TEAM, Cast
from siach.world.data import Deed, Language, Place, Said
from siach.world.draft import Draft
from siach.world.gestures import gestures
from siach.world.rhythm import Rhythm
from siach.world.words import Product, called, products, rows, section_of, towns

#: The incident of the bin: opened in the morning after, closed when it had been quiet for three days.
_OPENED, _CLOSED = timedelta(hours=11), timedelta(days=8)
MINUTE = 60
#: Whose words may go out only once the spokesperson granted them.
GRAVE = {"thing", "label", "allergy"}
SPOKESPERSON = "gal"
#: How long before words leave they were granted: the time in which they could still be taken back.
_UNDO = 10
#: Who looks through what nobody answers, and how much of it.
_LOOKERS = {"merav": 5, "noa": 3, "yael": 2, "ido": 2}
#: The share of matters without an answer that became cases at all.
_NOTED = 0.35
#: How many matters of customers who were not content were resolved before they said so.
_TOO_SOON = 0.4
#: Since when somebody looked at everything that came, whatever it was: so long before the end.
_LOOKED = timedelta(days=21).total_seconds()
#: How long before the end the words about the label were written that wait for a grant.
_WAITING = 4 * MINUTE
_NAMES = {key: name for key, name, _gender, _role in TEAM}


class Desk:
    """What was done about each post, in the order of time within one matter."""

    def __init__(
        self,
        rng: Random,
        drafts: Sequence[Draft],
        keys: Sequence[str],
        rhythm: Rhythm,
        cast: Cast,
        places: Mapping[str, Place],
        told: Language,
    ) -> None:
        """`told`: the language in which the team writes its notes."""
        self.told = told
        self.rng, self.keys, self.rhythm, self.cast, self.places = rng, keys, rhythm, cast, places
        self.ours = cast.number["aluma"]
        self.answers = {id(one.parent): one for one in drafts if one.author == self.ours and one.agent}
        self.own: dict[int, list[Draft]] = defaultdict(list)
        for one in drafts:
            if one.root is not None and one.author == one.root.author:
                self.own[id(one.root)].append(one)
        self._notes: dict[str, list[str]] = defaultdict(list)
        for key, text in rows(f"{told}/notes.tsv"):
            self._notes[key].append(text)

    def about(self, draft: Draft) -> Iterator[Deed]:
        """Everything that was done about one post of somebody else."""
        answer = self.answers.get(id(draft))
        if draft.kind == "sesame_wait":
            yield from self._waiting(draft)
        elif draft.kind == "sesame_root":
            yield self._did("case", draft.at + 20, "", draft)
        elif answer is None:
            yield from self._unanswered(draft)
        elif section_of(draft.language, draft.kind).intent not in ("complaint", "question"):
            return
        elif self.places[draft.place].is_closed:
            yield self._opened(draft, answer.agent, answer.at - self._minutes(1, 3))
            yield self._did("aside", answer.at + self._minutes(1, 9), answer.agent, draft, text="answered_elsewhere")
        else:
            yield from self._answered(draft, answer)

    def _opened(self, draft: Draft, agent: str, begun: float) -> Deed:
        """A case: by rule within a minute and a half, now and then by hand when somebody came upon it and began."""
        if self.rng.random() < 0.05:
            return self._did("case", max(draft.at, begun), agent, draft)
        return self._did("case", draft.at + self.rng.randint(5, 90), "", draft)

    def _answered(self, draft: Draft, answer: Draft) -> Iterator[Deed]:
        """Taken within the hour before it is answered, maybe noted, granted where it must be, answered, and brought to
        its end."""
        rng, agent = self.rng, answer.agent
        worked = min(answer.at - draft.at, MINUTE * rng.uniform(8, 45))
        taken = answer.at - worked * rng.uniform(0.45, 0.7)
        yield self._opened(draft, agent, answer.at - 0.75 * worked)
        yield self._did("take", taken, agent, draft)
        if rng.random() < (0.6 if draft.kind in GRAVE else 0.22):
            yield self._noted(draft, taken + (answer.at - taken) * rng.uniform(0.1, 0.4), agent)
        if draft.kind in GRAVE:
            yield from self._granted(draft, answer, taken + 0.5 * (answer.at - taken))
        words = self.keys[answer.number]
        yield self._did("answer", answer.at, agent, draft, words=words, is_good=answer.is_good)
        yield from self._ended(draft, answer)

    def _granted(self, draft: Draft, answer: Draft, asked: float) -> Iterator[Deed]:
        """Asked of the spokesperson and granted; some of the good ones were sent back first, and mended."""
        words, agent, granted = self.keys[answer.number], answer.agent, answer.at - _UNDO
        if answer.is_good and self.rng.random() < 0.3:
            refused = asked + 0.5 * (granted - asked)
            yield self._did("ask", asked, agent, draft, words=words)
            yield self._did("refuse", refused, SPOKESPERSON, draft, words=words, text=self._note("refuse", draft))
            asked = refused + 0.5 * (granted - refused)
        yield self._did("ask", asked, agent, draft, words=words)
        yield self._did("grant", granted, SPOKESPERSON, draft, words=words)

    def _ended(self, draft: Draft, answer: Draft) -> Iterator[Deed]:
        """Resolved after what the customer said last, or once they had been silent for a day or two. Now and then it
        was resolved too soon: they were not content, and said so."""
        last = answer.at
        for own in self.own[id(draft)]:
            if own.at <= last:
                continue
            ended = self.rhythm.office(self.rng, own.at + self._minutes(2, 55))
            if own.kind.endswith("/still"):
                if self.rng.random() < _TOO_SOON:
                    yield self._did("resolve", last + 0.4 * (own.at - last), answer.agent, draft)
                yield self._did("note", ended - MINUTE, answer.agent, draft, text=self._note("still", draft))
            yield self._did("resolve", ended, answer.agent, draft)
            last = ended
        if last == answer.at:
            quiet = self.rhythm.office(self.rng, answer.at + self._minutes(20 * 60, 50 * 60))
            yield self._did("resolve", quiet, answer.agent, draft)

    def _unanswered(self, draft: Draft) -> Iterator[Deed]:
        """Somebody looked at it and saw that nothing need be said here, and why."""
        section = section_of(draft.language, draft.kind)
        asks = draft.parent is None and section.intent in ("complaint", "question")
        if asks and self.rng.random() < _NOTED:
            yield self._did("case", draft.at + self.rng.randint(5, 90), "", draft)
        elif draft.at < self.rhythm.end - _LOOKED:
            return
        looked = draft.at + MINUTE * max(6.0, self.rng.lognormvariate(2.9, 0.7))
        if draft.story != "sesame":
            looked = self.rhythm.office(self.rng, looked)
        by = "merav" if draft.story == "sesame" else self.rng.choices([*_LOOKERS], [*_LOOKERS.values()])[0]
        yield self._did("aside", looked, by, draft, text=self._reason(draft, section.target))

    def _reason(self, draft: Draft, target: str) -> str:
        if draft.kind == "spam":
            return "spam"
        if target not in ("brand", "both"):
            return "not_about_us"
        is_shut = self.places[draft.place].is_closed
        return "answered_elsewhere" if draft.story == "sesame" or (is_shut and draft.parent is None) else "no_answer"

    def _waiting(self, draft: Draft) -> Iterator[Deed]:
        """An answer about the label: written, and waiting for the spokesperson."""
        asked = self.rhythm.end - _WAITING
        yield self._did("case", draft.at + 20, "", draft)
        yield self._did("take", asked - 2 * MINUTE, "ido", draft)
        yield self._did("note", asked - MINUTE, "ido", draft, text=self._note("label", draft))
        yield self._did("ask", asked, "ido", draft, text=self._note("sesame", draft, agent="ido"))

    def _noted(self, draft: Draft, at: float, by: str) -> Deed:
        intent = section_of(draft.language, draft.kind).intent
        kind = "safety" if draft.kind in GRAVE or draft.story == "sesame" else "question"
        kind = kind if kind == "safety" or intent == "question" else "work"
        return self._did("note", at, by, draft, text=self._note(kind, draft))

    def _note(self, kind: str, draft: Draft, agent: str = "noa") -> str:
        town = next((one.names[self.told] for one in towns() if one.key == draft.branch), "")
        product = next((_definite(one, self.told) for one in products() if one.key == draft.product), "")
        to = self.cast.people[draft.author].name.split()[0]
        fitting = [
            text for text in self._notes[kind] if (town or "{b}" not in text) and (product or "{hp}" not in text)
        ]
        agent = called(self.told).get(agent, _NAMES[agent])
        return self.rng.choice(fitting).format(b=town, hp=product, to=to, agent=agent)

    def _minutes(self, low: int, high: int) -> int:
        return MINUTE * self.rng.randint(low, high)

    def _did(
        self,
        kind: str,
        at: float,
        by: str,
        draft: Draft,
        *,
        words: str = "",
        text: str = "",
        is_good: bool | None = None,
    ) -> Deed:
        when = datetime.fromtimestamp(round(at), UTC)
        return Deed(kind, when, by, self.keys[draft.number], words, is_good, text)


def _definite(product: Product, told: Language) -> str:
    return product.definite if told == "he" else f"the {product.foreign[told]}"


def deeds(
    rng: Random,
    drafts: list[Draft],
    said: Sequence[Said],
    rhythm: Rhythm,
    cast: Cast,
    places: Iterable[Place],
    told: Language = "he",
) -> list[Deed]:
    """In the order of time, up to the end of the world: the cases with all that was done in them, what came to
    nothing, gestures, and the one incident. `said[i]` is what `drafts[i]` became; `told`: the language of the notes."""
    keys = [one.key for one in said]
    desk = Desk(rng, drafts, keys, rhythm, cast, {place.key: place for place in places}, told)
    found: list[Deed] = []
    for draft in drafts:
        if draft.author != desk.ours:
            found += desk.about(draft)
        if draft.kind == "bin_root":
            at = datetime.fromtimestamp(round(draft.at), UTC)
            found.append(Deed("incident-open", at + _OPENED, "noa", keys[draft.number]))
            found.append(Deed("incident-close", at + _CLOSED, "noa", keys[draft.number]))
    found += gestures(rng, drafts, keys, [one.text for one in said], [*found])
    end = datetime.fromtimestamp(rhythm.end, UTC)
    return sorted((one for one in found if one.at < end), key=lambda one: one.at)
