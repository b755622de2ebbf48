"""A server that misbehaves on purpose: by itself, or standing between a connector and a real network.

It is stateful: it answers from `answers` (or passes on to `upstream`), remembers every request it took in,
and spoils the next requests as `spoil` was told.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

JSON = "application/json; charset=utf-8"
Answer = Callable[[Mapping[str, list[str]], Any], object]
FAULTS = (
    "hang",  # takes the request in and says nothing
    "drip",  # one byte now and then, for ever
    "reset",  # takes the request in and resets the connection
    "half",  # promises more bytes than it sends
    "garbage",  # JSON that is none
    "list",  # JSON of another shape
    "page",  # an HTML page with 200
    "huge",  # more than anybody wants
    "throttled",  # 429 with Retry-After
    "busy",  # 503
    "broken",  # 500 after the request was done
    "elsewhere",  # a redirect
    "forbidden",  # 403
    "unauthorised",  # 401
    "gone",  # 410
    "deep",  # JSON nested deeper than a parser goes
)


@dataclass(frozen=True)
class Taken:
    """A request that was taken in."""

    method: str
    path: str
    params: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class BadServer:
    """`answers`: path -> function of (query, body) that gives the JSON answered, or (status, JSON), or (status, JSON,
    headers); `other` answers what is no such path, else `any` does. `spoil(fault, path)` spoils the
    next requests of a path ("" = of any)."""

    url: str
    upstream: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    other: Callable[[Taken], object] | None = None
    taken: list[Taken] = field(default_factory=list)
    any: dict[str, object] = field(default_factory=dict)
    seconds: float = 30.0
    _spoilt: list[tuple[str, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def spoil(self, fault: str, path: str = "", times: int = 1) -> None:
        assert fault in FAULTS
        self._spoilt += [(fault, path)] * times

    def forget(self) -> None:
        """No request is spoilt any more."""
        self._spoilt.clear()

    def calls(self, path: str) -> list[Taken]:
        return [request for request in self.taken if request.path.endswith(path)]

    def fault(self, path: str) -> str:
        for entry in self._spoilt:
            if entry[1] in path:
                self._spoilt.remove(entry)
                return entry[0]
        return ""

    def close(self) -> None:
        self._over.set()

    def wait(self) -> None:
        self._over.wait(self.seconds)

    def answer(self, request: Taken, raw: bytes) -> tuple[int, str, bytes, dict[str, str]]:
        headers = request.headers
        if self.upstream:
            passed = httpx.request(
                request.method,
                self.upstream + request.path,
                params={name: list(values) for name, values in request.params.items()},
                content=raw,
                headers={name: value for name, value in headers.items() if name in ("authorization", "content-type")},
                timeout=30,
            )
            return passed.status_code, passed.headers.get("content-type", JSON), passed.content, {}
        if request.path in self.answers:
            made = self.answers[request.path](request.params, request.body)
        else:
            made = self.other(request) if self.other else self.any
        status, made, *more = made if isinstance(made, tuple) else (200, made)
        return status, JSON, json.dumps(made).encode(), more[0] if more else {}


@contextmanager
def bad_server(upstream: str = "") -> Iterator[BadServer]:
    """A server on loopback. With `upstream` it passes every request on and spoils the answers coming back."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _handle(self, bad)

        do_POST = do_GET
        do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    bad = BadServer(f"http://127.0.0.1:{server.server_address[1]}", upstream)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield bad
    finally:
        bad.close()
        server.shutdown()
        server.server_close()


def _handle(handler: BaseHTTPRequestHandler, bad: BadServer) -> None:
    """Take the request in (and really do it), then answer it well or badly."""
    raw = handler.rfile.read(int(handler.headers.get("content-length") or 0))
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    request = Taken(handler.command, parts.path, parse_qs(parts.query), _body(raw, headers), headers)
    bad.taken.append(request)
    fault = bad.fault(parts.path)
    status, kind, body, more = bad.answer(request, raw)
    if not fault:
        return _send(handler, status, kind, body, **more)
    handler.close_connection = True
    return _SPOILERS.get(fault, _refusal)(handler, bad, fault)


def _body(raw: bytes, headers: Mapping[str, str]) -> Any:
    """JSON, or a form's fields where an older kind of client sends one."""
    if raw and "form" in headers.get("content-type", ""):
        return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
    return json.loads(raw) if raw else None


def _send(handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def _hang(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    bad.wait()


def _drip(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    end = time.monotonic() + bad.seconds
    while time.monotonic() < end and not bad._over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def _reset(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _half(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    handler.wfile.write(
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"posts": [{"ur'
    )


def _wrong(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    kind, body = {
        "garbage": (JSON, b'{"posts": [{"uri": "at://did:'),
        "list": (JSON, b"[1, 2, 3]"),
        "page": ("text/html", b"<!doctype html><title>Welcome</title>"),
        "huge": (JSON, b'{"posts": "' + b"x" * 12_000_000 + b'"}'),
        "deep": (JSON, b"[" * 200_000 + b"]" * 200_000),
    }[fault]
    _send(handler, 200, kind, body)


def _refusal(handler: BaseHTTPRequestHandler, bad: BadServer, fault: str) -> None:
    said = json.dumps({"error": "Spoilt", "message": "No."}).encode()
    if fault == "throttled":
        return _send(handler, 429, JSON, said, retry_after="120")
    if fault == "elsewhere":
        return _send(handler, 302, JSON, said, location="https://example.com/")
    status = {"busy": 503, "broken": 500, "forbidden": 403, "unauthorised": 401, "gone": 410}[fault]
    return _send(handler, status, JSON, said)


_SPOILERS: dict[str, Callable[[BaseHTTPRequestHandler, BadServer, str], None]] = {
    "hang": _hang,
    "drip": _drip,
    "reset": _reset,
    "half": _half,
    **dict.fromkeys(("garbage", "list", "page", "huge", "deep"), _wrong),
}
