"""What people bring from closed places: a post pasted by hand, its counts over time, its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.language.clean import key as folded
from siach.language.clean import text_guard
from siach.org.ledger import record
from siach.org.live import signal
from siach.talk import pictures
from siach.talk.actions.taking import Place, take_in
from siach.talk.captured import NETWORKS, hash_of, key_of, tidy_place
from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost
from siach.talk.models import EvidencePicture, HandedIn, Media, Post, PostMetrics, Sighting, Source
from siach.talk.queries.captured import Known, known, like_it, same_post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siach.org.models import Brand, User
    from siach.talk.pictures import Picture

LIVE_FOR = timedelta(days=7)
KEEP_PICTURES = timedelta(days=90)
MOST_PICTURES = 4
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_STRAY = timedelta(days=1)


class CannotCapture(Exception):
    """The message says why, in the reader's language."""


class LooksKnown(CannotCapture):
    """It looks like a post that is here already: whoever captures says whether it is."""

    def __init__(self, found: Known) -> None:
        super().__init__(_("This looks like a post that is already here. Is it the same one?"))
        self.known = found


@dataclass(frozen=True, slots=True)
class Counts:
    """What the person saw under the post; None: not looked at."""

    comments: int | None = None
    shares: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """What became of a capture: a new post, or a new look at a known one (`moved`: its counts changed; `reworded`: its
    words did). `is_repeat`: this very look was handed in before, and nothing happened."""

    post: Post
    is_new: bool
    moved: bool
    pictures: int
    reworded: bool = False
    is_repeat: bool = False


def capture(
    *,
    brand: Brand,
    network: str,
    place: str,
    text: str,
    url: str = "",
    alias: str = "",
    said_at: datetime,
    counts: Counts = Counts(),
    handed_in: Sequence[bytes] = (),
    same_as: int | None = None,
    is_other: bool = False,
    key: str = "",
    by: User,
    at: datetime,
) -> Captured:
    """Take in a post of a closed place as a person saw it.

    The same post again is a further look at it: its counts, its pictures, and its words where they changed. What only
    looks like a known post raises LooksKnown, until the person says that it is the same (`same_as`) or another.
    The same `key` of the same person is one look, however often it comes. Older than a week it is history and opens
    nothing. The author stays an alias of this one thread.
    """
    place = tidy_place(place)
    _check(network, place, text, handed_in)
    found = [pictures.look_at(data) for data in handed_in]
    for picture in found:
        pictures.keep(picture)
    with transaction.atomic():
        source = _source(brand, network)
        before = Sighting.objects.filter(by=by, key=key).select_related("post").first() if key else None
        if before is not None:
            return Captured(before.post, is_new=False, moved=False, pictures=0, is_repeat=True)
        post = same_post(org_id=brand.org_id, network=network, place=place, text=text, url=url)
        if post is None and not is_other:
            post = _alike(source, place, text, same_as, at=at)
        is_new = post is None
        if post is None:
            post = _taken(source, _fetched(place, text, url, alias, min(said_at, at), counts), place, at=at)
        moved = not is_new and _counted(post, counts, at=at)
        sighting = _seen(post, text, counts, key=key, by=by, at=at)
        kept = _keep(post, sighting, found, at=at)
        name = "capture.added" if is_new else "capture.counted"
        record(name, post, by=by, at=at, org=brand.org, brand=brand, network=network, pictures=kept)
        Source.objects.filter(pk=source.pk).update(heard_at=at)
        signal(brand.org_id, "sources")
    return Captured(post, is_new, moved, kept, reworded=bool(sighting.text))


def was_captured(*, key: str, by: User) -> bool:
    """Whether a look that this person's device calls so was kept already, however it was completed."""
    return Sighting.objects.filter(by=by, key__startswith=f"{key}:").exists()


def _check(network: str, place: str, text: str, handed_in: Sequence[bytes]) -> None:
    if network not in NETWORKS:
        raise CannotCapture(_("Choose what kind of place this is."))
    if not place:
        raise CannotCapture(_("Name the group or place where it was said."))
    if not text.strip():
        raise CannotCapture(_("Paste what was said."))
    if len(handed_in) > MOST_PICTURES:
        raise CannotCapture(_("Four pictures at most."))


def _source(brand: Brand, network: str) -> Source:
    """The one source of a brand's captures of a kind of place, locked: two captures at once make one post."""
    source = Source.objects.filter(brand=brand, network=network, kind=Source.Kind.CAPTURE).first()
    if source is None:
        source = Source.objects.create(
            org_id=brand.org_id,
            brand=brand,
            network=network,
            kind=Source.Kind.CAPTURE,
            state=Source.State.OPEN,
            connected_at=_ALWAYS,
        )
    return Source.objects.select_for_update().get(pk=source.pk)


def _alike(source: Source, place: str, text: str, same_as: int | None, *, at: datetime) -> Post | None:
    """The post that the person said it is; None where nothing here looks like it."""
    found = like_it(brand=source.brand, network=source.network, place=place, text=text, at=at)
    if found is None or found.pk == same_as:
        return found
    raise LooksKnown(known(found, is_same=False))


def _taken(source: Source, fetched: FetchedPost, place: str, *, at: datetime) -> Post:
    history, where = at - fetched.said_at > LIVE_FOR, Place(place, is_closed=True)
    take_in([fetched], source=source, at=at, history=history, place=where, edits=False)
    post = Post.objects.filter(org=source.org_id, network=source.network, key=fetched.external_id).first()
    if post is None:
        raise CannotCapture(_("This post was erased at somebody's request and is not taken in again."))
    return post


def _fetched(place: str, text: str, url: str, alias: str, said_at: datetime, counts: Counts) -> FetchedPost:
    key = key_of(place, text, url)
    alias = " ".join(alias.replace("\0", " ").split())[:100]
    return FetchedPost(
        external_id=key,
        url=url[:1000],
        text=text,
        said_at=said_at,
        author=FetchedAuthor(external_id=f"alias:{hash_of(key, alias)}", handle="", name=alias or "–"),
        metrics=FetchedMetrics(likes=counts.reactions or 0, shares=counts.shares or 0, comments=counts.comments or 0),
    )


def _counted(post: Post, counts: Counts, *, at: datetime) -> bool:
    """A further snapshot when a count moved; what was not looked at stays as it was."""
    last = post.metrics.order_by("-at", "-pk").first()
    was = (last.likes, last.shares, last.comments) if last else (0, 0, 0)
    seen = (counts.reactions, counts.shares, counts.comments)
    now = tuple(old if new is None else new for old, new in zip(was, seen, strict=True))
    if now == was:
        return False
    PostMetrics.objects.create(post=post, at=at, likes=now[0], shares=now[1], comments=now[2])
    return True


def _seen(post: Post, text: str, counts: Counts, *, key: str, by: User, at: datetime) -> Sighting:
    """Keep the look itself, with its words where they are others than the post's."""
    numbers = {"likes": counts.reactions, "comments": counts.comments, "shares": counts.shares}
    text = text_guard(text)[0]
    words = "" if folded(text) == folded(post.text) else text
    return Sighting.objects.create(post=post, by=by, at=at, text=words, key=key, **numbers)


def _keep(post: Post, sighting: Sighting, found: Sequence[Picture], *, at: datetime) -> int:
    """Tie pictures to their post and to the look that brought them. Returns how many are new to it."""
    have = set(post.media.values_list("sha256", flat=True))
    fresh = list({one.sha256: one for one in found if one.sha256 not in have}.values())
    Media.objects.bulk_create(
        Media(
            org_id=post.org_id,
            post=post,
            sighting=sighting,
            sha256=one.sha256,
            look=one.look,
            kind=one.kind,
            size=len(one.data),
            keep_until=at + KEEP_PICTURES,
        )
        for one in fresh
    )
    return len(fresh)


def drop_media(*, at: datetime) -> int:
    """Forget pictures past their time, and files that nothing needs: no post, no evidence, nothing that waits."""
    Media.objects.filter(keep_until__lte=at).delete()
    wanted = set(Media.objects.values_list("sha256", flat=True))
    wanted |= set(EvidencePicture.objects.values_list("sha256", flat=True))
    wanted |= {digest for digests in HandedIn.objects.values_list("pictures", flat=True) for digest in digests}
    gone = 0
    for path in pictures.kept():
        if path.name not in wanted and path.stat().st_mtime < (at - _STRAY).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
