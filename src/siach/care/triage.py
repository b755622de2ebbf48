"""Which posts become cases by themselves, and how grave they are."""

from __future__ import annotations

from typing import Protocol

from siach.calc.priority import URGENT, Intent, priority
from siach.talk.models import Mention, Part


class Speaker(Protocol):
    """What is asked of whoever said something: an Author, or a post that knows."""

    @property
    def is_ours(self) -> bool: ...
    @property
    def part(self) -> str: ...


class Said(Protocol):
    """What is asked of a post about a brand: a Mention, or what stands of one."""

    @property
    def via(self) -> int: ...
    @property
    def sentiment(self) -> int: ...
    @property
    def negative(self) -> int: ...
    @property
    def intent(self) -> int: ...
    @property
    def urgency(self) -> int: ...
    @property
    def is_safety(self) -> bool: ...


_INTENTS: dict[int, Intent] = {
    Mention.Intent.OTHER: "other",
    Mention.Intent.COMPLAINT: "complaint",
    Mention.Intent.QUESTION: "question",
    Mention.Intent.PRAISE: "praise",
}
_TO_US = frozenset({Mention.Via.NAMED, Mention.Via.ADDRESSED, Mention.Via.BY_HAND})
_OUR_SIDE = frozenset({Part.BRAND, Part.STAFF})


def is_customer(author: Speaker) -> bool:
    """Whether what this author says may wait for an answer of ours: not our accounts, not our people."""
    return not author.is_ours and author.part not in _OUR_SIDE


def opens_case(mention: Said) -> bool:
    """The rule: safety, a complaint, a question put to us, or something negative and urgent.

    Praise and plain news open nothing; nor does a question that others are asked in a thread about us.
    """
    if mention.is_safety or mention.intent == Mention.Intent.COMPLAINT:
        return True
    if mention.intent == Mention.Intent.QUESTION:
        return mention.via in _TO_US
    return mention.sentiment == Mention.Sentiment.NEGATIVE and mention.urgency >= URGENT


def is_thanks(mention: Said) -> bool:
    """A plain thank-you: it is kept with its case but asks for no answer once the case has ended."""
    return mention.intent == Mention.Intent.PRAISE and mention.sentiment == Mention.Sentiment.POSITIVE


def priority_of(mention: Said, *, repeat: bool) -> int:
    """The priority of what this mention says, P1 to P5."""
    return priority(
        intent=_INTENTS[mention.intent],
        negative=mention.negative / 1000,
        urgency=mention.urgency,
        safety=mention.is_safety,
        repeat=repeat,
    )
