"""A server of feeds that remembers: conditional requests answered as RFC 9110 has it, pages moved and gone."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS, ATOM, JSON, HTML = "application/rss+xml", "application/atom+xml", "application/feed+json", "text/html"


@dataclass
class Shelf:
    """What stands at one path. `etag`, `changed`: the marks that the server gives."""

    body: bytes
    kind: str = RSS
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: bool = True
    changed: datetime | None = None


@dataclass
class FeedServer:
    url: str
    shelves: dict[str, Shelf] = field(default_factory=dict)
    taken: list[tuple[str, int]] = field(default_factory=list)
    """Every request: its path, and what was answered."""

    def put(self, path: str, body: str | bytes, kind: str = RSS, **more: object) -> str:
        self.shelves[path] = Shelf(body if isinstance(body, bytes) else body.encode(), kind, **more)  # type: ignore[arg-type]
        return self.url + path

    def move(self, path: str, to: str, status: int = 301) -> None:
        self.shelves[path] = Shelf(b"", status=status, headers={"location": to})

    def answers(self, path: str) -> list[int]:
        return [status for asked, status in self.taken if asked == path]


def _fresh(shelf: Shelf, asked: Mapping[str, str]) -> bool:
    """Whether the asker has this already. If-None-Match outweighs If-Modified-Since."""
    if "if-none-match" in asked and shelf.etag:
        return _etag(shelf) in asked["if-none-match"]
    since = asked.get("if-modified-since")
    return bool(since and shelf.changed and shelf.changed <= parsedate_to_datetime(since))


def _etag(shelf: Shelf) -> str:
    return f'W/"{hashlib.sha256(shelf.body).hexdigest()[:12]}"'


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name.lower(): value for name, value in self.headers.items()}
            shelf = served.shelves.get(self.path) or Shelf(b"not here", HTML, 404)
            status = 304 if shelf.status == 200 and _fresh(shelf, asked) else shelf.status
            served.taken.append((self.path, status))
            self.send_response(status)
            for name, value in shelf.headers.items():
                self.send_header(name, value)
            if shelf.status == 200 and shelf.etag:
                self.send_header("etag", _etag(shelf))
            if shelf.changed:
                self.send_header("last-modified", format_datetime(shelf.changed.astimezone(UTC), usegmt=True))
            self.send_header("content-type", shelf.kind)
            self.send_header("content-length", str(0 if status == 304 else len(shelf.body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(shelf.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = FeedServer(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def rss(*items: str, head: str = "") -> str:
    spaces = (
        'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {spaces}><channel><title>חדשות העיר</title>'
        f"<link>https://news.example/</link><language>he-IL</language>{head}{''.join(items)}</channel></rss>"
    )


def item(id: str, title: str = "", text: str = "", at: str = "Tue, 24 Nov 2026 09:30:00 +0200", more: str = "") -> str:
    date = f"<pubDate>{at}</pubDate>" if at else ""
    guid = f'<guid isPermaLink="false">{id}</guid>' if id else ""
    words = f"<description><![CDATA[{text}]]></description>" if text else ""
    return f"<item>{guid}<title>{title}</title>{date}{words}{more}</item>"
