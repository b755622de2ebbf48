"""The first step of the pipeline: which brands a post is about, and what it says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from siach.language import readers
from siach.language.match import Matcher
from siach.language.reading import BrandNames, Reading, intent_code, probability_code
from siach.org.live import signal
from siach.org.models import Brand, Topic
from siach.talk import bulk
from siach.talk.models import Batch, Mention, Post, ReaderRun, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

Via = Mention.Via
_ADDRESSING = ("mention", "reply", "quote")
_IN_THREAD = 500


@dataclass(frozen=True, slots=True)
class _About:
    post: Post
    brand: int
    via: Via


def names_of(brand: Brand) -> BrandNames:
    """A brand as the language library wants it."""
    return BrandNames(id=brand.pk, name=brand.name, names=tuple(brand.names), exclusions=tuple(brand.exclusions))


@lru_cache(maxsize=64)
def _matcher(brands: tuple[BrandNames, ...]) -> Matcher:
    return Matcher(brands)


def understand(batch: Batch, posts: Sequence[Post], *, at: datetime) -> None:
    """Write a mention for each post and brand it is about, count them, and mark the posts read.

    Run again on the same posts it adds nothing; posts whose words changed are read anew.
    """
    brands = {brand.pk: names_of(brand) for brand in Brand.objects.filter(org_id=batch.org_id).order_by("pk")}
    said = [post for post in posts if not post.author.is_ours]
    abouts = _abouts(batch, said, brands)
    _write(batch.org_id, abouts, brands, at=at)
    Post.objects.filter(pk__in=[post.pk for post in posts], state=Post.State.HEARD).update(state=Post.State.READ)
    if abouts:
        signal(batch.org_id, "stream")


def _abouts(batch: Batch, posts: Sequence[Post], brands: Mapping[int, BrandNames]) -> list[_About]:
    """Named > given > said to us, or brought by a person for a brand > by its thread. A column that names the
    brand stands alone."""
    if batch.given:
        return [
            _About(post, int(batch.given[str(post.pk)]), Via.GIVEN) for post in posts if str(post.pk) in batch.given
        ]
    found = _matcher(tuple(brands.values())).find_many([post.text for post in posts])
    named: dict[int, set[int]] = {
        post.pk: {match.brand for match in matches} for post, matches in zip(posts, found, strict=True)
    }
    abouts = [_About(post, brand, Via.NAMED) for post in posts for brand in sorted(named[post.pk])]
    abouts += _told_of(batch.source, posts, named)
    return abouts + _inherited(posts, named)


def _told_of(source: Source | None, posts: Sequence[Post], named: dict[int, set[int]]) -> Iterator[_About]:
    """What posts are about without naming it; noted in `named`."""
    for post in posts:
        brand, via = _told(source, post)
        if brand is not None and brand not in named[post.pk]:
            named[post.pk].add(brand)
            yield _About(post, brand, via)


def _told(source: Source | None, post: Post) -> tuple[int | None, Via]:
    """The brand that a post is about without naming it: it was said to our account, or a person brought it."""
    if source is None:
        return None, Via.NAMED
    if source.kind == Source.Kind.CAPTURE:
        return source.brand_id, Via.BY_HAND
    if source.account is not None and _is_to_us(post):
        return source.account.brand_id, Via.ADDRESSED
    return None, Via.NAMED


def _is_to_us(post: Post) -> bool:
    """The network said so, or it answers words of ours."""
    return post.reason in _ADDRESSING or (post.parent is not None and post.parent.author.is_ours)


def _inherited(posts: Sequence[Post], named: Mapping[int, set[int]]) -> list[_About]:
    """A customer's "and when?" has no brand name and still belongs to its thread; so does an answer
    that was heard before the post that names the brand."""
    by_thread: dict[int, set[int]] = defaultdict(set)
    for post in posts:
        by_thread[post.thread_id] |= named[post.pk]
    known = Mention.objects.filter(post__thread__in=list(by_thread)).values_list("post__thread", "brand")
    for thread, brand in known.distinct():
        by_thread[thread].add(brand)
    quiet = [post for post in posts if not named[post.pk]]
    fresh = [post.thread_id for post in posts if named[post.pk]]
    waiting = (
        Post.objects.filter(thread__in=fresh, mentions__isnull=True, author__is_ours=False, state=Post.State.READ)
        .exclude(pk__in=[post.pk for post in posts])
        .select_related("author")[:_IN_THREAD]
    )
    return [
        _About(post, brand, Via.THREAD)
        for post in [*quiet, *waiting]
        for brand in sorted(by_thread[post.thread_id])
        if _belongs(post)
    ]


def _belongs(post: Post) -> bool:
    """An answer belongs to its thread; in a captured thread everything does."""
    return bool(post.parent_key) or post.author.is_closed


def read(texts: Sequence[str], about: Sequence[BrandNames | None]) -> list[Reading]:
    """Readings of the reader in force, in order."""
    return readers.load(settings.SIACH_READER).read(texts, about)


def current_run() -> ReaderRun:
    """The reader in force at its version, as a row."""
    reader = readers.load(settings.SIACH_READER)
    run, _made = ReaderRun.objects.get_or_create(name=reader.NAME, version=str(reader.VERSION))
    return run


def _write(org_id: int, abouts: Sequence[_About], brands: Mapping[int, BrandNames], *, at: datetime) -> None:
    if not abouts:
        return
    readings = read([about.post.text for about in abouts], [brands.get(about.brand) for about in abouts])
    posts = {about.post.pk for about in abouts}
    known = {
        (post, brand): pk
        for pk, post, brand in Mention.objects.filter(post__in=posts).values_list("pk", "post", "brand")
    }
    told = list(zip(abouts, readings, _topics(abouts), strict=True))
    fresh = [one for one in told if (one[0].post.pk, one[0].brand) not in known]
    again = [
        (known[about.post.pk, about.brand], reading, topics)
        for about, reading, topics in told
        if (about.post.pk, about.brand) in known
    ]
    run = current_run()
    _insert(org_id, fresh, run)
    reread([(mention, reading) for mention, reading, _found in again], run)
    _retopic([(mention, topics) for mention, _reading, topics in again])


def _topics(abouts: Sequence[_About]) -> list[list[int]]:
    """The topics of its brand that each of these posts speaks of, in one more pass over the texts."""
    of_brand: dict[int, set[int]] = defaultdict(set)
    names: tuple[BrandNames, ...] = ()
    for topic in Topic.objects.filter(brand__in={about.brand for about in abouts}).order_by("pk"):
        of_brand[topic.brand_id].add(topic.pk)
        names += (BrandNames(id=topic.pk, name=topic.name, names=tuple(topic.words), exclusions=()),)
    if not names:
        return [[] for _about in abouts]
    texts = {about.post.pk: about.post.text for about in abouts}
    found = zip(texts, _matcher(names).find_many(texts.values()), strict=True)
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


def _insert(org_id: int, rows: Iterable[tuple[_About, Reading, list[int]]], run: ReaderRun) -> None:
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
            _array(topics),
        )
        for about, reading, topics in rows
    ]
    if not table:
        return
    bulk.rows(
        """
        WITH fresh AS (
            INSERT INTO talk_mention (org_id, run_id, brand_id, post_id, network, said_at, heard_at, is_live, via,
                sentiment, negative, positive, intent, urgency, is_safety, confidence, topics)
            SELECT %s, %s, brand, post, network, said_at, heard_at, is_live, via,
                sentiment, negative, positive, intent, urgency, is_safety, confidence, topics::bigint[]
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[],
                %s::timestamptz[], %s::bool[], %s::smallint[], %s::smallint[], %s::smallint[], %s::smallint[],
                %s::smallint[], %s::smallint[], %s::bool[], %s::smallint[], %s::text[]) AS r (brand, post, network,
                said_at, heard_at, is_live, via, sentiment, negative, positive, intent, urgency, is_safety,
                confidence, topics)
            ON CONFLICT (post_id, brand_id) DO NOTHING
            RETURNING brand_id, network, sentiment, intent, said_at
        )
        INSERT INTO talk_countdelta (brand_id, network, sentiment, intent, slot, n)
        SELECT brand_id, network, sentiment, intent, date_bin('5 minutes', said_at, '2000-01-01+00'), count(*)
        FROM fresh GROUP BY 1, 2, 3, 4, 5
        """,
        [org_id, run.pk, *(list(column) for column in zip(*table, strict=True))],
    )


def codes(reading: Reading) -> tuple[int, int, int, int, int, bool, int]:
    """A reading as a mention stores it: sentiment, negative, positive, intent, urgency, safety, confidence."""
    return (
        reading.sentiment,
        probability_code(reading.p[0]),
        probability_code(reading.p[2]),
        intent_code(reading.intent),
        reading.urgency,
        reading.safety,
        probability_code(reading.confidence),
    )


def reread(rows: Iterable[tuple[int, Reading]], run: ReaderRun) -> int:
    """New readings of known mentions. What a person corrected stays; returns how many hours became dirty."""
    table = [(mention, *codes(reading)) for mention, reading in rows]
    if not table:
        return 0
    hours = bulk.rows(
        """
        WITH moved AS (
            UPDATE talk_mention m SET run_id = %s, sentiment = r.sentiment, negative = r.negative,
                positive = r.positive, intent = r.intent, urgency = r.urgency, is_safety = r.is_safety,
                confidence = r.confidence
            FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::smallint[], %s::smallint[],
                %s::smallint[], %s::bool[], %s::smallint[])
                AS r (id, sentiment, negative, positive, intent, urgency, is_safety, confidence)
            WHERE m.id = r.id AND m.corrected_by_id IS NULL
            RETURNING m.brand_id, m.said_at
        )
        INSERT INTO talk_dirtyhour (brand_id, slot)
        SELECT DISTINCT brand_id, date_trunc('hour', said_at, 'UTC') FROM moved
        ON CONFLICT DO NOTHING RETURNING 1
        """,
        [run.pk, *(list(column) for column in zip(*table, strict=True))],
    )
    return len(hours)
