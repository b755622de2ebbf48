"""A person's own view of the Stream, as its page makes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from siach.org.rights import narrow, reaches
from siach.talk.queries.filters import Filters, View, view_of
from siach.talk.queries.reach import shut
from siach.talk.queries.stream import scope

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import User


def view_for(user: User, *, at: datetime, **asked: str) -> View:
    """All that this person may read of these filters."""
    view = view_of(Filters(**asked), scope(user), None, limits=narrow(reaches(user, "stream.read")), at=at)
    return replace(view, shut=shut(user, "stream.read", view.brands))
