"""One signed-in session with an account's own Bluesky server: XRPC calls that renew their token themselves.

A session is kept in the grant and refreshed, because a server allows few sign-ins (30 in 5 minutes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from siach.networks.contract import Clock, Grant, NetworkError, SignedIn, Sleeper
from siach.networks.guard import check_base_url
from siach.networks.http import MAX_SECONDS, Http, Params, Refused
from siach.networks.jsonmap import mapping, text_of

DEFAULT_SERVICE = "https://bsky.social"
_INVISIBLE = re.compile(r"[\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_STALE = ("ExpiredToken",)
_AWAY = ("AccountTakedown", "AccountDeactivated")
_VOID = ("InvalidToken", "AuthMissing", "AuthenticationRequired", *_AWAY)
_SIGN_IN_AGAIN = "The sign-in to Bluesky no longer holds. Sign in again."


class Session:
    """Calls on behalf of `grant`; `grant` is replaced whenever its tokens were renewed."""

    def __init__(self, grant: Grant | None, clock: Clock, sleep: Sleeper | None, seconds: float = MAX_SECONDS) -> None:
        self.grant = grant
        self._clock = clock
        self._sleep = sleep
        self._seconds = seconds
        self._doors: dict[str, Http] = {}

    def close(self) -> None:
        for door in self._doors.values():
            door.close()
        self._doors.clear()

    @property
    def did(self) -> str:
        return self._data("did")

    def get(self, method: str, params: Params | None = None, *, of_another: bool = False) -> dict[str, object]:
        """A read. `of_another`: a refusal that names an account's state is about the account asked for, not ours."""
        return self._signed(lambda door, headers: door.get(f"/xrpc/{method}", params, headers), of_another)

    def post(self, method: str, body: Mapping[str, object]) -> dict[str, object]:
        return self._signed(lambda door, headers: door.post(f"/xrpc/{method}", body, headers))

    def sign_in(self, service: str, handle: str, password: str) -> SignedIn:
        """A new session; "never" for a wrong handle or password."""
        service = check_base_url(service or DEFAULT_SERVICE)
        handle = full_handle(handle, service)
        if not handle or not password:
            raise NetworkError("Bluesky needs a handle and an app password.", "never")
        try:
            made = self._door(service).post(
                "/xrpc/com.atproto.server.createSession", {"identifier": handle, "password": password}
            )
        except Refused as refusal:
            raise _refused_sign_in(refusal) from refusal
        except NetworkError as error:
            # Nothing is lost by trying a sign-in again.
            raise NetworkError(error.message, "retry_at" if error.then == "unknown" else error.then) from error
        self.grant = _grant(made, service, fallback=None)
        return SignedIn(self.did, text_of(made, "handle"), self._name() or text_of(made, "handle"), self.grant)

    def renew(self) -> Grant:
        """Fresh tokens for the old refresh token; "renew" when it too has expired."""
        old = self._grant_or_error()
        try:
            made = self._door(old.data["pds"]).post(
                "/xrpc/com.atproto.server.refreshSession",
                headers={"authorization": f"Bearer {old.data['refresh']}"},
            )
        except Refused as refusal:
            if refusal.then in ("never", "renew"):
                raise NetworkError(_SIGN_IN_AGAIN, "renew") from refusal
            raise NetworkError(refusal.message, "retry_at", refusal.at) from refusal
        except NetworkError as error:
            raise NetworkError(error.message, "retry_at" if error.then == "unknown" else error.then) from error
        self.grant = _grant(made, old.data["service"], fallback=old)
        return self.grant

    def _signed(
        self, call: Callable[[Http, Mapping[str, str]], dict[str, object]], of_another: bool = False
    ) -> dict[str, object]:
        """Call with the access token; once more with a renewed one if the server calls it expired.
        An expired token is refused before anything is done, so this is safe for writes too."""
        try:
            return call(self._door(self._data("pds")), self._bearer())
        except Refused as refusal:
            if of_another and refusal.code in _AWAY:
                raise
            if refusal.code not in _STALE:
                raise _explained(refusal) from refusal
        self.renew()
        try:
            return call(self._door(self._data("pds")), self._bearer())
        except Refused as refusal:
            if of_another and refusal.code in _AWAY:
                raise
            raise _explained(refusal) from refusal

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._data('access')}"}

    def _data(self, name: str) -> str:
        return self._grant_or_error().data[name]

    def _grant_or_error(self) -> Grant:
        needed = ("service", "pds", "did", "access", "refresh")
        if self.grant is None or any(not self.grant.data.get(name) for name in needed):
            raise NetworkError(_SIGN_IN_AGAIN, "renew")
        return self.grant

    def _door(self, url: str) -> Http:
        if url not in self._doors:
            self._doors[url] = Http(url, clock=self._clock, sleep=self._sleep, seconds=self._seconds)
        return self._doors[url]

    def _name(self) -> str:
        """The display name; "" while the network does not know a new account yet."""
        try:
            return text_of(self.get("app.bsky.actor.getProfile", {"actor": self.did}), "displayName")
        except NetworkError:
            return ""


def full_handle(typed: str, service: str) -> str:
    """A handle as people paste it (with @, direction marks, capitals, without a domain) made whole."""
    handle = _INVISIBLE.sub("", typed).lstrip("@").lower()
    if handle and "." not in handle and ":" not in handle and service == DEFAULT_SERVICE:
        return f"{handle}.bsky.social"
    return handle


def _grant(made: Mapping[str, object], service: str, fallback: Grant | None) -> Grant:
    """The grant in a session answer. Later calls go to the account's own server, named in its document."""
    pds = fallback.data["pds"] if fallback else service
    entries = mapping(made, "didDoc").get("service")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and text_of(entry, "id").endswith("#atproto_pds"):
            pds = check_base_url(text_of(entry, "serviceEndpoint"))
    data = {
        "service": service,
        "pds": pds,
        "did": text_of(made, "did"),
        "handle": text_of(made, "handle"),
        "access": text_of(made, "accessJwt"),
        "refresh": text_of(made, "refreshJwt"),
    }
    if not all(data.values()) or (fallback and fallback.data["did"] != data["did"]):
        raise NetworkError("The server's answer has an unexpected shape.", "retry_at")
    return Grant(data)


def _refused_sign_in(refusal: Refused) -> NetworkError:
    if refusal.code == "AuthFactorTokenRequired":
        return NetworkError("This account asks for a second factor: use an app password of it.", "never")
    if refusal.status in (400, 401):
        return NetworkError("Bluesky does not accept this handle and app password.", "never")
    return NetworkError(refusal.message, "retry_at" if refusal.then == "unknown" else refusal.then, refusal.at)


def _explained(refusal: Refused) -> NetworkError:
    """XRPC answers 400 where a token is void, and 400 UpstreamTimeout-like codes where a server behind
    it failed: the code, not the status, says what to do."""
    if refusal.code in _VOID or refusal.code in _STALE:
        return NetworkError(_SIGN_IN_AGAIN, "renew")
    return refusal
