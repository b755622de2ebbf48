"""A hub of WebSub that remembers: takes wishes, makes sure of each before it holds, and calls with a signature."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

#: How a subscriber is called: method, address, body, headers -> status and body of its answer.
Call = Callable[[str, str, bytes, Mapping[str, str]], tuple[int, str]]


@dataclass
class Hub:
    """`moves`: paths that are answered with a redirect. `status`: what else every wish is answered with. `longest`: the
    longest lease it agrees to, in seconds. `call` stands for the way to the subscriber."""

    url: str
    call: Call
    status: int = 202
    longest: int = 864_000
    method: str = "sha256"
    moves: dict[str, tuple[int, str]] = field(default_factory=dict)
    taken: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Every form, with the path that it was sent to."""
    wishes: list[dict[str, str]] = field(default_factory=list)
    held: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    """(topic, callback) -> secret and end of the lease."""

    def take(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        self.taken.append((path, form))
        if path in self.moves:
            return self.moves[path]
        if self.status == 202:
            needed = {"hub.mode", "hub.topic", "hub.callback"}
            if needed - form.keys() or form["hub.mode"] not in ("subscribe", "unsubscribe"):
                return 400, ""
            assert len(form.get("hub.secret", "").encode()) < 200
            self.wishes.append(form)
        return self.status, ""

    def settle(self, *, at: datetime) -> list[int]:
        """Make sure of each wish that waits. Returns what the subscribers answered."""
        wishes, self.wishes = self.wishes, []
        return [self.make_sure(wish, at=at) for wish in wishes]

    def make_sure(self, wish: Mapping[str, str], *, at: datetime) -> int:
        topic, callback, mode = wish["hub.topic"], wish["hub.callback"], wish["hub.mode"]
        seconds = min(int(wish.get("hub.lease_seconds") or self.longest), self.longest)
        challenge = secrets.token_urlsafe(12)
        asked = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        asked |= {"hub.lease_seconds": str(seconds)} if mode == "subscribe" else {}
        status, echo = self.call("GET", f"{callback}?{urlencode(asked)}", b"", {})
        if 200 <= status < 300 and echo == challenge:
            if mode == "subscribe":
                self.held[topic, callback] = wish["hub.secret"], at + timedelta(seconds=seconds)
            else:
                self.held.pop((topic, callback), None)
        return status

    def deny(self, topic: str, callback: str) -> int:
        told = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "not here"}
        self.held.pop((topic, callback), None)
        return self.call("GET", f"{callback}?{urlencode(told)}", b"", {})[0]

    def publish(self, topic: str, body: bytes, *, at: datetime) -> list[int]:
        """Tell whoever holds a lease that something new stands there. Returns what they answered."""
        told = [(callback, *kept) for (name, callback), kept in self.held.items() if name == topic]
        return [self._tell(topic, callback, secret, body) for callback, secret, until in told if until > at]

    def _tell(self, topic: str, callback: str, secret: str, body: bytes) -> int:
        signed = hmac.new(secret.encode(), body, getattr(hashlib, self.method)).hexdigest()
        links = f'<{self.url}/>; rel="hub", <{topic}>; rel="self"'
        headers = {"x-hub-signature": f"{self.method}={signed}", "link": links, "content-type": "application/rss+xml"}
        status, _body = self.call("POST", callback, body, headers)
        if status == 410:
            self.held.pop((topic, callback))
        return status


@contextmanager
def hub_server(call: Call) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            assert self.headers["content-type"] == "application/x-www-form-urlencoded"
            status, to = hub.take(self.path, dict(parse_qsl(raw.decode())))
            self.send_response(status)
            if to:
                self.send_header("location", to)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub = Hub(f"http://127.0.0.1:{server.server_address[1]}", call)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
