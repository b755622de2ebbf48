"""Mastodon, and other servers that speak its API: hears by polling the account's own server, answers as statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from siach.networks.contract import (
    Capability,
    Clock,
    Consent,
    Eligibility,
    FetchedMetrics,
    Field,
    Found,
    Grant,
    NetworkError,
    Page,
    Rate,
    Sent,
    SignedIn,
    Sleeper,
    SourceSpec,
    Terms,
    TextLimit,
)
from siach.networks.http import MAX_SECONDS, utc_now
from siach.networks.mastodon import listen, speak, standing
from siach.networks.mastodon.session import Session

_SOURCES = {"mentions": listen.mentions, "search": listen.search, "thread": listen.thread}


class Connector:
    """One account. `seconds` is the longest that any one request may take."""

    NAME: ClassVar[str] = "mastodon"
    LABEL: ClassVar[str] = "Mastodon"
    INTRO: ClassVar[str] = ""
    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("server", "Server", help="Where the account lives, for example mastodon.social"),
        Field(
            "token",
            "Access token",
            "password",
            help="Leave it blank to approve on the server's own page. Created there under Preferences, Development",
            required=False,
        ),
    )
    TERMS: ClassVar[Terms] = Terms(
        keep_days=None, refresh_days=None, on_gone="erase", may_train=False, may_link_people=False
    )
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset(
        ("mentions", "search", "thread", "send", "find", "delete", "metrics")
    )
    TEXT_LIMIT: ClassVar[TextLimit] = speak.LIMIT
    METERED: ClassVar[int] = standing.MOST
    RATE: ClassVar[Rate] = Rate(300, 300, "account")

    def __init__(
        self,
        grant: Grant | None = None,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self._clock = clock or utc_now
        self._sleep = sleep
        self._session = Session(grant, self._clock, sleep, seconds)

    @property
    def grant(self) -> Grant | None:
        return self._session.grant

    @property
    def text_limit(self) -> TextLimit:
        return TextLimit(self._session.length)

    def close(self) -> None:
        self._session.close()

    def sign_in_url(self, state: str, back: str) -> str | None:
        return None

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        return self._session.sign_in(answers)

    def renew(self, grant: Grant) -> Grant:
        return self._session.renew()

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        return _SOURCES[spec.kind](self._session, spec, cursor, self._clock())

    def check_text(self, text: str, target: Mapping[str, object] | None = None) -> None:
        speak.check_text(self._session, text, target)

    def eligible(self, target: Mapping[str, object]) -> Eligibility:
        return speak.eligible(target)

    def send(self, text: str, target: Mapping[str, object] | None, key: str) -> Sent:
        return speak.send(self._session, text, target, key)

    def find(self, key: str, text: str, target: Mapping[str, object] | None) -> Found:
        return speak.find(self._session, text, target, self._sleep, self._clock())

    def hide(self, target: Mapping[str, object]) -> None:
        raise NetworkError("Mastodon hides nobody's replies.", "never")

    def delete(self, external_id: str) -> None:
        speak.delete(self._session, external_id)

    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        return standing.standing(self._session, targets)
