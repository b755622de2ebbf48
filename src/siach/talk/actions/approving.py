"""Approvals of words on their way out: the decision and what becomes of the words are one transaction.

The brand's hold is locked first, then the words, then the approval: the order of every deed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from siach.org import approval_links, approvals
from siach.org.holds import is_held
from siach.org.live import signal
from siach.org.models import Approval
from siach.org.notices import tell
from siach.talk.actions.sending import UNDO, leave, move
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User

State = Approval.State


@transaction.atomic
def decide(*, approval: Approval, place: int, grant: bool, reason: str = "", by: User, at: datetime) -> Approval:
    """Grant or refuse the step that was seen; what is granted to the end leaves, what is refused is a draft again."""
    held, words = _locked(approval)
    decided = approvals.decide(approval=approval, place=place, grant=grant, reason=reason, by=by, at=at)
    _follow(words, decided, held=held, at=at)
    return decided


@transaction.atomic
def decide_outside(*, token: str, grant: bool, name: str, reason: str = "", at: datetime) -> Approval:
    """The same by a link that was sent outside."""
    approval = approval_links.opened(token, at=at).step.approval
    held, words = _locked(approval)
    decided = approval_links.answer(token=token, grant=grant, name=name, reason=reason, at=at)
    _follow(words, decided, held=held, at=at)
    return decided


def lapse_due(*, at: datetime) -> int:
    """Move on what ran out of time, one transaction each; how many."""
    found = list(approvals.due(at)[:500])
    for approval in found:
        with transaction.atomic():
            held, words = _locked(approval)
            _follow(words, approvals.lapse(approval=approval, at=at), held=held, at=at)
    return len(found)


def _locked(approval: Approval) -> tuple[bool, Outgoing | None]:
    """Whether the brand is held, and the words of this approval; both stay so until the transaction ends."""
    held = is_held(approval.brand_id)
    if approval.subject_kind != Outgoing.SUBJECT:
        return held, None
    return held, Outgoing.objects.select_for_update().filter(pk=approval.subject_id).first()


def _follow(words: Outgoing | None, approval: Approval, *, held: bool, at: datetime) -> None:
    """What the decision means for the words, if they still are the ones it was about."""
    if words is None or words.state != Outgoing.State.WAITING or words.version != approval.version:
        return
    if approval.state != State.ASKED:
        _tell(words, approval, at)
    if approval.state == State.GRANTED:
        leave(words, "grant", leaves=None if held else at + UNDO)
    elif approval.state in (State.REFUSED, State.LAPSED):
        move(words, "refuse")
        words.save(update_fields=["state"])
        signal(words.org_id, "inbox")


def _tell(words: Outgoing, approval: Approval, at: datetime) -> None:
    """Who wrote the words hears what became of them."""
    tell(
        "approval.decided",
        to=[approval.by] if approval.by else [],
        org=approval.brand.org,
        brand=approval.brand,
        level=2,
        subject=approval,
        url=("case", {"pk": words.subject_id}),
        at=at,
        outcome=str(approval.state),
        topics=approval.topics,
    )
