"""Which case comes first, and how much time its answer has.

Scale: P1 (gravest) to P5. Targets of the first public reply: 10 min, 30 min, 1 h, 4 h, 24 h; every later
reply may take half as long again. Warnings stand at 50 and 80 percent of a target. All of these are the
defaults of our own practice, set above what customers say they expect (half of them: within an hour).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Intent = Literal[
    "other",
    "complaint",
    "question",
    "praise",
    "request",
    "defence",
    "attack",
    "boycott",
    "purchase",
    "spam",
    "news",
]
Level = Literal["calm", "soon", "late"]

PRIORITIES = (1, 2, 3, 4, 5)
FIRST_REPLY: dict[int, timedelta] = {
    1: timedelta(minutes=10),
    2: timedelta(minutes=30),
    3: timedelta(hours=1),
    4: timedelta(hours=4),
    5: timedelta(hours=24),
}
NEXT_REPLY = 1.5
WARNINGS = (50, 80)
ANGRY = 0.9
URGENT = 2


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock. `left` is negative once the target has passed; `share` is the part of the target
    still left, 0 to 1; `warned` is the last warning passed in percent of the target used: 0, 50, 80 or 100.
    `level`: calm below the first warning, soon above it, late once the target has passed."""

    left: timedelta
    share: float
    warned: int
    level: Level


def priority(*, intent: Intent, negative: float, urgency: int, safety: bool, repeat: bool = False) -> int:
    """P1 safety; P2 a call to boycott, an angry, urgent or repeated complaint or attack; P3 complaint and attack; P4
    question, request and other; P5 praise, a defence and spam.

    `negative` is the probability (0 to 1) that the post is negative, `urgency` goes from 0 to 3, `repeat`
    says that this person already complained once and was answered.
    """
    if safety:
        return 1
    if urgency >= URGENT and negative > 0.5:
        return 2
    if intent == "boycott":
        return 2
    if intent in ("complaint", "attack"):
        return 2 if repeat or negative >= ANGRY else 3
    return 5 if intent in ("praise", "defence", "spam") else 4


def first_reply_target(priority: int) -> timedelta:
    """How long the first public reply may take. KeyError for no priority."""
    return FIRST_REPLY[priority]


def reply_target(priority: int, *, answered: bool) -> timedelta:
    """How long the next reply may take: the first-reply target, half as long again once we answered."""
    first = FIRST_REPLY[priority]
    return first * NEXT_REPLY if answered else first


def clock(waiting_since: datetime, priority: int, at: datetime, *, answered: bool = False) -> Clock:
    """The clock of somebody who waits since `waiting_since`, read at `at`.

    It counts wall-clock time: nights, Fridays and holidays count, as they do for the person who waits.
    """
    target = reply_target(priority, answered=answered)
    used = max(0.0, (at - waiting_since) / target)
    percent = round(100 * used, 6)
    warned = max((mark for mark in (0, *WARNINGS, 100) if percent >= mark), default=0)
    level: Level = "late" if warned == 100 else "soon" if warned else "calm"
    return Clock(left=waiting_since + target - at, share=max(0.0, 1.0 - used), warned=warned, level=level)
