"""One signed-in account on one server that speaks Mastodon's API: its calls, and how a person signs in to it.

The server gives a token for good: either one that a person made there, or one for the code that its page shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from siach.networks.contract import Clock, Consent, Field, Grant, NetworkError, SignedIn, Sleeper
from siach.networks.guard import check_base_url
from siach.networks.http import MAX_SECONDS, Http, Listed, Params, Refused
from siach.networks.jsonmap import JsonMap, mapping, number, text_of

LENGTH, URL_LENGTH = 500, 23
SCOPES = "read:accounts read:follows read:notifications read:search read:statuses write:statuses"
#: The server shows the code on a page instead of sending the browser anywhere.
CODE_PAGE = "urn:ietf:wg:oauth:2.0:oob"
CODE = Field("code", "Code", help="The server shows it after you approve there")
_INVISIBLE = re.compile(r"[\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: As Mastodon itself writes its version; other servers say in brackets behind it what they are.
_OWN_VERSION = re.compile(r"[3-9]\.\d+\.\d+[^ (]*")
_SIGN_IN_AGAIN = "The sign-in to Mastodon no longer holds. Sign in again."
_NEEDED = ("server", "domain", "id", "token")
T = TypeVar("T")


class Session:
    """Calls on behalf of `grant`."""

    def __init__(self, grant: Grant | None, clock: Clock, sleep: Sleeper | None, seconds: float = MAX_SECONDS) -> None:
        self.grant = grant
        self._clock = clock
        self._sleep = sleep
        self._seconds = seconds
        self._door: Http | None = None

    def close(self) -> None:
        if self._door is not None:
            self._door.close()
        self._door = None

    @property
    def server(self) -> str:
        return self._data()["server"]

    @property
    def domain(self) -> str:
        return self._data()["domain"]

    @property
    def id(self) -> str:
        """The account's own id on its server."""
        return self._data()["id"]

    @property
    def length(self) -> int:
        """The longest text that the account's server takes; Mastodon's own limit where nobody is signed in."""
        return int(self.grant.data.get("length", LENGTH)) if self.grant else LENGTH

    @property
    def is_mastodon(self) -> bool:
        """Whether the server is Mastodon itself: others speak its API without its promises (one post a key)."""
        return bool(_OWN_VERSION.fullmatch(self._data().get("version", "")))

    @property
    def rests_until(self) -> datetime | None:
        return self._door.rests_until if self._door else None

    def get(self, path: str, params: Params | None = None) -> dict[str, object]:
        return self._signed(lambda door, headers: door.get(path, params, headers))

    def get_list(self, path: str, params: Params | None = None) -> Listed:
        return self._signed(lambda door, headers: door.get_list(path, params, headers))

    def post(self, path: str, body: JsonMap, key: str) -> dict[str, object]:
        """A write that the server does once for one key, as far as it keeps keys."""
        return self._signed(lambda door, headers: door.post(path, body, {**headers, "idempotency-key": key}))

    def delete(self, path: str) -> dict[str, object]:
        return self._signed(lambda door, headers: door.delete(path, headers))

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        """With a token or a code: signed in. With the server's name alone: the page on which a person agrees."""
        server = server_of(answers.get("server", ""))
        door = Http(server, clock=self._clock, sleep=self._sleep, seconds=self._seconds)
        try:
            token = _INVISIBLE.sub("", answers.get("token", ""))
            if not token and answers.get("client_id") and answers.get("code"):
                token = _token(door, answers)
            return self._signed_in(door, server, token) if token else _consent(door, server)
        except Refused as refusal:
            if refusal.then in ("never", "renew"):
                raise NetworkError("This server does not accept the sign-in.", "never") from refusal
            raise NetworkError(refusal.message, "retry_at", refusal.at) from refusal
        except NetworkError as error:
            # Nothing is lost by trying a sign-in again.
            raise NetworkError(error.message, "retry_at" if error.then == "unknown" else error.then) from error
        finally:
            door.close()

    def renew(self) -> Grant:
        raise NetworkError(_SIGN_IN_AGAIN, "renew")

    def _signed_in(self, door: Http, server: str, token: str) -> SignedIn:
        me = door.get("/api/v1/accounts/verify_credentials", headers=_bearer(token))
        rules = _instance(door, token)
        statuses = mapping(mapping(rules, "configuration"), "statuses")
        domain = text_of(rules, "domain") or text_of(rules, "uri") or urlsplit(server).netloc
        handle = f"{text_of(me, 'username')}@{domain}"
        data = {
            "server": server,
            "domain": domain,
            "id": text_of(me, "id"),
            "token": token,
            "handle": handle,
            "version": text_of(rules, "version"),
            "length": str(number(statuses, "max_characters") or number(rules, "max_toot_chars") or LENGTH),
            "url_length": str(number(statuses, "characters_reserved_per_url") or URL_LENGTH),
        }
        who = text_of(me, "uri") or text_of(me, "url")
        if not who or not text_of(me, "username") or any(not data[name] for name in _NEEDED):
            raise NetworkError("The server's answer has an unexpected shape.", "retry_at")
        self.close()
        self.grant = Grant(data)
        return SignedIn(who, handle, text_of(me, "display_name") or handle, self.grant)

    def _signed(self, call: Callable[[Http, Mapping[str, str]], T]) -> T:
        data = self._data()
        if self._door is None:
            self._door = Http(data["server"], clock=self._clock, sleep=self._sleep, seconds=self._seconds)
        try:
            return call(self._door, _bearer(data["token"]))
        except Refused as refusal:
            if refusal.then == "renew":
                raise NetworkError(_SIGN_IN_AGAIN, "renew") from refusal
            raise

    def _data(self) -> Mapping[str, str]:
        if self.grant is None or any(not self.grant.data.get(name) for name in _NEEDED):
            raise NetworkError(_SIGN_IN_AGAIN, "renew")
        return self.grant.data


def server_of(typed: str) -> str:
    """A server as people write it: its name, an address of any page there, or a handle on it."""
    text = _INVISIBLE.sub("", typed)
    if not text:
        raise NetworkError("Mastodon needs the name of the account's server.", "never")
    if "://" not in text:
        text = f"https://{text.lstrip('@').rpartition('@')[2]}"
    parts = urlsplit(text)
    return check_base_url(f"{parts.scheme}://{parts.netloc}")


def _consent(door: Http, server: str) -> Consent:
    """Register Siach with the server, as its API wants of every program, and lead to its page."""
    app = door.post("/api/v1/apps", {"client_name": "Siach", "redirect_uris": CODE_PAGE, "scopes": SCOPES})
    client = {name: text_of(app, name) for name in ("client_id", "client_secret")}
    if not all(client.values()):
        raise NetworkError("The server's answer has an unexpected shape.", "retry_at")
    asked = {"client_id": client["client_id"], "redirect_uri": CODE_PAGE, "response_type": "code", "scope": SCOPES}
    return Consent(f"{server}/oauth/authorize?{urlencode(asked)}", CODE, {"server": server, **client})


def _token(door: Http, answers: Mapping[str, str]) -> str:
    """The token for the code that a person copied from the server's page, perhaps with what stood round it."""
    code = _INVISIBLE.sub("", answers["code"]).rpartition("code=")[2].partition("&")[0]
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": answers["client_id"],
        "client_secret": answers.get("client_secret", ""),
        "redirect_uri": CODE_PAGE,
        "scope": SCOPES,
    }
    return text_of(door.post("/oauth/token", asked), "access_token")


def _instance(door: Http, token: str) -> dict[str, object]:
    """What the server tells of itself; older ones and others tell it at the older address alone."""
    try:
        return door.get("/api/v2/instance", headers=_bearer(token))
    except Refused as refusal:
        if refusal.then != "never":
            raise
        return door.get("/api/v1/instance", headers=_bearer(token))


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
