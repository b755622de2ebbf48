"""Bluesky: hears by polling the account's own server over XRPC, answers by records with keys of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from siach.networks.bluesky import listen, speak, standing
from siach.networks.bluesky.session import DEFAULT_SERVICE, Session
from siach.networks.contract import (
    Capability,
    Clock,
    Eligibility,
    FetchedMetrics,
    Field,
    Found,
    Grant,
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

_SOURCES = {"mentions": listen.mentions, "search": listen.search, "thread": listen.thread}


class Connector:
    """One Bluesky account. `seconds` is the longest that any one request may take."""

    NAME: ClassVar[str] = "bluesky"
    LABEL: ClassVar[str] = "Bluesky"
    INTRO: ClassVar[str] = ""
    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("handle", "Handle", help="As on Bluesky, for example name.bsky.social"),
        Field("password", "App password", "password", help="Created in Bluesky under Settings, App passwords"),
        Field(
            "service",
            "Server",
            "url",
            default=DEFAULT_SERVICE,
            help="Change it only for a server of one's own",
        ),
    )
    TERMS: ClassVar[Terms] = Terms(
        keep_days=None, refresh_days=None, on_gone="erase", may_train=False, may_link_people=False
    )
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset(
        ("mentions", "search", "thread", "send", "find", "hide", "delete", "metrics")
    )
    TEXT_LIMIT: ClassVar[TextLimit] = speak.LIMIT
    METERED: ClassVar[int] = standing.MOST
    RATE: ClassVar[Rate] = Rate(3_000, 300, "address")

    def __init__(
        self,
        grant: Grant | None = None,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self._clock = clock or utc_now
        self._session = Session(grant, self._clock, sleep, seconds)

    @property
    def grant(self) -> Grant | None:
        return self._session.grant

    def close(self) -> None:
        self._session.close()

    def sign_in_url(self, state: str, back: str) -> str | None:
        return None

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn:
        return self._session.sign_in(answers.get("service", ""), answers.get("handle", ""), answers.get("password", ""))

    def renew(self, grant: Grant) -> Grant:
        self._session.grant = grant
        return self._session.renew()

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        return _SOURCES[spec.kind](self._session, spec, cursor, self._clock())

    @property
    def text_limit(self) -> TextLimit:
        return speak.LIMIT

    def check_text(self, text: str, target: Mapping[str, object] | None = None) -> None:
        speak.check_text(text)

    def eligible(self, target: Mapping[str, object]) -> Eligibility:
        return speak.eligible(target)

    def send(self, text: str, target: Mapping[str, object] | None, key: str) -> Sent:
        return speak.send(self._session, text, target, key, self._clock())

    def find(self, key: str, text: str = "", target: Mapping[str, object] | None = None) -> Found:
        return speak.find(self._session, key)

    def hide(self, target: Mapping[str, object]) -> None:
        speak.hide(self._session, target)

    def delete(self, external_id: str) -> None:
        speak.delete(self._session, external_id)

    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        return standing.standing(self._session, targets)
