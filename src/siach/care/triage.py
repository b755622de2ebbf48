"""Which posts become cases by themselves, and how grave they are."""

from __future__ import annotations

from typing import Protocol

from siach.calc.priority import URGENT, priority
from siach.language.reading import intent_of
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


_Kind = Mention.Intent
#: What somebody says who was wronged, as they see it: a second one by the same person weighs more.
GRIEVANCES = frozenset({_Kind.COMPLAINT, _Kind.ATTACK, _Kind.BOYCOTT})
_OPENS = frozenset({_Kind.COMPLAINT, _Kind.BOYCOTT})
_ASKS_US = frozenset({_Kind.QUESTION, _Kind.REQUEST, _Kind.ATTACK})
_TO_US = frozenset({Mention.Via.NAMED, Mention.Via.ADDRESSED, Mention.Via.BY_HAND})
_OUR_SIDE = frozenset({Part.BRAND, Part.STAFF})


def is_customer(author: Speaker) -> bool:
    """Whether what this author says may wait for an answer of ours: not our accounts, not our people."""
    return not author.is_ours and author.part not in _OUR_SIDE


def opens_case(mention: Said) -> bool:
    """The rule: safety, a complaint, a call to boycott; a question, a request or an attack put to us; or something
    negative and urgent.

    A boycott is called wherever it is read, so it opens even in a thread. What others are asked, or called, in a thread
    about us opens nothing: under a quarrel there would be a case for each voice. Praise, a defence, a purchase and
    plain news open nothing, and spam not even where it cries.
    """
    if mention.is_safety or mention.intent in _OPENS:
        return True
    if mention.intent in _ASKS_US and mention.via in _TO_US:
        return True
    if mention.intent in (Mention.Intent.QUESTION, Mention.Intent.SPAM):
        return False
    return mention.sentiment == Mention.Sentiment.NEGATIVE and mention.urgency >= URGENT


def is_thanks(mention: Said) -> bool:
    """A plain thank-you, or a good word for us: it is kept with its case but asks for no answer once that has ended."""
    is_kind = mention.intent in (Mention.Intent.PRAISE, Mention.Intent.DEFENCE)
    return is_kind and mention.sentiment == Mention.Sentiment.POSITIVE


def priority_of(mention: Said, *, repeat: bool) -> int:
    """The priority of what this mention says, P1 to P5."""
    return priority(
        intent=intent_of(mention.intent),
        negative=mention.negative / 1000,
        urgency=mention.urgency,
        safety=mention.is_safety,
        repeat=repeat,
    )
