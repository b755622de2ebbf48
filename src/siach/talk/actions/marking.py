"""What people and higher rooms say of posts: corrected readings, an author's part, marks on threads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.live import signal
from siach.talk.actions.unlearning import judged_anew
from siach.talk.models import Author, Correction, DirtyHour, Mention, Part, ServedThread, Thread, ThreadMark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from siach.org.models import User

PART_LIFE = timedelta(days=180)
CORRECTABLE = {"sentiment": Mention.Sentiment.values, "intent": Mention.Intent.values, "about": [0, 1]}


class CannotMark(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def correct(*, mention: Mention, field: str, value: int, by: User, at: datetime) -> Mention:
    """A person's reading instead of the reader's. Kept as the reader's error; the hour is recounted. `about` 0: the
    post is not about the brand, and stands in its lists and counts no more."""
    if field not in CORRECTABLE or value not in CORRECTABLE[field]:
        raise CannotMark(_("A reading cannot have this value."))
    mention = Mention.objects.select_for_update(of=("self",)).select_related("brand").get(pk=mention.pk)
    name = "is_about" if field == "about" else field
    was = int(getattr(mention, name))
    Correction.objects.create(mention=mention, field=field, was=was, now=value, run_id=mention.run_id, by=by, at=at)
    judged_anew([mention.pk])
    setattr(mention, name, value)
    if field != "about":
        mention.corrected_by = by
    mention.save(update_fields=[name, "corrected_by"])
    if was != value:
        _recount(mention)
    record(
        "reading.corrected",
        mention,
        by=by,
        at=at,
        org=mention.brand.org,
        brand=mention.brand,
        field=field,
        was=was,
        now=value,
    )
    signal(mention.org_id, "stream")
    return mention


def _recount(mention: Mention) -> None:
    slot = mention.said_at.replace(minute=0, second=0, microsecond=0)
    DirtyHour.objects.get_or_create(brand=mention.brand, slot=slot)


@transaction.atomic
def mark_part(
    *, author: Author, part: str, evidence: str, by: User, at: datetime, until: datetime | None = None
) -> Author:
    """An author's part in the discourse, with what shows it and the day it must be looked at again.

    People are profiled from public sources only, so an alias of a closed place takes no part.
    """
    if part not in Part.values:
        raise CannotMark(_("An author cannot have this role."))
    if not evidence.strip() and part != Part.UNKNOWN:
        raise CannotMark(_("Evidence is required."))
    author = Author.objects.select_for_update().select_related("org").get(pk=author.pk)
    if author.is_closed:
        raise CannotMark(_("This was said in a closed place, so the person is not profiled."))
    was = author.part
    author.part, author.part_by = part, by
    author.part_evidence = "" if part == Part.UNKNOWN else evidence.strip()[:2000]
    author.part_until = None if part == Part.UNKNOWN else until or at + PART_LIFE
    author.save(update_fields=["part", "part_by", "part_evidence", "part_until"])
    record("author.part_marked", author, by=by, at=at, org=author.org, was=was, part=part)
    signal(author.org_id, "stream")
    return author


@transaction.atomic
def expire_parts(*, at: datetime) -> int:
    """A part past its date is unknown again: nobody keeps a label by being forgotten."""
    return Author.objects.filter(part_until__lte=at).update(
        part=Part.UNKNOWN, part_evidence="", part_until=None, part_by=None
    )


def mark_thread(
    thread: Thread, kind: str, *, level: int = 0, url_name: str = "", object_id: int | None = None, at: datetime
) -> None:
    """Push a plain fact of a higher room down onto a thread; one row a kind, the newest wins."""
    mark_threads([ThreadMark(thread=thread, kind=kind, level=level, url_name=url_name, object_id=object_id, at=at)])


def mark_threads(marks: Sequence[ThreadMark]) -> None:
    """`mark_thread` for many threads at once, in the order given."""
    ThreadMark.objects.bulk_create(
        marks,
        update_conflicts=True,
        unique_fields=["thread", "kind"],
        update_fields=["level", "url_name", "object_id", "at"],
    )


def foretell(threads: Iterable[Thread]) -> None:
    """Threads that stand before their first post is heard, so that all of it bears what they say of themselves."""
    Thread.objects.bulk_create(threads, ignore_conflicts=True)


def serve_threads(cases: Iterable[tuple[int, int, list[int]]]) -> None:
    """Note which threads hold cases, from (thread, brand, topics) of each: what a mandate on cases opens."""
    topics: dict[tuple[int, int], set[int]] = {}
    for thread, brand, of_case in cases:
        topics.setdefault((thread, brand), set()).update(of_case)
    ServedThread.objects.bulk_create(
        [
            ServedThread(thread_id=thread, brand_id=brand, topics=sorted(found))
            for (thread, brand), found in topics.items()
        ],
        update_conflicts=True,
        unique_fields=["thread", "brand"],
        update_fields=["topics"],
    )


def unmark_threads(threads: Collection[int], kind: str) -> None:
    """Take one kind of mark off these threads (primary keys)."""
    ThreadMark.objects.filter(thread__in=threads, kind=kind).delete()
