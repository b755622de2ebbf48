"""The score sheet of a drill: what was heard, opened and answered how soon, and against the last rehearsal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Min

from siach.care.models import Case
from siach.demo.models import Drill
from siach.talk.models import Outgoing, Post

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sheet:
    """Seconds are the storm's own, counted from its first post; None for what has not happened.

    posts: heard so far. asked: heard posts that deserve an answer; answered, in_time: of those. fed: answers given to
    accounts that live on them. unclear: answers of which nobody knows whether they stand.
    """

    posts: int
    heard: int | None
    first_case: int | None
    first_answer: int | None
    asked: int
    answered: int
    in_time: int
    fed: int
    unclear: int

    @property
    def share(self) -> float | None:
        """Of what deserves an answer, how much has one."""
        return self.answered / self.asked if self.asked else None

    @property
    def in_time_share(self) -> float | None:
        return self.in_time / self.asked if self.asked else None


def sheet(drill: Drill) -> Sheet:
    """As it stands; of a drill that has ended, as it stood then."""
    return Sheet(**drill.score) if drill.score else counted(drill)


def counted(drill: Drill) -> Sheet:
    posts = Post.objects.filter(org=drill.org_id, thread__drill=drill.pk, author__is_ours=False)
    said = Outgoing.objects.filter(org=drill.org_id, target__thread__drill=drill.pk)
    asked = dict(posts.filter(key__in=drill.asks).values_list("key", "heard_at"))
    sent = said.filter(state=Outgoing.State.SENT)
    answers = _first(
        (one.target.key, one.sent_at) for one in sent.select_related("target") if one.target and one.sent_at
    )
    answered = {key: answers[key] for key in asked if key in answers}
    patience = timedelta(seconds=drill.patience / drill.speed)
    case = Case.objects.filter(org=drill.org_id, thread__drill=drill.pk).aggregate(at=Min("opened_at"))
    return Sheet(
        posts=posts.count(),
        heard=_seconds(drill, posts.aggregate(at=Min("heard_at"))["at"]),
        first_case=_seconds(drill, case["at"]),
        first_answer=_seconds(drill, min(answers.values(), default=None)),
        asked=len(asked),
        answered=len(answered),
        in_time=sum(at - asked[key] <= patience for key, at in answered.items()),
        fed=sent.filter(target__key__in=drill.feeds).count(),
        unclear=said.filter(state=Outgoing.State.UNCLEAR).count(),
    )


def _first(pairs: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for key, at in pairs:
        found[key] = min(at, found.get(key, at))
    return found


def _seconds(drill: Drill, at: datetime | None) -> int | None:
    return None if at is None else max(0, round((at - drill.begun_at).total_seconds() * drill.speed))


def kept(drill: Drill) -> dict[str, Any]:
    """The sheet as a drill keeps it."""
    return asdict(counted(drill))


def before(drill: Drill) -> Drill | None:
    """The last rehearsal of the same kind that was played to its end before this one began."""
    ended = Drill.objects.filter(org=drill.org_id, kind=drill.kind, is_cut=False, ended_at__lte=drill.begun_at)
    return ended.order_by("-ended_at").first()


def running(org_id: int) -> Drill | None:
    return Drill.objects.filter(org=org_id, ended_at=None).first()
