"""The reader in force trained on what people judged of one source, in one language, where it is proven to be better.

From 400 judged posts of a language on, the newest 5,000 teach. What is learnt stands beside the reader's own score
(`language.learning`) and is in force only where it helps there and forgets nothing (`language.proving`); else the
source's calibration stays, and Sources says why. A language without gold posts is never trained.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siach.language.learning import packed
from siach.language.own_posts import own_posts
from siach.language.proving import Posts, Proven, proven
from siach.language.reading import SENTIMENTS
from siach.talk import bulk
from siach.talk.actions.reading import read_as_gold
from siach.talk.models import Training

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.calc.calibration import Three
    from siach.language.reading import Language
    from siach.talk.models import ReaderRun, Source

LEAST, MOST = 400, 5_000
Outcome = Training.Outcome

# Posts that stand are locked against going until this commits: what goes after it drops what was learnt.
_STANDING = """
SELECT p.id FROM talk_post p JOIN talk_mention m ON m.post_id = p.id
WHERE m.id = ANY(%s) AND m.is_about AND p.state <> 'erased' ORDER BY p.id FOR KEY SHARE OF p
"""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A mention (primary key), its language, its text without the brand's name, the reader's own score of it, and what
    a person said, or None where nobody did. `weight`: how many posts it stands for."""

    mention: int
    language: Language
    text: str
    p: Three
    said: int | None
    weight: float = 1.0

    @property
    def truth(self) -> Three:
        if self.said is None:
            return self.p
        negative, neutral, positive = (float(one == self.said) for one in SENTIMENTS)
        return negative, neutral, positive


@dataclass(frozen=True, slots=True)
class Tried:
    """What training came to in a language, on so many judged posts; `taught` are all mentions that it saw."""

    language: Language
    judged: int
    taught: tuple[int, ...]
    proven: Proven

    @property
    def outcome(self) -> Outcome:
        if self.proven.helped is None:
            return Outcome.FORGOT
        return Outcome.IN_FORCE if self.proven.learnt else Outcome.NO_HELP


def tried(judged: Sequence[Lesson], beside: Sequence[Lesson]) -> list[Tried]:
    """Training on these posts, in each language of which enough were judged."""
    by_language: dict[Language, list[Lesson]] = defaultdict(list)
    for one in judged:
        by_language[one.language].append(one)
    return [
        _tried(language, lessons, [one for one in beside if one.language == language])
        for language, lessons in sorted(by_language.items())
        if len(lessons) >= LEAST and own_posts("gold", language)
    ]


def _tried(language: Language, judged: Sequence[Lesson], beside: Sequence[Lesson]) -> Tried:
    lessons = sorted((*judged, *beside), key=lambda one: one.mention)
    posts = Posts(
        [one.text for one in lessons],
        np.array([one.p for one in lessons]),
        np.array([one.truth for one in lessons]),
        np.array([one.weight for one in lessons]),
    )
    told = proven(posts, np.array(read_as_gold(language)), language)
    return Tried(language, len(judged), tuple(one.mention for one in lessons), told)


def keep(source: Source, run: ReaderRun, found: Sequence[Tried], *, at: datetime) -> list[str]:
    """Keep what training came to, instead of what was kept of the source before. The languages in which it is in force:
    not those in which a post that taught went meanwhile."""
    outcomes = {one.language: one.outcome if _stands(one) else Outcome.DROPPED for one in found}
    Training.objects.filter(source=source).delete()
    for one in found:
        helped, in_force = one.proven.helped, outcomes[one.language] == Outcome.IN_FORCE
        Training.objects.create(
            source=source,
            language=one.language,
            run=run,
            outcome=outcomes[one.language],
            judged=one.judged,
            before=helped.before if helped else None,
            after=helped.after if helped else None,
            head=packed(one.proven.learnt) if one.proven.learnt and in_force else None,
            taught=list(one.taught) if in_force else [],
            at=at,
        )
    return [language for language, outcome in outcomes.items() if outcome == Outcome.IN_FORCE]


def _stands(one: Tried) -> bool:
    """Whether all posts that taught are still there."""
    return one.proven.learnt is None or len(bulk.rows(_STANDING, [list(one.taught)])) == len(one.taught)
