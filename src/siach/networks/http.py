"""The one door to the outside: HTTP requests whose every failure is a NetworkError with the right `then`.

Reads are tried once more when the connection was lost. Writes never are: a write whose answer was lost
is "unknown", because the network may have done it.
"""

from __future__ import annotations

import functools
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

import httpcore
import httpx

from siach.networks.contract import Clock, NetworkError, Sleeper, Then
from siach.networks.guard import GuardedBackend, check_base_url

Params = Mapping[str, str | int | bool | list[str]]

MAX_BYTES = 10_000_000
MAX_SECONDS = 30.0
LONGEST_WAIT = timedelta(days=1)
USER_AGENT = "Siach"
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_RESET_HEADERS = ("retry-after", "ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_ODD = "The server's answer has an unexpected shape."
_EXPIRED = re.compile(r"expired|token|session|authenticat", re.IGNORECASE)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Refused(NetworkError):
    """The network answered, and the answer was no. `code` is its own name for the error, if it gave one."""

    def __init__(self, message: str, then: Then, at: datetime | None, status: int, code: str) -> None:
        super().__init__(message, then, at)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was answered. `links` are the addresses of its Link header by their `rel`."""

    items: tuple[dict[str, object], ...]
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Document:
    """Anything that was answered, as it came: a success, 304 (nothing new) or a redirect that nobody followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Requests to one server. `clock` and `sleep` are injected; `limit` caps an answer's bytes, `seconds`
    its whole duration. Holds connections: `close()` it."""

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
        limit: int = MAX_BYTES,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._clock = clock or utc_now
        self._sleep = sleep or time.sleep
        self._limit = limit
        self._seconds = seconds
        #: When the next read had better come, by what is left of the network's limit; None: at once.
        self.rests_until: datetime | None = None
        timeout = httpx.Timeout(seconds / 2, connect=min(5.0, seconds / 2))
        self._reads = _client(self.base_url, timeout, keep=10)
        # A kept connection may be dead without our knowing; a write must never learn that the hard way.
        self._writes = _client(self.base_url, timeout, keep=0)

    def close(self) -> None:
        self._reads.close()
        self._writes.close()

    def get(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """A read: the JSON object that was answered, or NetworkError."""
        return _object(self._read(self._asked(path, params, headers), write=False), write=False)

    def get_list(self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None) -> Listed:
        """A read of a list of objects, with where its Link header leads."""
        answer = self._asked(path, params, headers)
        data = self._read(answer, write=False)
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise NetworkError(_ODD, "retry_at")
        links = {str(name): str(link.get("url", "")) for name, link in answer.links.items()}
        return Listed(tuple(cast(list[dict[str, object]], data)), links)

    def get_document(self, path: str, headers: Mapping[str, str]) -> Document:
        """A read of whatever stands there, of any kind; `path` holds its query. NetworkError where it is refused."""
        answer = self._asked(path, None, headers)
        if not (answer.is_success or answer.is_redirect or answer.status_code == 304):
            raise self._refused(answer, write=False)
        return Document(answer.status_code, answer.headers, answer.content)

    def post_form(self, path: str, fields: Mapping[str, str]) -> Document:
        """A form, sent once, to somebody to whom twice is the same as once: no failure is "unknown". NetworkError where
        it is refused; a redirect is answered."""
        request = self._writes.build_request("POST", path, data=dict(fields))
        try:
            answer = self._exchange(self._writes, request)
        except httpx.HTTPError as error:
            raise self._lost(error, write=False) from error
        if not (answer.is_success or answer.is_redirect):
            raise self._refused(answer, write=False)
        return Document(answer.status_code, answer.headers, answer.content)

    def _asked(self, path: str, params: Params | None, headers: Mapping[str, str] | None) -> httpx.Response:
        asked = None if params is None else _texts(params)  # httpx: no params at all, or the path loses its query
        request = self._reads.build_request("GET", path, params=asked, headers=dict(headers or {}))
        try:
            return self._exchange(self._reads, request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            self._sleep(0.2)
            try:
                return self._exchange(self._reads, request)
            except httpx.HTTPError as error:
                raise self._lost(error, write=False) from error
        except httpx.HTTPError as error:
            raise self._lost(error, write=False) from error

    def post(
        self, path: str, body: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """A write: tried once. "unknown" whenever the network may have done it without our hearing so."""
        return self._write("POST", path, body, headers)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, object]:
        """A removal: tried once, as every write."""
        return self._write("DELETE", path, None, headers)

    def _write(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str] | None
    ) -> dict[str, object]:
        request = self._writes.build_request(
            method,
            path,
            content=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers={**({} if body is None else {"content-type": "application/json"}), **(headers or {})},
        )
        try:
            answer = self._exchange(self._writes, request)
        except httpx.HTTPError as error:
            raise self._lost(error, write=True) from error
        return _object(self._read(answer, write=True), write=True)

    def _exchange(self, client: httpx.Client, request: httpx.Request) -> httpx.Response:
        """Send and read all, within the caps of size and time."""
        stop = time.monotonic() + self._seconds
        response = client.send(request, stream=True)
        try:
            parts: list[bytes] = []
            size = 0
            for part in response.iter_bytes():
                size += len(part)
                if size > self._limit:
                    raise httpx.DecodingError("the answer is too large", request=request)
                if time.monotonic() > stop:
                    raise httpx.ReadTimeout("the answer takes too long", request=request)
                parts.append(part)
        finally:
            response.close()
        plain = [pair for pair in response.headers.raw if pair[0].lower() != b"content-encoding"]
        return httpx.Response(response.status_code, headers=plain, content=b"".join(parts), request=request)

    def _lost(self, error: httpx.HTTPError, *, write: bool) -> NetworkError:
        if isinstance(error, _BEFORE_SENDING):
            return NetworkError("The server cannot be reached.", "retry_at")
        then: Then = "unknown" if write else "retry_at"
        if isinstance(error, httpx.TimeoutException):
            return NetworkError("The server did not answer in time.", then)
        if isinstance(error, httpx.DecodingError):
            return NetworkError("The server's answer cannot be read.", then)
        return NetworkError("The connection to the server was lost.", then)

    def _read(self, answer: httpx.Response, *, write: bool) -> object:
        """The JSON of a good answer; everything else becomes an error."""
        self.rests_until = _rest(answer.headers, self._clock())
        if not answer.is_success:
            raise self._refused(answer, write=write)
        then: Then = "unknown" if write else "retry_at"
        if write and not answer.content:
            return {}
        if "json" not in answer.headers.get("content-type", ""):
            raise NetworkError("The server answered something other than data.", then)
        try:
            return cast(object, json.loads(answer.content))
        except (ValueError, RecursionError):
            raise NetworkError("The server's answer broke off or cannot be read.", then) from None

    def _refused(self, answer: httpx.Response, *, write: bool) -> Refused:
        status = answer.status_code
        code, said = _error_of(answer)
        then: Then = "never"
        if status == 429 or status in (408, 425):
            then = "retry_at"
        elif status >= 500:
            then = "unknown" if write else "retry_at"
        elif status == 401 or (status == 403 and _EXPIRED.search(f"{code} {said}")):
            then = "renew"
        at = reset_time(answer.headers, self._clock()) if then in ("retry_at", "unknown") else None
        shown = said or code
        message = f"The server answered {status}" + (f": {shown[:300]}" if shown else ".")
        return Refused(message, then, at, status, code)


def _object(data: object, *, write: bool) -> dict[str, object]:
    if not isinstance(data, dict):
        raise NetworkError(_ODD, "unknown" if write else "retry_at")
    return cast(dict[str, object], data)


def _rest(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """How long to leave a network alone that tells what is left of its limit: not at all above a half, a twentieth of
    the time left below it, and until the limit begins anew below a tenth: the rest is for what people send."""
    try:
        limit, left = int(headers["x-ratelimit-limit"]), int(headers["x-ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    at = reset_time({"x-ratelimit-reset": headers.get("x-ratelimit-reset", "")}, now)
    if at is None or left * 2 >= limit:
        return None
    return at if left * 10 < limit else now + (at - now) / 20


def post_bytes(url: str, content: bytes, headers: Mapping[str, str], *, seconds: float = 10.0) -> int:
    """One write to any public address, tried once: the status that was answered. NetworkError when none was."""
    parts = urlsplit(url)
    base = check_base_url(f"{parts.scheme}://{parts.netloc}")
    client = _client(base, httpx.Timeout(seconds), keep=0)
    try:
        with client.stream(
            "POST", url[len(f"{parts.scheme}://{parts.netloc}") :], content=content, headers=headers
        ) as answer:
            return answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        raise NetworkError("The server cannot be reached.", "retry_at") from None
    finally:
        client.close()


def reset_time(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a throttled caller may come back: seconds, epoch seconds, an HTTP date or an ISO time.
    Never in the past, never more than a day ahead."""
    for name in _RESET_HEADERS:
        value = headers.get(name, "").strip()
        moment = _moment(value, now) if value else None
        if moment is not None:
            return min(max(moment, now), now + LONGEST_WAIT)
    return None


def _moment(value: str, now: datetime) -> datetime | None:
    try:
        seconds = float(value)
        return datetime.fromtimestamp(seconds, UTC) if seconds > 1e9 else now + timedelta(seconds=seconds)
    except (ValueError, OverflowError, OSError):
        pass
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _error_of(answer: httpx.Response) -> tuple[str, str]:
    """The network's own code and sentence, where its refusal is JSON that has them."""
    try:
        data = json.loads(answer.content)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(data, dict):
        return "", ""
    code, said = data.get("error"), data.get("message")
    return code if isinstance(code, str) else "", said if isinstance(said, str) else ""


def _texts(params: Params | None) -> dict[str, str | list[str]]:
    shown: dict[str, str | list[str]] = {}
    for name, value in (params or {}).items():
        if isinstance(value, list):
            shown[name] = value
        else:
            shown[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return shown


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _client(base_url: str, timeout: httpx.Timeout, keep: int) -> httpx.Client:
    transport = httpx.HTTPTransport(verify=_certificates())
    transport._pool = httpcore.ConnectionPool(
        ssl_context=_certificates(),
        max_connections=10,
        max_keepalive_connections=keep,
        keepalive_expiry=5.0,
        network_backend=GuardedBackend(),
    )
    return httpx.Client(
        base_url=base_url,
        transport=transport,
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": USER_AGENT, "accept": "application/json"},
    )
