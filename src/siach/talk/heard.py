"""Posts as the steps of the pipeline take them: read for a whole batch at once, narrow, and never written back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siach.talk import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """A post with what its author is. `answers_us`: it answers words of an account of ours."""

    pk: int
    author_id: int
    thread_id: int
    network: str
    text: str
    reason: str
    parent_key: str
    is_live: bool
    is_private: bool
    source_id: int | None
    said_at: datetime
    heard_at: datetime
    is_ours: bool
    is_closed: bool
    part: str
    answers_us: bool


# Authors and parents are found row by row, by their keys: joined, a table whose statistics are stale is scanned
# once a post.
_HEARD = """
SELECT p.id, p.author_id, p.thread_id, p.network, p.text, p.reason, p.parent_key, p.is_live, p.is_private,
    p.source_id, p.said_at, p.heard_at,
    a.is_ours, a.is_closed, a.part,
    p.parent_id IS NOT NULL AND coalesce((SELECT o.is_ours FROM talk_author o WHERE o.id =
        (SELECT q.author_id FROM talk_post q WHERE q.id = p.parent_id)), false)
FROM talk_post p CROSS JOIN LATERAL (SELECT * FROM talk_author WHERE id = p.author_id LIMIT 1) a
WHERE p.id = ANY(%s) AND p.state <> 'erased'
ORDER BY p.said_at, p.id
"""


def heard(posts: Sequence[int]) -> list[Heard]:
    """These posts (primary keys) that were not erased, in the order they were said."""
    return [Heard(*row) for row in bulk.rows(_HEARD, [list(posts)])]
