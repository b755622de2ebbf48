"""Posts come in: authors, threads, posts and raw payloads in a few statements a page, and a batch to carry on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from siach.language.clean import detect_language, text_guard
from siach.language.search import search_terms
from siach.talk import bulk
from siach.talk.actions.forgetting import not_erased
from siach.talk.actions.metering import enrol, note_totals
from siach.talk.actions.tallying import note_hours
from siach.talk.jobs import defer
from siach.talk.models import Batch
from siach.talk.partitions import ensure_week

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from siach.talk.connections import FetchedPost
    from siach.talk.models import Source

LATE = timedelta(hours=1)
_SEP = "\x1f"

_PAGE = (
    "key text, url text, author text, handle text, name text, followers bigint, thread text, parent text, text text, "
    "is_cut bool, language text, words text, reason text, target text, is_live bool, is_late bool, is_private bool, "
    "said_at timestamptz, heard_at timestamptz, edited_at timestamptz, raw text"
)

_ORG, _NETWORK, _AT = "%(org)s::bigint", "%(network)s::text", "%(at)s::timestamptz"

# Each of these writes in the order of a key, so that two workers never wait for each other.
_AUTHORS = f"""
INSERT INTO talk_author AS a (org_id, network, external_id, handle, name, followers, is_ours, is_closed, part,
    part_evidence)
SELECT DISTINCT ON (r.author) {_ORG}, {_NETWORK}, r.author, r.handle, r.name, r.followers,
    EXISTS (SELECT FROM talk_account o
            WHERE o.org_id = {_ORG} AND o.network = {_NETWORK} AND o.external_id = r.author),
    %(closed)s::bool, 'unknown', ''
FROM temp_page r ORDER BY r.author, r.key DESC
ON CONFLICT (org_id, network, external_id) DO UPDATE
SET handle = excluded.handle, name = excluded.name, followers = coalesce(excluded.followers, a.followers)
WHERE (a.handle, a.name) IS DISTINCT FROM (excluded.handle, excluded.name)
   OR a.followers IS DISTINCT FROM coalesce(excluded.followers, a.followers)
"""
_THREADS = f"""
INSERT INTO talk_thread (org_id, network, key, place, is_closed)
SELECT DISTINCT {_ORG}, {_NETWORK}, thread, %(place)s::text, %(closed)s::bool FROM temp_page ORDER BY thread
ON CONFLICT (org_id, network, key) DO NOTHING
"""
# An answer takes its parent's thread where the parent is known already; `_JOIN` ties the others.
_POSTS = f"""
WITH new AS (
    INSERT INTO talk_post (org_id, network, source_id, taken_at, state, key, url, author_id, thread_id, parent_id,
        parent_key, text, is_cut, language, words, reason, target, is_live, is_late, is_private, said_at, heard_at,
        edited_at)
    SELECT {_ORG}, {_NETWORK}, %(source)s, {_AT}, 'heard', r.key, r.url, a.id, coalesce(p.thread_id, t.id), p.id,
        r.parent, r.text, r.is_cut, r.language, array_to_tsvector(string_to_array(r.words, '{_SEP}')), r.reason,
        r.target::jsonb, r.is_live, r.is_late, r.is_private, r.said_at, r.heard_at, r.edited_at
    FROM temp_page r
    CROSS JOIN LATERAL (SELECT id FROM talk_author
        WHERE org_id = {_ORG} AND network = {_NETWORK} AND external_id = r.author LIMIT 1) a
    CROSS JOIN LATERAL (SELECT id FROM talk_thread
        WHERE org_id = {_ORG} AND network = {_NETWORK} AND key = r.thread LIMIT 1) t
    LEFT JOIN LATERAL (SELECT id, thread_id FROM talk_post
        WHERE r.parent <> '' AND org_id = {_ORG} AND network = {_NETWORK} AND key = r.parent LIMIT 1) p ON true
    ORDER BY r.key
    ON CONFLICT (org_id, network, key) DO NOTHING
    RETURNING key, id
), raw AS (
    INSERT INTO talk_rawpost (post_id, taken_at, payload)
    SELECT new.id, {_AT}, r.raw::jsonb FROM new JOIN temp_page r USING (key)
)
SELECT key, id FROM new
"""
_EDITED = f"""
UPDATE talk_post p SET text = r.text, is_cut = r.is_cut, edited_at = coalesce(r.edited_at, p.edited_at),
    words = array_to_tsvector(string_to_array(r.words, '{_SEP}')), target = r.target::jsonb
FROM temp_page r
WHERE p.org_id = {_ORG} AND p.network = {_NETWORK} AND p.key = r.key AND p.text IS DISTINCT FROM r.text
    AND p.state = 'heard'
RETURNING p.id
"""
# Answers that came with their parent on one page, and answers that came before it. Two statements: each begins at
# the new posts, whatever else waits for a parent, and finds the other side row by row, by its key: joined, a table
# whose statistics are stale is scanned once a post.
_JOIN_NEW = f"""
UPDATE talk_post c SET parent_id = f.parent_id, thread_id = f.thread_id
FROM (
    SELECT c.id, p.id AS parent_id, p.thread_id
    FROM unnest(%(new)s::bigint[]) AS n (id)
    CROSS JOIN LATERAL (SELECT id, parent_key FROM talk_post
        WHERE id = n.id AND parent_id IS NULL AND parent_key <> '' LIMIT 1) c
    CROSS JOIN LATERAL (SELECT id, thread_id FROM talk_post
        WHERE org_id = {_ORG} AND network = {_NETWORK} AND key = c.parent_key LIMIT 1) p
) f
WHERE c.id = f.id
"""
_JOIN_WAITING = f"""
UPDATE talk_post c SET parent_id = f.parent_id, thread_id = f.thread_id
FROM (
    SELECT c.id, p.id AS parent_id, p.thread_id
    FROM unnest(%(new)s::bigint[]) AS n (id)
    CROSS JOIN LATERAL (SELECT id, key, thread_id FROM talk_post WHERE id = n.id LIMIT 1) p
    CROSS JOIN LATERAL (SELECT id FROM talk_post
        WHERE org_id = {_ORG} AND network = {_NETWORK} AND parent_key = p.key AND parent_id IS NULL
            AND parent_key <> '' OFFSET 0) c
) f
WHERE c.id = f.id
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page brought: `new` posts, `known` ones (repeats within the page too), `edited` ones."""

    new: int
    known: int
    edited: int
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where posts were heard when it is no public account of the network: a group, a branch page."""

    name: str = ""
    is_closed: bool = False


@transaction.atomic
def take_in(
    posts: Iterable[FetchedPost],
    *,
    source: Source,
    at: datetime,
    history: bool = False,
    given: Mapping[str, int] | None = None,
    place: Place = Place(),
    edits: bool = True,
) -> Taken:
    """Store what one page brought and open its batches. The same page twice changes nothing. What was erased stays out.

    `history=True` for imports: nothing of it is live. `given`: external id -> brand id, from a file's
    own column. `edits=False` where a repeat with other words is no edit (files, captures).
    """
    page = list(posts)
    unique = {post.external_id: post for post in page}
    rows = not_erased([unique[key] for key in sorted(unique)], source) if unique else []
    if not rows:
        return Taken(0, len(page), 0, ())
    scope = {"org": source.org_id, "network": source.network, "source": source.pk, "at": at}
    bulk.load("temp_page", _PAGE, [_row(post, source=source, at=at, history=history) for post in rows])
    ids = _store(scope, place)
    new = {key: ids[_plain(key)] for key in unique if _plain(key) in ids}
    edited = [pk for (pk,) in bulk.rows(_EDITED, scope)] if edits and len(new) < len(rows) else []
    totals = {_plain(post.external_id): post.metrics for post in rows}
    note_totals(totals, org_id=source.org_id, network=source.network, at=at)
    _follow(rows, new, source, scope)
    batches = _open_batches(rows, new, edited, source=source, at=at, history=history, given=given or {})
    return Taken(len(new), len(page) - len(new) - len(edited), len(edited), batches)


def _store(scope: Mapping[str, Any], place: Place) -> dict[str, int]:
    """Write what the page holds and is not known yet. Returns key -> post id of the new ones."""
    bulk.rows(_AUTHORS, {**scope, "closed": place.is_closed})
    bulk.rows(_THREADS, {**scope, "place": _plain(place.name)[:200], "closed": place.is_closed})
    ensure_week(scope["at"])
    return dict(bulk.rows(_POSTS, scope))


def _follow(rows: Sequence[FetchedPost], new: Mapping[str, int], source: Source, scope: Mapping[str, Any]) -> None:
    """Count new posts, have them looked at again, and tie answers to their parents, whichever was heard first."""
    if new:
        pks, at = list(new.values()), scope["at"]
        note_hours(source, [post.said_at for post in rows if post.external_id in new], at=at)
        enrol(pks, account=source.account, at=at)
        bulk.rows(_JOIN_NEW, {**scope, "new": pks})
        bulk.rows(_JOIN_WAITING, {**scope, "new": pks})


def _link(url: str) -> str:
    """The address of a post where a browser may follow it; a network may send anything."""
    url = _plain(url).strip()[:1000]
    return url if url.lower().startswith(("https://", "http://")) else ""


def _plain(text: str) -> str:
    """No NUL and no lone surrogate: PostgreSQL stores neither."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _json(value: object) -> str:
    return _plain(json.dumps(value, ensure_ascii=False, default=str).replace("\\u0000", "\\ufffd"))


def thread_key(post: FetchedPost) -> str:
    """The root's id where the network names it; else the parent's, until the parent is heard."""
    return post.root_external_id or post.parent_external_id or post.external_id


def _row(post: FetchedPost, *, source: Source, at: datetime, history: bool) -> tuple[object, ...]:
    """A post as a row of `_PAGE`. The script of the words outweighs what their author's client declared."""
    text, is_cut = text_guard(post.text)
    live = not history and post.said_at >= source.connected_at
    language = detect_language(text)
    author = post.author
    return (
        _plain(post.external_id),
        _link(post.url),
        _plain(author.external_id),
        _plain(author.handle)[:200],
        _plain(author.name)[:200],
        author.followers,
        _plain(thread_key(post)),
        _plain(post.parent_external_id or ""),
        _plain(text),
        is_cut,
        (language if language != "und" else post.language or language)[:5],
        _SEP.join(search_terms(text)),
        post.reason,
        _json(post.target),
        live,
        live and at - post.said_at > LATE,
        post.is_private,
        post.said_at,
        at if live else post.said_at,
        post.edited_at,
        _json(_whole(post)),
    )


def _whole(post: FetchedPost) -> object:
    """A connector's own payload; a post that came without one keeps at least its uncut words."""
    return post.raw or {"text": post.text}


def _open_batches(
    rows: Sequence[FetchedPost],
    new: Mapping[str, int],
    edited: Sequence[int],
    *,
    source: Source,
    at: datetime,
    history: bool,
    given: Mapping[str, int],
) -> tuple[int, ...]:
    """One live and one history batch, each deferred to the pipeline in this same transaction."""
    live: list[int] = []
    past: list[int] = list(edited)
    for post in rows:
        if post.external_id in new:
            is_live = not history and post.said_at >= source.connected_at
            (live if is_live else past).append(new[post.external_id])
    named = {str(new[key]): brand for key, brand in given.items() if key in new}
    made = []
    for ids, is_live in ((live, True), (past, False)):
        if ids:
            batch = Batch.objects.create(
                org_id=source.org_id,
                source=source,
                posts=ids,
                given={} if is_live else named,
                is_live=is_live,
                made_at=at,
            )
            defer("carry", queue="read", batch=batch.pk)
            made.append(batch.pk)
    return tuple(made)
