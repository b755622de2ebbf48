"""The browsers in which a person is signed in: listed, and ended one by one or all together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction

from siach.org.ledger import line, record, record_all
from siach.org.live import end_streams
from siach.org.models import LedgerEntry, Org

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

    from siach.org.models import Membership, User

Why = Literal["", "last", "idle"]
_SEEN, _EVERY = "seen", timedelta(minutes=5)
_BEGUN, _OWN = "begun", "own device"
_BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox")]
_BROWSERS += [("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")]
_SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")]
_SYSTEMS += [("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")]


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. `browser` and `system` are "" where the browser does not say what it is."""

    pk: int
    browser: str
    system: str
    address: str
    since: datetime
    seen_at: datetime
    is_here: bool


def see(request: HttpRequest, *, at: datetime) -> None:
    """Note, every few minutes and not on every page, that this browser is in use. What an open page fetches by itself
    is no use: a computer that somebody left would otherwise never be idle."""
    last = request.session.get(_SEEN, 0)
    if _is_by_itself(request) or at.timestamp() - last < _EVERY.total_seconds():
        return
    request.session[_SEEN] = at.timestamp()
    UserSession.objects.create_from_request(request)


def _is_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and (
        "HX-Request" in request.headers or "text/event-stream" in request.headers.get("Accept", "")
    )


def begin(session: SessionBase, *, at: datetime) -> None:
    """Somebody has just signed in here."""
    session[_BEGUN] = at.timestamp()
    session.pop(_SEEN, None)


def choose_device(session: SessionBase, *, is_own: bool) -> None:
    """Whether nobody else uses this browser; it holds for the sign-in that is at hand or about to come."""
    if is_own:
        session[_OWN] = True
    else:
        session.pop(_OWN, None)


def is_own_device(session: SessionBase) -> bool:
    return bool(session.get(_OWN))


def why_over(session: SessionBase, *, at: datetime) -> Why:
    """Why the session ends now: "last" when SIACH_SESSION_DAYS have passed since somebody signed in here, "idle" when
    nothing was done for SIACH_IDLE_HOURS, two weeks on their own device; "" while it goes on.

    One that does not know when it began begins now.
    """
    if _BEGUN not in session:
        begin(session, at=at)
    begun = session[_BEGUN]
    if at.timestamp() - begun >= timedelta(days=settings.SIACH_SESSION_DAYS).total_seconds():
        return "last"
    idle = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if not is_own_device(session):
        idle = timedelta(hours=settings.SIACH_IDLE_HOURS)
    return "idle" if at.timestamp() - max(begun, session.get(_SEEN, 0)) >= idle.total_seconds() else ""


def has_ended(session: SessionBase, *, at: datetime) -> bool:
    """Whether a session has ended, by what other requests wrote of it since it was read."""
    now = type(session)(session.session_key)
    return bool(why_over(now, at=at)) or now.session_key is None


def sessions_of(user: User, here: str | None) -> list[Session]:
    """The browsers that are signed in, the latest first; `here` is the key of the one that asks."""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.last_seen_at, reverse=True)
    return [
        Session(
            pk=row.pk,
            browser=_named(row.user_agent, _BROWSERS),
            system=_named(row.user_agent, _SYSTEMS),
            address=str(row.ip),
            since=row.created_at,
            seen_at=row.last_seen_at,
            is_here=row.session_key == here,
        )
        for row in sorted(rows, key=lambda row: row.session_key != here)
    ]


@transaction.atomic
def end_sessions(*, user: User, at: datetime, only: int | None = None, keep: str | None = None) -> int:
    """End one browser's session (`only`), or all but the one whose key is `keep`. Their live streams end too."""
    ended = _end(user, only=only, keep=keep)
    if ended:
        orgs = Org.objects.filter(teams__memberships__user=user).distinct()
        record_all([line("person.sessions_ended", user, by=user, at=at, org=org, count=ended) for org in orgs])
    return ended


@transaction.atomic
def end_sessions_of(*, member: Membership, by: User, keep: str | None, at: datetime) -> int:
    """An owner signs a person of theirs out of every browser but the one whose key is `keep`; how many."""
    ended = _end(member.user, keep=keep)
    if ended:
        record("member.signed_out", member.user, by=by, at=at, org=member.team.org, count=ended)
    return ended


def _end(user: User, *, only: int | None = None, keep: str | None = None) -> int:
    rows = UserSession.objects.filter(user=user)
    ended = [row for row in (rows.filter(pk=only) if only is not None else rows) if row.session_key != keep]
    for row in ended:
        end_streams(stream_key(row.session_key))
        row.end()
    return len(ended)


def was_signed_out(user: User, *, since: datetime) -> bool:
    """Whether somebody closed this person's account to their devices since: an owner who signed them out everywhere,
    or they themselves, by a new password in place of a forgotten one."""
    told = LedgerEntry.objects.filter(subject_kind=user._meta.label_lower, subject_id=user.pk, at__gte=since)
    inside = Org.objects.filter(teams__memberships__user=user)
    return told.filter(org__in=inside, name__in=("member.signed_out", "person.password_reset")).exists()


def stream_key(session_key: str | None) -> str:
    """What a live stream is known by: never the key of the session itself, which would let somebody in."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:32]


def _named(agent: str, known: list[tuple[str, str]]) -> str:
    return next((name for sign, name in known if sign in agent), "")
