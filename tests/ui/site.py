"""A small site of the frame alone: pages from templates, our static files, and a stream of signals."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from siach.ui.csp import HEADERS

MAIN = """{% extends "ui/frame.html" %}{% block title %}T{% endblock %}{% block main %}<h1>T</h1>
<ol data-list>
<li class="wait is-at" data-item><a data-open href="/one/">one</a>
<a href="/reply/1/" data-key="KeyR">Reply<kbd>R</kbd></a></li>
<li class="wait" data-item><a data-open href="/two/">two</a>
<a href="/reply/2/" data-key="KeyR">Reply<kbd>R</kbd></a></li>
<li class="wait" data-item><a data-open href="/three/">three</a></li></ol>
<div id="queue" hx-get="/part/" hx-trigger="siach:inbox from:#live" hx-swap="innerHTML">old</div>
<form method="post" action="/sent/"><textarea data-draft="case-7"
{% if kept %} data-draft-url="/draft/"{% endif %}
aria-label="Reply" dir="auto"></textarea>
<button data-send>Send</button></form>
{% if toast %}{% include "ui/toast.html" with text="Done" undo_url="/undo/" seconds=10 %}{% endif %}
{% endblock %}"""


class Site:
    """What the server saw: paths asked for, streams open now."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.streams = 0
        self.address = ""
        self._topics = threading.Condition()
        self._last: tuple[int, str] = (0, "")

    def signal(self, topic: str) -> None:
        with self._topics:
            self._last = (self._last[0] + 1, topic)
            self._topics.notify_all()

    def signals(self) -> Iterator[tuple[int, str] | None]:
        """Every signal from now on; None when nothing came for a moment."""
        seen = self._last[0]
        while True:
            with self._topics:
                self._topics.wait(0.2)
                now = self._last
            yield now if now[0] > seen else None
            seen = now[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, format: str, *args: object) -> None:
        """A test says enough by itself."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.site.asked.append(self.path)
        if path == "/live/":
            return self._stream()
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            return (
                self._say(Path(str(found)).read_bytes(), guess_type(path)[0] or "font/woff2")
                if found
                else self._say(b"", status=404)
            )
        return self._say(b"new" if path == "/part/" else self._page().encode())

    def do_POST(self) -> None:
        self.site.asked.append(f"POST {self.path}")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._say(b"<!doctype html><title>sent</title>")

    def _page(self) -> str:
        request = RequestFactory().get(self.path)
        request.user = AnonymousUser()
        if "moved" in request.GET:
            request.user.keys = {"off": False, "moved": {"KeyR": "KeyQ"}}  # type: ignore[attr-defined]
        language = request.GET.get("language", "he")
        with translation.override(language):
            html = (
                engines["django"]
                .from_string(MAIN)
                .render({"toast": "toast" in request.GET, "kept": "kept" in request.GET}, request)
            )
        return str(html)

    def _say(self, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.site.streams += 1
        try:
            self.wfile.write(b"event: hello\ndata: 0\n\n")
            for signal in self.site.signals():
                self.wfile.write(
                    f"event: {signal[1]}\ndata: {signal[0]}\n\n".encode() if signal else b": still here\n\n"
                )
                self.wfile.flush()
        except OSError:
            pass
        finally:
            self.site.streams -= 1
            self.close_connection = True


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.address = f"http://localhost:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def until(true: Callable[[], object], seconds: float = 8) -> bool:
    """Waits until the callable is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False
