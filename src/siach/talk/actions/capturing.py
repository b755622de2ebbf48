"""What people bring from closed places: a post pasted by hand, its counts over time, its pictures."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.language.clean import key as folded
from siach.org.ledger import record
from siach.org.live import signal
from siach.talk import pictures
from siach.talk.actions.taking import Place, take_in
from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost
from siach.talk.models import EvidencePicture, Media, Post, PostMetrics, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

    from siach.org.models import Brand, User
    from siach.talk.pictures import Picture

NETWORKS: dict[str, str | Promise] = {
    "facebook_group": gettext_lazy("Facebook group"),
    "whatsapp_group": gettext_lazy("WhatsApp group"),
    "telegram_group": gettext_lazy("Telegram group"),
    "closed_place": gettext_lazy("Another closed place"),
}
LIVE_FOR = timedelta(days=7)
KEEP_PICTURES = timedelta(days=90)
MOST_PICTURES = 4
LONGEST_PLACE = 200
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_STRAY = timedelta(days=1)
_TRACKING = re.compile(r"utm_|fbclid|igsh|mibextid|rdid|__cft__|__tn__|ref$|refsrc|share_url")
_LEADING_LINK = re.compile(r"\A\s*(https?://\S+)\s*")


class CannotCapture(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the person saw under the post; None: not looked at."""

    comments: int | None = None
    shares: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """What became of a capture: a new post, or a new look at a known one (`moved`: its counts changed)."""

    post: Post
    is_new: bool
    moved: bool
    pictures: int


def split_link(text: str) -> tuple[str, str]:
    """A link that opens a pasted text, and the text without it."""
    found = _LEADING_LINK.match(text)
    return (found.group(1), text[found.end() :]) if found else ("", text)


def plain_link(url: str) -> str:
    """A link as a key: without what the sharing app appended, and of the one host for phone and desk."""
    parts = urlsplit(url.strip())
    host = re.sub(r"^(?:m|mbasic|web|touch)\.(?=facebook\.com)", "www.", parts.netloc.lower())
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name)])
    return urlunsplit(("https", host, parts.path.rstrip("/"), query, ""))


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
    by: User,
    at: datetime,
) -> Captured:
    """Take in a post of a closed place as a person saw it.

    The same post again is a further snapshot of its counts. Older than a week it is history and opens nothing.
    The author stays an alias of this one thread.
    """
    place = " ".join(place.replace("\0", " ").split())[:LONGEST_PLACE]
    _check(network, place, text, handed_in)
    found = [pictures.look_at(data) for data in handed_in]
    for picture in found:
        pictures.keep(picture)
    with transaction.atomic():
        source = _source(brand, network)
        key = _key(place, text, url)
        post = _known(source, key, place, text)
        is_new = False
        if post is None:
            said = min(said_at, at)
            fetched = _fetched(key, place, text, url, alias, said, counts)
            history = at - said > LIVE_FOR
            where = Place(place, is_closed=True)
            taken = take_in([fetched], source=source, at=at, history=history, place=where, edits=False)
            is_new = bool(taken.new)
            post = Post.objects.filter(org=brand.org_id, network=network, key=key).first()
            if post is None:
                raise CannotCapture(_("This post was erased at somebody's request and is not taken in again."))
        moved = not is_new and _counted(post, counts, at=at)
        kept = _keep(post, found, at=at)
        name = "capture.added" if is_new else "capture.counted"
        record(name, post, by=by, at=at, org=brand.org, brand=brand, network=network, pictures=kept)
        Source.objects.filter(pk=source.pk).update(heard_at=at)
        signal(brand.org_id, "sources")
    return Captured(post, is_new, moved, kept)


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


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:40]


def _key(place: str, text: str, url: str) -> str:
    if url:
        link = plain_link(url)
        return link if len(link) <= 400 else f"link:{_hash(link)}"
    return f"{place}#{_hash(folded(text))}"


def _known(source: Source, key: str, place: str, text: str) -> Post | None:
    """The post by its key; or the same words in the same place, captured once with its link and once without."""
    posts = Post.objects.filter(org=source.org_id, network=source.network)
    return posts.filter(key=key).first() or posts.filter(thread__place=place, text=text).first()


def _fetched(key: str, place: str, text: str, url: str, alias: str, said_at: datetime, counts: Counts) -> FetchedPost:
    alias = " ".join(alias.replace("\0", " ").split())[:100]
    return FetchedPost(
        external_id=key,
        url=url[:1000],
        text=text,
        said_at=said_at,
        author=FetchedAuthor(external_id=f"alias:{_hash(key, alias)}", handle="", name=alias or "–"),
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


def _keep(post: Post, found: Sequence[Picture], *, at: datetime) -> int:
    """Tie pictures to their post, four at most. Returns how many are new to it."""
    have = set(post.media.values_list("sha256", flat=True))
    fresh = list({one.sha256: one for one in found if one.sha256 not in have}.values())
    fresh = fresh[: max(0, MOST_PICTURES - len(have))]
    Media.objects.bulk_create(
        Media(
            org_id=post.org_id,
            post=post,
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
    """Forget pictures past their time, and files of no post and no evidence. Returns how many files went."""
    Media.objects.filter(keep_until__lte=at).delete()
    wanted = set(Media.objects.values_list("sha256", flat=True))
    wanted |= set(EvidencePicture.objects.values_list("sha256", flat=True))
    gone = 0
    for path in pictures.kept():
        if path.name not in wanted and path.stat().st_mtime < (at - _STRAY).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
