"""What waits for a reader: safety, then cases by the nearest clock, words of unsure fate, what cannot be heard."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Left

from siach.calc.priority import Clock
from siach.care.models import TO_ANSWER, Case, Reply
from siach.care.queries import cases_for, words_for
from siach.care.queries.queue import ORDER, clock_of
from siach.org.models import Approval, Topic
from siach.org.rights import brands_for, orgs_for
from siach.talk import connections
from siach.talk.models import Import, Outgoing, SetAside, Source
from siach.talk.queries.approvals import waiting_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from siach.org.models import Brand, User

ROWS = 5
SNIPPET = 240
COUNTED = 1000
#: What is read of a case to place it.
_CLOCKS = ("priority", "state", "waiting_since", "due_at", "answered_at")
_GRAVE = 1  # the place of its group in `waiting`

Kind = Literal["unclear", "failed", "approval", "case", "deaf", "import", "aside"]


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that waits, with its reason and its clock.

    `thing` is a Case, an Outgoing, an Approval, a Source, an Import, or None for posts that were set aside, of which
    there are `n`. `case`: the case at hand, or the one that words for approval answer, as far as the reader sees it;
    with `said`, the start of the customer's last words, `topic`, and `is_asked`: our reply waits for approval.
    """

    kind: Kind
    thing: Case | Outgoing | Approval | Source | Import | None
    at: datetime | None
    clock: Clock | None = None
    network: str = ""
    n: int = 1
    case: Case | None = None

    @property
    def is_grave(self) -> bool:
        return self.case is not None and self.case.priority == 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """At most `ROWS` things by their urgency, how many there are in all, and the counts behind the brief.

    Every count stops at 1,000. `cases` are counted with those whose words wait for approval. `grave`: of the first
    priority, which is about safety; the one `topic` that the first of these share ("" else); `late`: past the reply
    time; `soon`: more than half of it is used.
    """

    rows: tuple[Wait, ...]
    total: int
    cases: int
    grave: int
    topic: str
    late: int
    soon: int
    unclear: int
    failed: int
    approvals: int
    deaf: tuple[Source, ...]


def waiting(user: User, rights: frozenset[str], brands: Sequence[Brand], *, at: datetime) -> Waiting:
    """Everything that waits for this person on these brands, in at most ten queries."""
    ids = [brand.pk for brand in brands]
    words = _words(user, ids) if "inbox.read" in rights else []
    asked = _asked(user, rights, ids, at) if "approval.decide" in rights else []
    told = _cases_of([*words, *asked])
    cases, free = _cases(user, rights, ids, told, at) if "inbox.read" in rights else ([], {})
    counts = _with_asked(free, asked)
    deaf = list(_deaf(user, ids)) if "source.read" in rights else []
    files = list(_files(user, ids)) if "import.run" in rights else []
    aside = _aside(user) if "source.manage" in rights else 0
    by_level = _by_level([*words, *cases, *asked])
    groups: list[list[Wait]] = [
        by_level["unclear"],
        sorted(by_level["grave"], key=lambda wait: wait.at or at),
        by_level["approval"],
        by_level["late"],
        by_level["failed"],
        by_level["soon"],
        [Wait("deaf", source, source.deaf_since, network=connections.label(source.network)) for source in deaf],
        by_level["calm"],
        [Wait("import", job, job.made_at) for job in files],
        [Wait("aside", None, None, n=aside)] if aside else [],
    ]
    total = free.get("all", 0) + len(words) + len(asked) + len(deaf) + len(files) + (1 if aside else 0)
    rows = _whole(_fair(groups), user, at)
    graves = {wait.case.topic for wait in rows if wait.is_grave and wait.case}  # type: ignore[attr-defined]
    return Waiting(
        rows=rows,
        total=total,
        cases=counts["all"],
        grave=counts["grave"],
        topic=(graves.pop() or "") if len(graves) == 1 else "",
        late=counts["late"],
        soon=counts["soon"],
        unclear=len(by_level["unclear"]),
        failed=len(by_level["failed"]),
        approvals=len(asked),
        deaf=tuple(deaf),
    )


def _by_level(waits: Iterable[Wait]) -> dict[str, list[Wait]]:
    """Answers by their fate and approvals as such; cases by how their clock stands; what is of P1 apart as "grave"."""
    found: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        calm = wait.clock.level if wait.clock else "calm"
        found["grave" if wait.is_grave else calm if wait.kind == "case" else wait.kind].append(wait)
    return found


def _cases_of(words: Sequence[Wait]) -> list[int]:
    """The cases whose answers have an unsure fate, or wait for this reader: they stand with the answer, not a second
    time."""
    told = [wait.thing.subject_id for wait in words if isinstance(wait.thing, Outgoing)]
    return told + [wait.case.pk for wait in words if wait.case]


def _with_asked(free: Mapping[str, int], asked: Iterable[Wait]) -> Counter[str]:
    """These counts of cases, and those whose words wait for this reader, whoever works on them."""
    counts = Counter(free)
    for wait in asked:
        if wait.case:
            counts.update(all=1, grave=int(wait.is_grave))
            counts.update([wait.clock.level] if wait.clock else [])
    return counts


def _fair(groups: Sequence[Sequence[Wait]]) -> tuple[Wait, ...]:
    """All that is grave, then the first of every other group before the second of any, shown in the order of the
    groups: nothing milder stands where a matter of safety is left out."""
    ranked = sorted(
        (0 if rank == _GRAVE else place, rank, place)
        for rank, group in enumerate(groups)
        for place in range(len(group))
    )
    chosen = sorted((rank, place) for _turn, rank, place in ranked[:ROWS])
    return tuple(groups[rank][place] for rank, place in chosen)


def _cases(
    user: User, rights: frozenset[str], brands: Sequence[int], told: Sequence[int], at: datetime
) -> tuple[list[Wait], dict[str, int]]:
    """The nearest clocks and how many run: one's own cases and nobody's; for who manages the brand, all."""
    cases = cases_for(user, "inbox.read").filter(brand__in=brands, state__in=TO_ANSWER)
    cases = cases.exclude(pk__in=told)
    if "brand.manage" not in rights:
        cases = cases.filter(Q(assignee=user) | Q(assignee=None))
    used = ExpressionWrapper(Value(at) - F("waiting_since"), output_field=DurationField())
    left = ExpressionWrapper(F("due_at") - Value(at), output_field=DurationField())
    counts = (
        cases.annotate(used=used, left=left)
        .values("pk", "used", "left", "due_at", "priority")[:COUNTED]
        .aggregate(
            all=Count("pk"),
            grave=Count("pk", filter=Q(priority=1)),
            late=Count("pk", filter=Q(due_at__lte=at)),
            soon=Count("pk", filter=Q(due_at__gt=at, used__gte=F("left"))),
        )
    )
    return [_of_case(case, case, at) for case in _shown(cases).order_by(*ORDER)[:ROWS]], counts


def _shown(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With all that a row tells of them."""
    waits = Reply.objects.filter(case=OuterRef("pk"), outgoing__state=Outgoing.State.WAITING)
    topic = Topic.objects.filter(pk=OuterRef("topics__0")).values("name")
    told = {"said": Left("last_post__text", SNIPPET), "topic": Subquery(topic), "is_asked": Exists(waits)}
    return cases.select_related("author", "thread", "assignee").annotate(**told)


def _of_case(thing: Case | Approval, case: Case, at: datetime) -> Wait:
    kind: Kind = "case" if thing is case else "approval"
    network = connections.label(case.thread.network)
    return Wait(kind, thing, case.due_at, clock=clock_of(case, at), network=network, case=case)


def _words(user: User, brands: Sequence[int]) -> list[Wait]:
    """Answers that may or may not stand on the network, and answers that surely do not; newest first."""
    states = (Outgoing.State.UNCLEAR, Outgoing.State.FAILED)
    found = words_for(user, "inbox.read").filter(brand__in=brands, state__in=states)
    found = found.select_related("target__author", "target__thread", "account")
    return [
        Wait(one.state, one, one.sending_at or one.made_at, network=connections.label(one.account.network))  # type: ignore[arg-type]
        for one in found.defer("target__text", "target__words").order_by("-pk")[:COUNTED]
    ]


def _asked(user: User, rights: frozenset[str], brands: Sequence[int], at: datetime) -> list[Wait]:
    """What waits for this person's approval, the nearest clock first, with its case where they may read that."""
    found = list(waiting_for(user).filter(brand__in=brands)[:COUNTED])
    ids = [one.subject_id for one in found if one.subject_kind == Outgoing.SUBJECT]
    replies = dict(Reply.objects.filter(outgoing__in=ids).values_list("outgoing", "case")) if ids else {}
    reads = bool(replies) and "inbox.read" in rights
    cases = cases_for(user, "inbox.read").only(*_CLOCKS).in_bulk(replies.values()) if reads else {}
    return [_question(one, cases.get(replies.get(one.subject_id, 0)), at) for one in found]


def _question(approval: Approval, case: Case | None, at: datetime) -> Wait:
    if case is None:
        return Wait("approval", approval, approval.due_at)
    return Wait("approval", approval, case.due_at, clock=clock_of(case, at), case=case)


def _whole(rows: Iterable[Wait], user: User, at: datetime) -> tuple[Wait, ...]:
    """These rows with all that is told of the cases whose words wait for approval."""
    ids = [wait.case.pk for wait in rows if wait.kind == "approval" and wait.case]
    cases = _shown(cases_for(user, "inbox.read")).in_bulk(ids) if ids else {}
    found = []
    for wait in rows:
        if isinstance(wait.thing, Approval) and wait.case:
            case = cases.get(wait.case.pk)
            found.append(_of_case(wait.thing, case, at) if case else replace(wait, case=None))
        else:
            found.append(wait)
    return tuple(found)


def _deaf(user: User, brands: Sequence[int]) -> QuerySet[Source]:
    """Sources that hear nothing, the longest first."""
    scope = brands_for(user, "source.read").filter(pk__in=brands)
    deaf = Q(state=Source.State.BROKEN) | Q(deaf_since__isnull=False, well_since=None)
    found = Source.objects.filter(deaf, brand__in=scope)
    return found.select_related("account").order_by("deaf_since", "pk")[:COUNTED]


def _files(user: User, brands: Sequence[int]) -> QuerySet[Import]:
    """Files that were handed in and wait for their columns to be checked."""
    mine = Q(brand__in=brands) | Q(brand=None)
    found = Import.objects.filter(mine, org__in=orgs_for(user, "import.run"), state=Import.State.DRAFT)
    return found.order_by("-pk")[:ROWS]


def _aside(user: User) -> int:
    """Posts that a step of the pipeline could not take, counted up to 1,000."""
    found = SetAside.objects.filter(post__org__in=orgs_for(user, "source.manage"), settled_at=None)
    return found.values("pk")[:COUNTED].count()
