"""What the brand gave as goodwill: told in its answers, in its notes, by the customers, or by nobody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random

from siach.world.data import Deed
from siach.world.draft import Draft
from siach.world.words import section_of

#: Whole shekels that one gesture of each kind was worth.
WORTH: Mapping[str, tuple[int, ...]] = {
    "refund": (20, 24, 32, 46, 58, 84, 120),
    "credit": (20, 30, 40, 50),
    "voucher": (50, 50, 80, 100),
    "replacement": (24, 32, 46, 58),
    "box": (70, 90, 120),
}
#: What the brand's own words, an answer or a note, say was given.
_PROMISED = (
    (re.compile("נרשם זיכוי של 40|הזיכוי כבר אצלך|זיכיתי אותך|סוכם על זיכוי|credit of 40|on a credit"), "credit"),
    (
        re.compile(
            "ההחזר אצלך|ההחזר יצא|את ההחזר בעצמי|ביטלתי את דמי המשלוח|"
            "refund (is on its way|is done|went out)|did the refund|money back|fee is cancelled"
        ),
        "refund",
    ),
    (re.compile("יוצא אליך עכשיו, בלי עלות|מחכה .+ על שמך|is on his way to you|new one in your name"), "replacement"),
    (re.compile("נשלח שובר|voucher was sent"), "voucher"),
)
#: And what customers say they were given.
_CONFIRMED = (
    (re.compile("קיבלתי זיכוי|(סיכמנו|סגרנו) על זיכוי|(settled on|got) a credit"), "credit"),
    (re.compile("קיבלתי החזר|(סיכמנו|סגרנו) על החזר|הוחזר לי|Got the refund|(settled on|got) a refund"), "refund"),
    (re.compile("(סיכמנו|סגרנו) על מאפה חדש|settled on a new order"), "replacement"),
)
#: Sums that the words name.
_NAMED = {"נרשם זיכוי של 40": 40, "credit of 40": 40, "ביטלתי את דמי המשלוח": 20, "fee is cancelled": 20}
#: After which complaints a box of pastries is sent that nobody speaks of, and how often.
_BOXED = {"rude": 0.12, "thing": 0.3, "wait": 0.04, "dirty": 0.1, "delivery_down": 0.05}
#: Whose word it needs from so many shekels on.
DEAR, OWNER = 100, "noa"
_LATER = (20, 50)


def gestures(
    rng: Random, drafts: Sequence[Draft], keys: Sequence[str], texts: Sequence[str], done: Iterable[Deed]
) -> Iterator[Deed]:
    """One a matter at most, where a complaint was answered: `done` is what else was done, `texts` are the words of
    `drafts`, each known by its place in `keys`."""
    place = {key: number for number, key in enumerate(keys)}
    own = _own(drafts, keys)
    for post, deeds in _told(done).items():
        root = drafts[place[post]]
        answer = next((one for one in deeds if one.kind == "answer"), None)
        if answer is not None and section_of(root.language, root.kind).intent == "complaint":
            later = [one for one in own[post] if one.at > answer.at.timestamp()]
            told = [(texts[place[one.words]] if one is answer else one.text, one) for one in deeds]
            if found := _given(rng, root, answer, told, later, texts):
                yield _deed(found, answer, later, keys)


def _told(done: Iterable[Deed]) -> Mapping[str, list[Deed]]:
    """Where the brand's own words stand, by the key of the post that they are about."""
    found: dict[str, list[Deed]] = defaultdict(list)
    for deed in done:
        if deed.kind in ("answer", "note"):
            found[deed.post].append(deed)
    return found


def _own(drafts: Sequence[Draft], keys: Sequence[str]) -> Mapping[str, list[Draft]]:
    """What whoever began a thread said in it later, by the key of its first post."""
    found: dict[str, list[Draft]] = defaultdict(list)
    for one in drafts:
        if one.root is not None and one.author == one.root.author:
            found[keys[one.root.number]].append(one)
    return found


_Given = tuple[str, int, float]


def _given(
    rng: Random,
    root: Draft,
    answer: Deed,
    told: Iterable[tuple[str, Deed]],
    later: Sequence[Draft],
    texts: Sequence[str],
) -> _Given | None:
    """The kind, the worth and the moment: as the words have it, and else now and then a box."""
    for words, deed in told:
        if found := _said(rng, words, _PROMISED):
            # What a note tells is done by then, what an answer promises a few minutes behind it.
            return *found, deed.at.timestamp() + (60 * rng.randint(1, 6) if deed is answer else 0)
    for one in later:
        if found := _said(rng, texts[one.number], _CONFIRMED):
            begun = answer.at.timestamp()
            return *found, begun + (one.at - begun) * rng.uniform(0.3, 0.8)
    if answer.is_good and rng.random() < _BOXED.get(root.kind, 0.0):
        return "box", rng.choice(WORTH["box"]), answer.at.timestamp() + 60 * rng.randint(*_LATER)
    return None


def _said(rng: Random, words: str, patterns: Iterable[tuple[re.Pattern[str], str]]) -> tuple[str, int] | None:
    for pattern, kind in patterns:
        if told := pattern.search(words):
            return kind, _NAMED.get(told[0]) or rng.choice(WORTH[kind])
    return None


def _deed(given: _Given, answer: Deed, later: Sequence[Draft], keys: Sequence[str]) -> Deed:
    """With the first word of the customer's that came behind it."""
    kind, worth, moment = given
    at = answer.at + timedelta(seconds=round(moment - answer.at.timestamp()))
    heard = next((one for one in later if one.at > at.timestamp()), None)
    by = OWNER if worth >= DEAR else answer.by
    if heard is None:
        return Deed("gesture", at, by, answer.post, text=kind, worth=worth, outcome="silent")
    part = heard.kind.rpartition("/")[2]
    outcome = part if part in ("thanks", "still") else "spoke"
    return Deed("gesture", at, by, answer.post, keys[heard.number], text=kind, worth=worth, outcome=outcome)
