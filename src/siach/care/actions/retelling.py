"""Cases with all that a team did in them before Siach stood between, written at once with their own times.

The same life table and clocks as everywhere; but no network is called, no undo time passes, and nobody is told of
what is long over. Only words that still wait for an approval are asked for as any words are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.db.models import Model

from siach.care.actions.alarming import calm
from siach.care.actions.answering import SUBJECT, facts_of
from siach.care.actions.hearing import begun, listen, soon_enough
from siach.care.actions.moving import MOVES, mark_all, move, wait_since
from siach.care.models import OPEN_STATES, TO_ANSWER, Case, Note, Reply
from siach.care.triage import is_thanks, opens_case
from siach.org import approvals
from siach.org.approvals_told import Decided, tell_decided
from siach.org.ledger import line, record_all
from siach.org.live import signal
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.org.models import ApprovalRule, Brand, User
    from siach.talk.models import Account, Mention

Kind = Literal["opened", "heard", "taken", "noted", "asked", "answered", "resolved", "set_aside"]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether words might go out: asked at `at`, decided by somebody; `reason` is what a refusal said."""

    at: datetime
    decider: User
    decided_at: datetime
    granted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """An answer: by which account, and, where it stands on its network, its id and link there. `asked`: what was asked
    about each of its versions, in order."""

    account: Account
    body: str
    external_id: str = ""
    url: str = ""
    asked: Sequence[Question] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, when, and by whom (None: by rule, or the customer). `text`: of a note, or the code why a case was
    set aside. `said`: what the customer was heard to say. `words`: of an answer, or those that wait."""

    kind: Kind
    at: datetime
    by: User | None = None
    text: str = ""
    said: Mention | None = None
    words: Words | None = None


@dataclass(slots=True)
class Matter:
    """One customer's matter in one thread: what it began with, the case that stands already, and what happened, in the
    order of time."""

    mention: Mention
    case: Case | None
    events: Sequence[Event]


@dataclass(slots=True)
class _Book:
    """What is to be written. `facts` of lines may hold rows that have no key yet."""

    brand: Brand
    cases: list[Case] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    replies: list[tuple[Reply, Words]] = field(default_factory=list)
    asked: list[tuple[Reply, Mention]] = field(default_factory=list)
    lines: list[tuple[str, Case, User | None, datetime, dict[str, Any]]] = field(default_factory=list)
    calmed: list[Case] = field(default_factory=list)


@transaction.atomic
def retell(*, brand: Brand, rule: ApprovalRule, matters: Sequence[Matter], at: datetime) -> None:
    """Write these matters, the last moment of which is `at`. An event that its case's state does not allow is left out:
    a case by rule opens only where the rule would, and nothing is set aside that somebody has begun to work on.

    `rule`: the rule of the brand that the questions about answers were asked by.
    """
    book = _Book(brand)
    for matter in matters:
        _Life(matter, book).live()
    if not book.cases:
        return
    _write_cases(book)
    _write_words(book, rule)
    lines = sorted(book.lines, key=lambda told: told[3])
    record_all(
        [line(name, case, by=by, at=on, org=brand.org, brand=brand, **_keys(f)) for name, case, by, on, f in lines]
    )
    for reply, mention in book.asked:
        _ask(reply, mention, brand)
    for case in book.calmed:
        calm(case, at=at)
    mark_all({case.thread_id for case in book.cases}, at=at)
    signal(brand.org_id, "inbox")


def _keys(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value.pk if isinstance(value, Model) else value for name, value in facts.items()}


class _Life:
    """One matter, event by event."""

    def __init__(self, matter: Matter, book: _Book) -> None:
        self.matter, self.book, self.case = matter, book, matter.case
        self.heard_at = matter.case.last_post.heard_at if matter.case else None
        self.is_changed = False

    def live(self) -> None:
        for event in self.matter.events:
            getattr(self, f"_{event.kind}")(event)
        if self.case is not None and self.is_changed:
            self.book.cases.append(self.case)

    def _tell(self, name: str, event: Event, **facts: object) -> None:
        assert self.case is not None
        self.is_changed = True
        self.book.lines.append((name, self.case, event.by, self._at(event), facts))

    def _at(self, event: Event) -> datetime:
        """Nothing is done about a case before it was opened."""
        return max(event.at, self.case.opened_at) if self.case else event.at

    def _may(self, name: str) -> bool:
        return self.case is not None and self.case.state in MOVES[name]

    def _opened(self, event: Event) -> None:
        mention = self.matter.mention
        if self.case is not None or (event.by is None and not opens_case(mention)):
            return
        how = Case.OpenedBy.HAND if event.by else Case.OpenedBy.RULE
        self.case = begun(mention, mention.post, how, repeat=False, since=event.at, at=event.at)
        self._tell("case.opened", event, how=how.value, post=mention.post_id, priority=self.case.priority)

    def _heard(self, event: Event) -> None:
        case, said = self.case, event.said
        if case is None or said is None:
            return
        self.heard_at = said.post.heard_at
        if case.state in OPEN_STATES:
            self.is_changed = True
            listen(case, said, said.post)
        elif case.state == Case.State.RESOLVED and soon_enough(case, said.post):
            case.last_post_id = said.post_id
            self.is_changed = True
            if not is_thanks(said):
                listen(case, said, said.post)
                self._tell("case.reopened", event, how="customer", post=said.post_id)

    def _taken(self, event: Event) -> None:
        self._opened(event)
        case = self.case
        if case is not None and event.by is not None and case.state in OPEN_STATES and case.assignee_id != event.by.pk:
            move(case, "assign")
            case.assignee = event.by
            self._tell("case.assigned", event, to=event.by.pk)

    def _noted(self, event: Event) -> None:
        if self.case is not None:
            note = Note(case=self.case, by=event.by, text=event.text, at=self._at(event))
            self.book.notes.append(note)
            self._tell("case.noted", event, note=note)

    def _asked(self, event: Event) -> None:
        if self.case is not None and self.case.state in TO_ANSWER:
            self.book.asked.append((self._said(event), self.matter.mention))

    def _answered(self, event: Event) -> None:
        self._taken(event)
        case = self.case
        if case is None or case.state not in OPEN_STATES:
            return
        outgoing = self._said(event).outgoing
        outgoing.state, outgoing.sending_at, outgoing.sent_at = Outgoing.State.SENT, event.at, event.at
        outgoing.attempts, outgoing.not_before = 1, event.at
        case.answered_at = case.answered_at or event.at
        later = self.heard_at if self.heard_at and self.heard_at > event.at else None
        if case.state == Case.State.OPEN and later is None:
            move(case, "answer")
        wait_since(case, later)
        self._calm()

    def _said(self, event: Event) -> Reply:
        """The row of an answer, its words beside it, written when they were asked for or a moment before they left."""
        words, case = event.words, self.case
        assert words is not None and case is not None
        at = words.asked[0].at if words.asked else self._at(event)
        outgoing = Outgoing(
            org_id=self.book.brand.org_id,
            brand=self.book.brand,
            account=words.account,
            subject_kind=SUBJECT,
            target=self.matter.mention.post,
            body=words.body,
            version=max(1, len(words.asked)),
            external_id=words.external_id,
            url=words.url,
            by=event.by,
            made_at=words.asked[-1].at if words.asked else at,
        )
        reply = Reply(case=case, outgoing=outgoing, by=event.by, at=at)
        self.book.replies.append((reply, words))
        self.is_changed = True
        post, waits = self.matter.mention.post_id, bool(words.asked)
        facts = {"reply": reply, "outgoing": outgoing, "post": post, "waits": waits, "private": False}
        self.book.lines.append(("case.answered", case, event.by, at, facts))
        for version, question in enumerate(words.asked[1:], 2):
            facts = {"reply": reply, "version": version}
            self.book.lines.append(("reply.resent", case, event.by, question.at, facts))
        return reply

    def _resolved(self, event: Event) -> None:
        if self._may("resolve"):
            self._end("resolve", event)
            self._tell("case.resolved", event)

    def _set_aside(self, event: Event) -> None:
        if self._may("set_aside"):
            self._end("set_aside", event)
            self._tell("case.set_aside", event, reason=event.text)

    def _end(self, name: str, event: Event) -> None:
        assert self.case is not None
        move(self.case, name)
        self.case.resolved_at = self._at(event)
        wait_since(self.case, None)
        self._calm()

    def _calm(self) -> None:
        """Whoever was woken for a case that stood already need not be any more."""
        if self.case is not None and self.case.pk and self.case.priority == approvals.GRAVEST:
            self.book.calmed.append(self.case)


_CHANGED = (
    "state",
    "assignee",
    "priority",
    "topics",
    "last_post",
    "waiting_since",
    "due_at",
    "answered_at",
    "resolved_at",
)


def _write_cases(book: _Book) -> None:
    standing = [case for case in book.cases if case.pk is not None]
    Case.objects.bulk_create([case for case in book.cases if case.pk is None])
    Case.objects.bulk_update(standing, _CHANGED)


def _write_words(book: _Book, rule: ApprovalRule) -> None:
    """Notes and answers of cases that are written by now, and what was decided about them."""
    Note.objects.bulk_create(book.notes)
    for reply, _words in book.replies:
        reply.outgoing.subject_id = reply.case.pk
    Outgoing.objects.bulk_create([reply.outgoing for reply, _words in book.replies])
    Reply.objects.bulk_create([reply for reply, _words in book.replies])
    decided = [
        Decided(
            subject=(Outgoing.SUBJECT, reply.outgoing.pk),
            version=version,
            by=reply.by,
            asked_at=question.at,
            decider=question.decider,
            at=question.decided_at,
            granted=question.granted,
            reason=question.reason,
        )
        for reply, words in book.replies
        if reply.by is not None
        for version, question in enumerate(words.asked, 1)
    ]
    if decided:
        tell_decided(rule=rule, decided=decided)


def _ask(reply: Reply, mention: Mention, brand: Brand) -> None:
    """Ask for what the brand's rules demand of words that have not left; without a rule they stay a draft."""
    outgoing, by = reply.outgoing, reply.by
    assert by is not None
    asked = approvals.ask(
        subject=(Outgoing.SUBJECT, outgoing.pk),
        version=outgoing.version,
        facts=facts_of(case=reply.case, post=mention.post, by=by),
        brand=brand,
        by=by,
        at=outgoing.made_at,
    )
    if asked is not None:
        outgoing.state = Outgoing.State.WAITING
        outgoing.save(update_fields=["state"])
