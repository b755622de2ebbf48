"""A person is erased: text, name and ids go, numbers stay, and what went is never taken in again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from django.db import transaction
from django.db.models import Q

from siach.org import approvals
from siach.org.erased import hash_of, remember_all
from siach.org.models import Approval, ApprovalComment, Org
from siach.talk import bulk, pictures, tabular
from siach.talk.actions.unlearning import unlearn
from siach.talk.captured import plain_link
from siach.talk.models import (
    Author,
    Consent,
    ErasedKey,
    Evidence,
    EvidencePicture,
    HandedIn,
    Import,
    Media,
    Mute,
    Outgoing,
    Post,
    RefusedRow,
    SavedView,
    Thread,
)
from siach.talk.queries.person import is_named, names_of_people
from siach.talk.rows import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from siach.launch.erasures import Erasure
    from siach.talk.connections import FetchedPost
    from siach.talk.models import Source

    Step = Callable[..., Mapping[str, object]]

#: Stands before the keyed hash in the place of what was a key or an id.
ERASED = "erased:"
#: Kinds of erasure, as the list beside the key ring calls them.
POST, AUTHOR = "post", "author"
_BEFORE_SENDING = ("draft", "waiting", "queued", "held", "failed")


class StillSending(Exception):
    """An answer to this person is with the network just now: the erasure waits for it."""


def not_erased(posts: Sequence[FetchedPost], source: Source) -> list[FetchedPost]:
    """The posts of a page that nobody asked to be erased."""
    if not ErasedKey.objects.filter(org=source.org_id, network=source.network).exists():
        return list(posts)
    hashed = {post.external_id: _hash(POST, source.org_id, source.network, post.external_id) for post in posts}
    known = ErasedKey.objects.filter(org=source.org_id, network=source.network, digest__in=hashed.values())
    gone = set(known.values_list("digest", flat=True))
    return [post for post in posts if hashed[post.external_id] not in gone]


def _hash(kind: str, org: int, network: str, key: str) -> str:
    """A keyed hash of its own organisation and network, so that nothing is joined by it."""
    return hash_of(kind, str(org), network, key)


def erase_posts(org: Org, posts: Collection[int], *, at: datetime) -> int:
    """Leave tombstones of these posts: their mentions and numbers stay, all else goes. Returns how many."""
    locked = Post.objects.select_for_update(of=("self",)).filter(org=org, pk__in=posts)
    found = list(locked.exclude(state=Post.State.ERASED).order_by("pk"))
    if not found:
        return 0
    hashed = {post.pk: _hash(POST, org.pk, post.network, post.key) for post in found}
    ErasedKey.objects.bulk_create(
        [ErasedKey(org=org, network=post.network, digest=hashed[post.pk]) for post in found], ignore_conflicts=True
    )
    _hide_roots(org, found)
    pks = sorted(hashed)
    unlearn(pks)
    _drop_pictures(Media.objects.filter(post__in=pks).values_list("sha256", flat=True))
    for sql in _ERASING:
        bulk.rows(sql, [pks])
    bulk.rows(
        "UPDATE talk_post p SET key = r.key FROM unnest(%s::bigint[], %s::text[]) AS r (id, key) WHERE p.id = r.id",
        [pks, [f"{ERASED}{hashed[pk]}" for pk in pks]],
    )
    remember_all(POST, [(str(org.pk), post.network, post.key) for post in found], at=at)
    return len(found)


_ERASING = (
    "DELETE FROM talk_rawpost WHERE post_id = ANY(%s)",
    "DELETE FROM talk_rawpost WHERE post_id IN (SELECT id FROM talk_post WHERE parent_id = ANY(%s))",
    "DELETE FROM talk_media WHERE post_id = ANY(%s)",
    "DELETE FROM talk_sighting WHERE post_id = ANY(%s)",
    "DELETE FROM talk_look WHERE post_id = ANY(%s)",
    "UPDATE talk_setaside SET error = '' WHERE post_id = ANY(%s)",
    "UPDATE talk_post SET parent_key = '' WHERE parent_id = ANY(%s)",
    """
    UPDATE talk_post SET state = 'erased', text = '', url = '', parent_key = '', target = '{}', language = '',
        words = NULL, is_cut = false
    WHERE id = ANY(%s)
    """,
)


def _hide_roots(org: Org, posts: Sequence[Post]) -> None:
    """A thread that is called by its root's id is called by the hash instead."""
    for post in posts:
        hidden = f"{ERASED}{_hash(POST, org.pk, post.network, post.key)}"
        Thread.objects.filter(org=org, network=post.network, key=post.key).update(key=hidden)


def _drop_pictures(digests: Collection[str]) -> None:
    """Remove the files of these pictures once this commits, unless something else needs them."""
    wanted = list(digests)

    def remove() -> None:
        for sha256 in wanted:
            used = Media.objects.filter(sha256=sha256).exists()
            if not used and not EvidencePicture.objects.filter(sha256=sha256).exists():
                pictures.path_of(sha256).unlink(missing_ok=True)

    transaction.on_commit(remove)


def forget_posts(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: everything these authors said, and what our own accounts said to them, where it was heard back."""
    # Two questions, each with an index of its own; one of both at once would read every post there is.
    said = list(Post.objects.filter(author__in=people, org=org).values_list("pk", flat=True))
    answers = Post.objects.filter(parent__in=said, author__is_ours=True, org=org).values_list("pk", flat=True)
    return {"posts": erase_posts(org, [*said, *answers], at=at)}


def forget_words(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: what was written to them, whatever it was made for."""
    written = Outgoing.objects.filter(org=org, target__author__in=people).exclude(body="")
    return {"words": empty_words(written.values_list("pk", flat=True), at=at)}


def empty_words(outgoing: Iterable[int], *, at: datetime) -> int:
    """Take the words out of these; what has not left is withdrawn. StillSending while one is with its network."""
    rows = list(Outgoing.objects.select_for_update().filter(pk__in=list(outgoing)).order_by("pk"))
    if any(one.state == Outgoing.State.SENDING for one in rows):
        raise StillSending
    pks = [one.pk for one in rows]
    for one in rows:
        if one.state in _BEFORE_SENDING:
            approvals.void(subject=(Outgoing.SUBJECT, one.pk), at=at)
    Outgoing.objects.filter(pk__in=pks, state__in=_BEFORE_SENDING).update(state=Outgoing.State.WITHDRAWN)
    Outgoing.objects.filter(pk__in=pks).update(body="", external_id="", url="", error="")
    _empty_approvals(pks)
    return len(pks)


def _empty_approvals(outgoing: Collection[int]) -> None:
    """What was said about words to this person before they were sent."""
    asked = Approval.objects.filter(subject_kind=Outgoing.SUBJECT, subject_id__in=outgoing)
    ApprovalComment.objects.filter(approval__in=asked).update(text="")
    asked.update(reason="")


def forget_wishes(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: mutes of them, mutes and kept views whose words are their names, and captures of them that wait."""
    named = names_of_people(org, people)
    ours = Mute.objects.filter(user__memberships__team__org=org).exclude(word="").distinct()
    mutes = [one.pk for one in ours if is_named([one.word], named)]
    Mute.objects.filter(Q(author__in=people) | Q(pk__in=mutes)).delete()
    kept = SavedView.objects.filter(org=org).iterator()
    views = [one.pk for one in kept if is_named([one.name, *dict(parse_qsl(one.address)).values()], named)]
    _drop_waiting(org, people, named)
    return {"views": SavedView.objects.filter(pk__in=views).delete()[0]}


def _drop_waiting(org: Org, people: Collection[int], named: set[str]) -> None:
    """Captures that nobody finished yet, of a post of theirs or under their name."""
    links = set(Post.objects.filter(org=org, author__in=people).exclude(url="").values_list("key", flat=True))
    ours = HandedIn.objects.filter(user__memberships__team__org=org).distinct()
    gone = [
        one.pk
        for one in ours
        if plain_link(one.told.get("url", "")) in links or is_named([one.told.get("alias", "")], named)
    ]
    _drop_pictures([digest for one in ours if one.pk in gone for digest in one.pictures])
    HandedIn.objects.filter(pk__in=gone).delete()


def forget_files(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: refused rows that name them, and files that wait unfinished and name them."""
    named = names_of_people(org, people)
    rows = [row.pk for row in RefusedRow.objects.filter(job__org=org).iterator() if is_named(row.cells, named)]
    RefusedRow.objects.filter(pk__in=rows).update(cells=[])
    unfinished = Import.objects.filter(org=org).exclude(state__in=(Import.State.DONE, Import.State.RUNNING))
    files = [path for job in unfinished if (path := file_of(job)).is_file() and _tells_of(job, named)]
    for path in files:
        path.unlink(missing_ok=True)
    return {"rows": len(rows), "files": len(files)}


def _tells_of(job: Import, named: set[str]) -> bool:
    """Whether a cell of a stored file is one of these names. One that cannot be read is taken to."""
    try:
        shape = tabular.shape_of(file_of(job))
        return any(is_named(row.cells, named) for row in tabular.read(file_of(job), shape))
    except (tabular.CannotRead, OSError):
        return True


def forget_evidence(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET: copies that are no longer held go; those under a legal hold are passed over and counted."""
    mine = Evidence.objects.filter(org=org, author__in=people)
    released = mine.filter(released_at__isnull=False)
    gone = released.count()
    _drop_pictures(list(EvidencePicture.objects.filter(evidence__in=released).values_list("sha256", flat=True)))
    released.delete()
    return {"evidence": gone, "held": mine.count()}


def forget_authors(org: Org, people: Collection[int], *, at: datetime) -> dict[str, int]:
    """FORGET, at the end: name, handle, reach, part and consents. The row stays, so that numbers by author stay."""
    authors = list(
        Author.objects.select_for_update().filter(org=org, pk__in=people).exclude(external_id__startswith=ERASED)
    )
    for author in authors:
        hidden = f"{ERASED}{_hash(AUTHOR, org.pk, author.network, author.external_id)}"
        Author.objects.filter(pk=author.pk).update(
            external_id=hidden,
            handle="",
            name="",
            followers=None,
            part="unknown",
            part_evidence="",
            part_until=None,
            part_by=None,
        )
    Consent.objects.filter(author__in=authors).delete()
    remember_all(AUTHOR, [(str(org.pk), one.network, one.external_id) for one in authors], at=at)
    return {"authors": len(authors)}


def erase_again(
    steps: Sequence[tuple[str, Step]], *, since: datetime, erasures: Sequence[Erasure], at: datetime
) -> int:
    """After a restore: erase whom and what the list says was erased. Returns how many people and posts it found."""
    gone = {one.digest for one in erasures if one.kind in (POST, AUTHOR)}
    found = 0
    for org in Org.objects.order_by("pk") if gone else ():
        authors = Author.objects.filter(org=org).exclude(external_id__startswith=ERASED)
        named = authors.values_list("pk", "network", "external_id").iterator()
        people = [pk for pk, network, key in named if _hash(AUTHOR, org.pk, network, key) in gone]
        for _name, step in steps if people else ():
            with transaction.atomic():
                step(org, people, at=at)
        rest = Post.objects.filter(org=org).exclude(state=Post.State.ERASED)
        keyed = rest.values_list("pk", "network", "key").iterator()
        posts = [pk for pk, network, key in keyed if _hash(POST, org.pk, network, key) in gone]
        with transaction.atomic():
            erase_posts(org, posts, at=at)
        found += len(people) + len(posts)
    return found
