"""A post before it has words."""

from __future__ import annotations

from dataclasses import dataclass, field

from siach.world.data import Language


@dataclass(slots=True)
class Draft:
    """`at`: seconds since 1970. `author`: a number of the cast. `kind`: a section of the word lists. `parent`, `root`:
    other drafts. `role`: who had better say it, "" for anybody. `product`, `branch`: keys that the words must keep to,
    "" for any. `agent`: who of the team writes. `replies`: how many it draws, None for what is usual there. `number`:
    its place in the order of time. `answers`: how many it got. `is_good`: of an answer by the brand. `used`: the lines
    that were said in the thread that it began. `same`: another whose very words it repeats."""

    at: float
    network: str
    place: str
    author: int
    kind: str
    story: str
    language: Language = "he"
    parent: Draft | None = None
    root: Draft | None = None
    role: str = ""
    product: str = ""
    branch: str = ""
    agent: str = ""
    replies: int | None = None
    is_private: bool = False
    number: int = -1
    answers: int = 0
    is_good: bool | None = None
    used: set[str] = field(default_factory=set)
    same: Draft | None = None

    @property
    def is_stormy(self) -> bool:
        """Whether a storm is what it belongs to, not the world."""
        return self.story.startswith("storm-")
