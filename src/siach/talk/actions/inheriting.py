"""The steps behind reading: answers find the brand of their thread, whichever of the two was heard first.

Both run behind the commit of `understand`, so that of two batches carried at once the later sees the earlier's.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from siach.org.live import signal
from siach.talk import bulk
from siach.talk.actions.naming import brands_of
from siach.talk.actions.understanding import About, write
from siach.talk.models import Batch, Mention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.talk.heard import Heard

AT_ONCE = 5_000

# A post whose own batch was not read yet may still name a brand by itself; one that a step could not take waits for
# a person.
_LATE = """
SELECT p.id FROM talk_post p JOIN talk_author a ON a.id = p.author_id
WHERE p.thread_id = ANY(%s) AND p.state = 'heard' AND (p.parent_key <> '' OR a.is_closed) AND NOT a.is_ours
AND p.id <> ALL(%s)
AND NOT EXISTS (SELECT FROM talk_mention m WHERE m.post_id = p.id)
AND NOT EXISTS (SELECT FROM talk_setaside s WHERE s.post_id = p.id AND s.settled_at IS NULL)
AND EXISTS (SELECT FROM talk_post q JOIN talk_mention m ON m.post_id = q.id WHERE q.thread_id = p.thread_id)
AND p.id NOT IN (SELECT unnest(posts) FROM talk_batch WHERE done_at IS NULL AND step = 0)
LIMIT %s
"""
_NAMED = "SELECT DISTINCT post_id FROM talk_mention WHERE post_id = ANY(%s)"
_OF_THREADS = """
SELECT DISTINCT p.thread_id, m.brand_id FROM talk_post p JOIN talk_mention m ON m.post_id = p.id
WHERE p.thread_id = ANY(%s) AND m.is_about ORDER BY 2
"""


def join(batch: Batch, posts: Sequence[Heard], *, at: datetime) -> None:
    """Answers that were heard before the post that names their brand join its batch, to go with it from here on."""
    if batch.given or not posts:
        return
    threads = sorted({post.thread_id for post in posts})
    late = sorted(pk for (pk,) in bulk.rows(_LATE, [threads, batch.posts, AT_ONCE]))
    if late:
        batch.posts = [*batch.posts, *late]
        batch.save(update_fields=["posts"])


def inherit(batch: Batch, posts: Sequence[Heard], *, at: datetime) -> None:
    """A customer's "and when?" has no brand name and still belongs to its thread."""
    if batch.given:
        return
    named = {pk for (pk,) in bulk.rows(_NAMED, [[post.pk for post in posts]])}
    quiet = [post for post in posts if _belongs(post) and post.pk not in named]
    brands = _brands_of({post.thread_id for post in quiet})
    abouts = [About(post, brand, Mention.Via.THREAD) for post in quiet for brand in brands[post.thread_id]]
    if abouts:
        write(batch.org_id, abouts, brands_of(batch.org_id))
        signal(batch.org_id, "stream")


def _brands_of(threads: set[int]) -> dict[int, list[int]]:
    """Thread -> the brands that its posts are about."""
    brands: dict[int, list[int]] = defaultdict(list)
    for thread, brand in bulk.rows(_OF_THREADS, [sorted(threads)]) if threads else ():
        brands[thread].append(brand)
    return brands


def _belongs(post: Heard) -> bool:
    """An answer belongs to its thread; in a captured thread everything does."""
    return not post.is_ours and (bool(post.parent_key) or post.is_closed)
