"""How often one person may read, search and take files along: far above any work by hand, below what a script takes.
And how often somebody may call by machine what does not fit."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from allauth.core.internal import ratelimit
from django.conf import settings

from siach.org.signing import tell_limit, too_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

#: What leaves as a file: routes of every room.
EXPORTS = frozenset(
    {
        "activity_file",
        "refused_rows",
        "request_report",
        "evidence_file",
        "archive_file",
        "archive_make",
        "mandate_proof",
    }
)


class Limits:
    """Searches (whatever asks by `q`) and files are counted in the database, by person, by the same means as attempts
    to sign in. Requests at all are counted by each web process, because a row for each would cost more than many
    pages. Stands behind `Reader`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._minute, self._asked = 0, Counter[str]()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        who = request.session.get("_auth_user_id") if request.user.is_authenticated else None
        return too_many(request) if who and self._is_beyond(request, who) else None

    def _is_beyond(self, request: HttpRequest, who: str) -> bool:
        if self._count(who) > settings.SIACH_REQUESTS_A_MINUTE:
            return True
        if request.GET.get("q", "").strip() and not _may(request, "search", who):
            return True
        match = request.resolver_match
        return bool(match and match.url_name in EXPORTS) and not _may(request, "export", who)

    def _count(self, who: str) -> int:
        """How many requests of this person came in this minute."""
        minute = int(time.time() // 60)
        if minute != self._minute:
            self._minute, self._asked = minute, Counter()
        self._asked[who] += 1
        return self._asked[who]


def _may(request: HttpRequest, action: str, who: str) -> bool:
    return bool(ratelimit.consume(request, app="allauth.account", action=action, key=f"person:{who}", limit_get=True))


class WrongCalls:
    """Calls to addresses that machines call by a signature, which did not fit: counted by each web process, by who
    calls and by the address called. Whoever counts has looked at the signature before, so a call that fits is never
    refused, whatever others send there; and guessing costs no row of the database."""

    #: Whoever comes once so many are known in a minute is beyond at once: what is kept has an end.
    MOST_KNOWN = 10_000

    def __init__(self) -> None:
        self._minute, self._came = 0, Counter[str]()

    def are_too_many(self, request: HttpRequest, address: str) -> bool:
        """Count one. Whether it is beyond the limit; the first beyond it is told to the log."""
        minute = int(time.time() // 60)
        if minute != self._minute:
            self._minute, self._came = minute, Counter()
        most = settings.SIACH_WRONG_CALLS_A_MINUTE
        came = max([self._count(f"from {ratelimit.get_ip(request)}"), self._count(f"to {address}")])
        if came == most + 1:
            tell_limit(request)
        return came > most

    def _count(self, who: str) -> int:
        if who not in self._came and len(self._came) >= self.MOST_KNOWN:
            return sys.maxsize
        self._came[who] += 1
        return self._came[who]


wrong_calls = WrongCalls()
