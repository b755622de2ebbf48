"""The first step of the pipeline: which brands a post is about by itself, and what it says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from siach.language.match import Matcher
from siach.language.reading import BrandNames
from siach.org.live import signal
from siach.org.models import Topic
from siach.talk import bulk
from siach.talk.actions.naming import brands_and_matcher
from siach.talk.actions.reading import ToRead, codes, domain_of, read_here
from siach.talk.models import Mention, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from siach.language.reading import Reading
    from siach.talk.heard import Heard
    from siach.talk.models import Batch, ReaderRun

Via = Mention.Via
_ADDRESSING = ("mention", "reply", "quote")
_MENTION = (
    "brand bigint, post bigint, network text, said_at timestamptz, heard_at timestamptz, is_live bool, via int2, "
    "sentiment int2, negative int2, positive int2, intent int2, urgency int2, is_safety bool, confidence int2, "
    "signs bigint, run bigint, topics text"
)


@dataclass(frozen=True, slots=True)
class About:
    """That a post is about a brand (primary key), and by what."""

    post: Heard
    brand: int
    via: Via


@lru_cache(maxsize=64)
def _of_topics(topics: tuple[BrandNames, ...]) -> Matcher:
    return Matcher(topics, as_words=True)


def understand(batch: Batch, posts: Sequence[Heard], *, at: datetime) -> None:
    """The pipeline's first step: a mention for each post and brand it is about by itself, counted.

    Run again on the same posts it adds nothing; posts whose words changed are read anew.
    """
    brands, matcher = brands_and_matcher(batch.org_id)
    abouts = _abouts(batch, [post for post in posts if not post.is_ours], matcher)
    write(batch.org_id, abouts, brands)
    if abouts:
        signal(batch.org_id, "stream")


def _abouts(batch: Batch, posts: Sequence[Heard], matcher: Matcher) -> list[About]:
    """Named > given > said to us, or brought by a person for a brand. A column that names the brand stands alone."""
    if batch.given:
        return [About(post, int(batch.given[str(post.pk)]), Via.GIVEN) for post in posts if str(post.pk) in batch.given]
    abouts = []
    found = matcher.find_many([post.text for post in posts])
    for post, matches in zip(posts, found, strict=True):
        named = {match.brand for match in matches}
        abouts += [About(post, brand, Via.NAMED) for brand in sorted(named)]
        told, via = _told(batch.source, post)
        if told is not None and told not in named:
            abouts.append(About(post, told, via))
    return abouts


def _told(source: Source | None, post: Heard) -> tuple[int | None, Via]:
    """The brand that a post is about without naming it: it was said to our account, or a person brought it."""
    if source is None:
        return None, Via.NAMED
    if source.kind == Source.Kind.CAPTURE:
        return source.brand_id, Via.BY_HAND
    if source.kind == Source.Kind.WEBHOOK:
        return source.brand_id, Via.GIVEN
    if post.reason == "about":
        return source.brand_id, Via.GIVEN
    if source.account is not None and (post.reason in _ADDRESSING or post.answers_us):
        return source.account.brand_id, Via.ADDRESSED
    return None, Via.NAMED


def write(org_id: int, abouts: Sequence[About], brands: Mapping[int, BrandNames]) -> None:
    """Read these posts and write their mentions, with the deltas of what is new; known mentions are read anew."""
    if not abouts:
        return
    readings = read_here([_to_read(about, brands) for about in abouts])
    standing = bulk.rows(
        "SELECT post_id, brand_id, id FROM talk_mention WHERE post_id = ANY(%s)",
        [[about.post.pk for about in abouts]],
    )
    known = {(post, brand): pk for post, brand, pk in standing}
    told = list(zip(abouts, readings, _topics(abouts), strict=True))
    fresh = [one for one in told if (one[0].post.pk, one[0].brand) not in known]
    again = [
        (known[about.post.pk, about.brand], reading, topics)
        for about, reading, topics in told
        if (about.post.pk, about.brand) in known
    ]
    _insert(org_id, fresh)
    reread([(mention, *reading) for mention, reading, _found in again])
    _retopic([(mention, topics) for mention, _reading, topics in again])


def _to_read(about: About, brands: Mapping[int, BrandNames]) -> ToRead:
    post = about.post
    domain = domain_of(post.network, is_answer=bool(post.parent_key))
    return ToRead(post.text, brands.get(about.brand), domain, post.source_id)


def _topics(abouts: Sequence[About]) -> list[list[int]]:
    """The topics of its brand that each of these posts speaks of, in one more pass over the texts."""
    of_brand: dict[int, set[int]] = defaultdict(set)
    names: tuple[BrandNames, ...] = ()
    for topic in Topic.objects.filter(brand__in={about.brand for about in abouts}).order_by("pk"):
        of_brand[topic.brand_id].add(topic.pk)
        names += (BrandNames(id=topic.pk, name=topic.name, names=tuple(topic.words), exclusions=()),)
    if not names:
        return [[] for _about in abouts]
    texts = {about.post.pk: about.post.text for about in abouts}
    found = zip(texts, _of_topics(names).find_many(texts.values()), strict=True)
    said = {post: {match.brand for match in matches} for post, matches in found}
    return [sorted(said[about.post.pk] & of_brand[about.brand]) for about in abouts]


def _retopic(rows: Sequence[tuple[int, list[int]]]) -> None:
    """The topics of known mentions whose words changed."""
    if rows:
        bulk.rows(
            """
            UPDATE talk_mention m SET topics = r.topics::bigint[]
            FROM unnest(%s::bigint[], %s::text[]) AS r (id, topics)
            WHERE m.id = r.id AND m.topics IS DISTINCT FROM r.topics::bigint[] RETURNING 1
            """,
            [[mention for mention, _topics in rows], [_array(topics) for _mention, topics in rows]],
        )


def _array(topics: Sequence[int]) -> str | None:
    """As PostgreSQL writes an array: rows of several lengths travel as text."""
    return f"{{{','.join(map(str, topics))}}}" if topics else None


def _insert(org_id: int, rows: Iterable[tuple[About, tuple[Reading, ReaderRun], list[int]]]) -> None:
    """New mentions and the deltas of exactly the rows that were new, in one statement."""
    table = [
        (
            about.brand,
            about.post.pk,
            about.post.network,
            about.post.said_at,
            about.post.heard_at,
            about.post.is_live,
            int(about.via),
            *codes(reading),
            run.pk,
            _array(topics),
        )
        for about, (reading, run), topics in rows
    ]
    if not table:
        return
    bulk.load("temp_mention", _MENTION, table)
    bulk.rows(
        """
        WITH fresh AS (
            INSERT INTO talk_mention (org_id, brand_id, post_id, network, said_at, heard_at, is_live, via,
                sentiment, negative, positive, intent, urgency, is_safety, confidence, signs, run_id, topics)
            SELECT %s, brand, post, network, said_at, heard_at, is_live, via,
                sentiment, negative, positive, intent, urgency, is_safety, confidence, signs, run, topics::bigint[]
            FROM temp_mention
            ON CONFLICT (post_id, brand_id) DO NOTHING
            RETURNING brand_id, network, sentiment, intent, said_at
        )
        INSERT INTO talk_countdelta (brand_id, network, sentiment, intent, slot, n)
        SELECT brand_id, network, sentiment, intent, date_bin('5 minutes', said_at, '2000-01-01+00'), count(*)
        FROM fresh GROUP BY 1, 2, 3, 4, 5
        """,
        [org_id],
    )


def reread(rows: Iterable[tuple[int, Reading, ReaderRun]]) -> int:
    """New readings of known mentions, each by its run. What a person corrected stays; returns how many hours became
    dirty."""
    table = [(mention, *codes(reading), run.pk) for mention, reading, run in rows]
    if not table:
        return 0
    hours = bulk.rows(
        """
        WITH moved AS (
            UPDATE talk_mention m SET run_id = r.run, sentiment = r.sentiment, negative = r.negative,
                positive = r.positive, intent = r.intent, urgency = r.urgency, is_safety = r.is_safety,
                confidence = r.confidence, signs = r.signs
            FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::smallint[], %s::smallint[],
                %s::smallint[], %s::bool[], %s::smallint[], %s::bigint[], %s::bigint[])
                AS r (id, sentiment, negative, positive, intent, urgency, is_safety, confidence, signs, run)
            WHERE m.id = r.id AND m.corrected_by_id IS NULL AND NOT EXISTS (
                SELECT FROM talk_correction c WHERE c.mention_id = m.id AND c.field <> 'about')
            RETURNING m.brand_id, m.said_at
        )
        INSERT INTO talk_dirtyhour (brand_id, slot)
        SELECT DISTINCT brand_id, date_trunc('hour', said_at, 'UTC') FROM moved
        ON CONFLICT DO NOTHING RETURNING 1
        """,
        [list(column) for column in zip(*table, strict=True)],
    )
    return len(hours)
