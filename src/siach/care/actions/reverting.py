"""Undo of a deed on a case: it stands again as it stood before, its clock too, unless something happened since."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.care.actions.moving import CannotAnswer, locked, mark, told
from siach.care.models import Case

if TYPE_CHECKING:
    from siach.org.models import User

UNDO_LIFE = timedelta(minutes=2)
_SALT = "care.undo"
_TIMES = ("waiting_since", "due_at", "resolved_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a deed changes of a case: its state, who has it, its clock and its end (times as ISO text)."""

    state: str
    assignee: int | None
    waiting_since: str
    due_at: str
    resolved_at: str

    @classmethod
    def of(cls, case: Case) -> Standing:
        times = {name: at.isoformat() if (at := getattr(case, name)) else "" for name in _TIMES}
        return cls(case.state, case.assignee_id, **times)


def undo_token(*, case: Case, was: Standing, by: User) -> str:
    """What brings a case back to `was` from how it stands now: for this person, for UNDO_LIFE."""
    now = Standing.of(Case.objects.get(pk=case.pk))
    return signing.dumps([case.pk, by.pk, asdict(was), asdict(now)], salt=_SALT)


@transaction.atomic
def undo_deed(*, case: Case, token: str, by: User, at: datetime) -> Case:
    """Put the case back. Refused when time ran out or anything happened to it since."""
    was, now = _read(token, case, by)
    case = locked(case)
    if Standing.of(case) != now:
        raise CannotAnswer(_("The case has changed since, so it stays as it is."))
    case.state, case.assignee_id = was.state, was.assignee
    for name in _TIMES:
        written = getattr(was, name)
        setattr(case, name, datetime.fromisoformat(written) if written else None)
    try:
        with transaction.atomic():
            case.save(update_fields=["state", "assignee", *_TIMES])
    except IntegrityError as error:
        raise CannotAnswer(_("The case has changed since, so it stays as it is.")) from error
    told(name="case.undone", case=case, by=by, at=at, was=now.state, now=was.state)
    mark(case.thread, at=at)
    return case


def _read(token: str, case: Case, by: User) -> tuple[Standing, Standing]:
    try:
        pk, person, was, now = signing.loads(token, salt=_SALT, max_age=UNDO_LIFE)
    except signing.BadSignature:
        pk = person = None
    if (pk, person) != (case.pk, by.pk):
        raise CannotAnswer(_("It is too late to undo this."))
    return Standing(**was), Standing(**now)
