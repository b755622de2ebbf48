"""Posts come in: authors, threads, posts and raw payloads in a few statements a page, and a batch to carry on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from siach.language.clean import detect_language, search_terms, text_guard
from siach.talk import bulk
from siach.talk.actions.forgetting import not_erased
from siach.talk.actions.metering import enrol, note_totals
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
    if not unique:
        return Taken(0, 0, 0, ())
    rows = not_erased([unique[key] for key in sorted(unique)], source)
    if not rows:
        return Taken(0, len(page), 0, ())
    _authors(rows, source, place)
    _threads(rows, source, place)
    new = _insert(rows, source=source, at=at, history=history)
    edited = _edit([post for post in rows if post.external_id not in new], source) if edits else []
    totals = {_plain(post.external_id): post.metrics for post in rows}
    note_totals(totals, org_id=source.org_id, network=source.network, at=at)
    if new:
        enrol(new.values(), account_id=source.account_id, network=source.network, at=at)
        _raw([post for post in rows if post.external_id in new], new, at)
        _join(source, list(new.values()))
    batches = _open_batches(rows, new, edited, source=source, at=at, history=history, given=given or {})
    return Taken(len(new), len(page) - len(new) - len(edited), len(edited), batches)


def _link(url: str) -> str:
    """The address of a post where a browser may follow it; a network may send anything."""
    url = _plain(url).strip()[:1000]
    return url if url.lower().startswith(("https://", "http://")) else ""


def _plain(text: str) -> str:
    """No NUL and no lone surrogate: PostgreSQL stores neither."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _json(value: object) -> str:
    return _plain(json.dumps(value, ensure_ascii=False, default=str).replace("\\u0000", "\\ufffd"))


def _authors(rows: Sequence[FetchedPost], source: Source, place: Place) -> None:
    who = {post.author.external_id: post.author for post in rows}
    ordered = [who[key] for key in sorted(who)]
    bulk.rows(
        """
        INSERT INTO talk_author AS a (org_id, network, external_id, handle, name, followers, is_ours, is_closed,
                                      part, part_evidence)
        SELECT %s, %s, r.id, left(r.handle, 200), left(r.name, 200), r.followers,
               EXISTS (SELECT FROM talk_account o
                       WHERE o.org_id = %s AND o.network = %s AND o.external_id = r.id),
               %s, 'unknown', ''
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS r (id, handle, name, followers)
        ON CONFLICT (org_id, network, external_id) DO UPDATE
        SET handle = excluded.handle, name = excluded.name,
            followers = coalesce(excluded.followers, a.followers)
        WHERE (a.handle, a.name) IS DISTINCT FROM (excluded.handle, excluded.name)
           OR a.followers IS DISTINCT FROM coalesce(excluded.followers, a.followers)
        """,
        [
            source.org_id,
            source.network,
            source.org_id,
            source.network,
            place.is_closed,
            [_plain(author.external_id) for author in ordered],
            [_plain(author.handle) for author in ordered],
            [_plain(author.name) for author in ordered],
            [author.followers for author in ordered],
        ],
    )


def thread_key(post: FetchedPost) -> str:
    """The root's id where the network names it; else the parent's, until the parent is heard."""
    return post.root_external_id or post.parent_external_id or post.external_id


def _threads(rows: Sequence[FetchedPost], source: Source, place: Place) -> None:
    keys = sorted({_plain(thread_key(post)) for post in rows})
    bulk.rows(
        """
        INSERT INTO talk_thread (org_id, network, key, place, is_closed)
        SELECT %s, %s, k, %s, %s FROM unnest(%s::text[]) AS k
        ON CONFLICT (org_id, network, key) DO NOTHING
        """,
        [source.org_id, source.network, _plain(place.name)[:200], place.is_closed, keys],
    )


def _row(post: FetchedPost, *, source: Source, at: datetime, history: bool) -> tuple[object, ...]:
    """A post as the columns of `_insert`. The script of the words outweighs what their author's client declared."""
    text, is_cut = text_guard(post.text)
    live = not history and post.said_at >= source.connected_at
    language = detect_language(text)
    return (
        _plain(post.external_id),
        _link(post.url),
        _plain(post.author.external_id),
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
        post.said_at,
        at if live else post.said_at,
        post.edited_at,
    )


def _insert(rows: Sequence[FetchedPost], *, source: Source, at: datetime, history: bool) -> dict[str, int]:
    """Insert what is not known yet. Returns external id -> post id of the new ones."""
    table = [_row(post, source=source, at=at, history=history) for post in rows]
    inserted = bulk.rows(
        """
        INSERT INTO talk_post (org_id, network, source_id, taken_at, state, key, url, author_id, thread_id,
            parent_key, text, is_cut, language, words, reason, target, is_live, is_late, said_at, heard_at,
            edited_at)
        SELECT %s, %s, %s, %s, 'heard', r.key, r.url, a.id, t.id, r.parent, r.text, r.is_cut, r.language,
            array_to_tsvector(string_to_array(r.words, %s)), r.reason, r.target::jsonb, r.is_live, r.is_late,
            r.said_at, r.heard_at, r.edited_at
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[],
            %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::bool[], %s::timestamptz[],
            %s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY
            AS r (key, url, author, thread, parent, text, is_cut, language, words, reason, target, is_live,
                  is_late, said_at, heard_at, edited_at, nr)
        JOIN talk_author a ON a.org_id = %s AND a.network = %s AND a.external_id = r.author
        JOIN talk_thread t ON t.org_id = %s AND t.network = %s AND t.key = r.thread
        ORDER BY r.nr
        ON CONFLICT (org_id, network, key) DO NOTHING
        RETURNING key, id
        """,
        [
            *(source.org_id, source.network, source.pk, at, _SEP),
            *(list(column) for column in zip(*table, strict=True)),
            *(source.org_id, source.network) * 2,
        ],
    )
    ids = dict(inserted)
    return {post.external_id: ids[_plain(post.external_id)] for post in rows if _plain(post.external_id) in ids}


def _edit(known: Sequence[FetchedPost], source: Source) -> list[int]:
    """Known posts whose words changed at the network: store the new words, to be read again."""
    if not known:
        return []
    texts = [text_guard(post.text) for post in known]
    changed = bulk.rows(
        """
        UPDATE talk_post p SET text = r.text, is_cut = r.is_cut, edited_at = coalesce(r.edited_at, p.edited_at),
            words = array_to_tsvector(string_to_array(r.words, %s)), target = r.target::jsonb, state = 'heard'
        FROM unnest(%s::text[], %s::text[], %s::bool[], %s::text[], %s::text[], %s::timestamptz[])
            AS r (key, text, is_cut, words, target, edited_at)
        WHERE p.org_id = %s AND p.network = %s AND p.key = r.key AND p.text IS DISTINCT FROM r.text
            AND p.state IN ('heard', 'read')
        RETURNING p.id
        """,
        [
            _SEP,
            [_plain(post.external_id) for post in known],
            [_plain(text) for text, _cut in texts],
            [cut for _text, cut in texts],
            [_SEP.join(search_terms(text)) for text, _cut in texts],
            [_json(post.target) for post in known],
            [post.edited_at for post in known],
            source.org_id,
            source.network,
        ],
    )
    return [pk for (pk,) in changed]


def _raw(rows: Sequence[FetchedPost], ids: Mapping[str, int], at: datetime) -> None:
    """The network's own payload as it came, out of the way of every query."""
    ensure_week(at)
    bulk.rows(
        """
        INSERT INTO talk_rawpost (post_id, taken_at, payload)
        SELECT r.id, %s, r.payload::jsonb FROM unnest(%s::bigint[], %s::text[]) AS r (id, payload)
        """,
        [at, [ids[post.external_id] for post in rows], [_json(_whole(post)) for post in rows]],
    )


def _whole(post: FetchedPost) -> object:
    """A connector's own payload; a post that came without one keeps at least its uncut words."""
    return post.raw or {"text": post.text}


def _join(source: Source, ids: list[int]) -> None:
    """Tie answers to their parents, whichever of the two was heard first."""
    bulk.rows(
        """
        UPDATE talk_post c SET parent_id = p.id, thread_id = p.thread_id
        FROM talk_post p
        WHERE c.org_id = %s AND c.network = %s AND c.parent_id IS NULL AND c.parent_key <> ''
          AND p.org_id = c.org_id AND p.network = c.network AND p.key = c.parent_key
          AND (c.id = ANY(%s) OR p.id = ANY(%s))
        """,
        [source.org_id, source.network, ids, ids],
    )


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
