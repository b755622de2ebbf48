"""Who is told when something of the trunk goes wrong or ends: one place, so that nothing else makes noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siach.org.notices import leads_of, over, tell
from siach.org.rights import members
from siach.talk.models import Mention, Outgoing, ServedThread, Source

if TYPE_CHECKING:
    from datetime import date, datetime

    from siach.talk.models import Import

#: The page of whatever an Outgoing speaks for, by its kind.
_PAGES = {"care.case": "case"}


def source_deaf(source: Source, *, at: datetime) -> None:
    """Whoever manages sources hears once of each spell in which a source is deaf."""
    level = 3 if source.state == Source.State.BROKEN else 2
    tell("source.deaf", level=level, **_about(source, source.deaf_since, at=at))


def source_heard_again(source: Source, *, at: datetime) -> None:
    """The spell is over by itself: nobody need see to it, and whoever was told of it may read so."""
    source_well(source, at=at)
    tell("source.heard_again", level=1, **_about(source, source.deaf_since, at=at))


def source_quiet(source: Source, *, at: datetime) -> None:
    """Its calls work, but it is silent beyond its rhythm: worth a look, no interruption, and once a day."""
    since = source.quiet_since
    tell("source.quiet", level=1, **_about(source, since and since.date(), at=at))


def source_spoke(source: Source, *, at: datetime) -> None:
    """Something came: its quiet needs nobody any more."""
    over("source.quiet", subject=source, at=at)


def source_slowed(source: Source, *, until: datetime, at: datetime) -> None:
    """Most of its budget is used, so that it is asked more seldom until it begins anew."""
    tell("source.slowed", level=1, **_about(source, until, at=at))


def source_rests(source: Source, *, until: datetime, at: datetime) -> None:
    """Its budget is used up: it is deaf on purpose until it begins anew, or a person raises its cap."""
    over("source.slowed", subject=source, at=at)
    tell("source.rests", level=2, **_about(source, until, at=at))


def source_affords(source: Source, *, at: datetime) -> None:
    """A person raised its cap."""
    over("source.slowed", "source.rests", subject=source, at=at)


def source_well(source: Source, *, at: datetime) -> None:
    """It hears again, or somebody saw to it: its spells need nobody any more."""
    over("source.deaf", "source.quiet", subject=source, at=at)


def _about(source: Source, since: date | None, *, at: datetime) -> dict[str, Any]:
    return {
        "to": members(source.org, "source.manage"),
        "org": source.org,
        "brand": source.brand,
        "subject": source,
        "url": ("sources", {}),
        "at": at,
        "once": f"{source.pk}:{since.isoformat() if since else ''}",
    }


def outgoing_ended(outgoing: Outgoing, *, at: datetime) -> None:
    """Its writer and who leads them hear when words did not go out, or nobody knows whether they did."""
    if outgoing.by is None or outgoing.state not in (Outgoing.State.UNCLEAR, Outgoing.State.FAILED):
        return
    page = _PAGES.get(outgoing.subject_kind)
    about: dict[str, Any] = {
        "to": [outgoing.by, *leads_of(outgoing.by, outgoing.org)],
        "org": outgoing.org,
        "brand": outgoing.brand,
        "subject": outgoing,
        "url": (page, {"pk": outgoing.subject_id}) if page else ("today", {}),
        "once": f"{outgoing.pk}:{outgoing.sending_at}",
        "at": at,
        "topics": _topics(outgoing),
        "drill": outgoing.target.thread.drill if outgoing.target else None,
    }
    if outgoing.state == Outgoing.State.UNCLEAR:
        tell("reply.unclear", level=3, **about)
    else:
        tell("reply.failed", level=2, **about)


def _topics(outgoing: Outgoing) -> list[int]:
    """The topics by which a person may mute what is told of these words: none where danger is spoken of."""
    if outgoing.target is None:
        return []
    here = {"brand": outgoing.brand_id}
    thread = outgoing.target.thread_id
    if Mention.objects.filter(post__thread=thread, is_safety=True, is_about=True, **here).exists():
        return []
    served = ServedThread.objects.filter(thread=thread, **here).values_list("topics", flat=True).first()
    return served or []


def outgoing_settled(outgoing: Outgoing, *, at: datetime) -> None:
    """What became of unclear words is known now."""
    over("reply.unclear", subject=outgoing, at=at)


def import_ended(job: Import, *, at: datetime) -> None:
    """Whoever handed a file in hears when it is in, or what stopped it."""
    if job.by is None:
        return
    about: dict[str, Any] = {
        "to": [job.by],
        "org": job.org,
        "brand": job.brand,
        "subject": job,
        "url": ("import_job", {"pk": job.pk}),
        "once": f"{job.pk}:{at.isoformat()}",
        "at": at,
    }
    if job.state == job.State.DONE:
        tell("import.done", level=2, taken=job.taken, refused=job.refused, **about)
    else:
        tell("import.failed", level=2, **about)
