"""WebSub: the hub that a feed names, and asking it to tell us of news (www.w3.org/TR/websub, read in November 2026)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from siach.networks.contract import Clock, NetworkError, Push, Sleeper
from siach.networks.feed.edition import Edition, web
from siach.networks.guard import check_base_url, local_allowed
from siach.networks.http import Http

LONGEST = 1_000
MOST_MOVES = 3
ASTRAY = "The hub leads elsewhere without an end."
REFUSED = "The hub refuses to tell of news."
#: Of what a hub says beside its status nothing is used.
_LIMIT = 100_000
_LINK = re.compile(r"<([^<>]{1,2000})>([^<>]{0,500})")
_REL = re.compile(r"""\brel\s{0,9}=\s{0,9}(?:"([^"]{1,200})"|([^\s",;]{1,200}))""", re.IGNORECASE)
#: Only these ask for the form to be sent again as it is.
_REPEATS = (307, 308)


def named(edition: Edition, headers: Mapping[str, str], url: str) -> Push | None:
    """Who tells of a feed's news. What the server says in its headers goes before what stands in the feed; a feed that
    does not name itself is called what it was asked by."""
    told = list(_links(headers.get("link", "")))
    hubs = [target for target, rels in told if "hub" in rels] or edition.hubs
    own = next((target for target, rels in told if "self" in rels), "") or edition.own
    topic = web(own, url) if own else url
    hub = next((whole for whole in (web(one, url) for one in hubs[:9] if one) if _is_hub(whole)), "")
    return Push(hub, topic) if hub and topic and len(topic) <= LONGEST and not edition.ended else None


def known(kept: object) -> Push | None:
    """What was kept of a reading, for when the feed has not changed since."""
    return Push(str(kept["hub"]), str(kept["topic"])) if isinstance(kept, dict) else None


def kept(push: Push | None) -> dict[str, object]:
    return {"push": {"hub": push.hub, "topic": push.topic}} if push else {}


def _links(header: str) -> Iterator[tuple[str, list[str]]]:
    for target, rest in _LINK.findall(header[:10_000]):
        found = _REL.search(rest)
        if found:
            yield target.strip(), (found.group(1) or found.group(2)).lower().split()


def _is_hub(url: str) -> bool:
    try:
        return len(url) <= LONGEST and bool(_base(url))
    except NetworkError:
        return False


def _base(url: str) -> str:
    """The server of a hub. Over anything but https the secret would be told to whoever listens."""
    parts = urlsplit(url)
    base = check_base_url(f"{parts.scheme}://{parts.netloc}")
    if "." not in (parts.hostname or "") and ":" not in (parts.hostname or "") and not local_allowed():
        raise NetworkError("This is not a server address.", "never")
    return base


class Asker:
    def __init__(self, clock: Clock, sleep: Sleeper | None, seconds: float) -> None:
        self._clock, self._sleep, self._seconds = clock, sleep, seconds

    def ask(self, mode: str, push: Push, callback: str, more: Mapping[str, str]) -> None:
        """Send a hub's form, and follow where it sends us for good or for now. Each address is looked at anew."""
        fields = {"hub.mode": mode, "hub.topic": push.topic, "hub.callback": callback, **more}
        url = push.hub
        for _move in range(MOST_MOVES + 1):
            to = self._send(url, fields)
            if to is None:
                return
            url = to
        raise NetworkError(ASTRAY, "never")

    def _send(self, url: str, fields: Mapping[str, str]) -> str | None:
        """Where the hub sends us; None: it took the form."""
        parts, base = urlsplit(url), _base(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        door = Http(base, clock=self._clock, sleep=self._sleep, limit=_LIMIT, seconds=self._seconds)
        try:
            answer = door.post_form(path, fields)
        except NetworkError as error:
            if error.then == "renew":  # there is nothing to sign in to
                raise NetworkError(REFUSED, "never") from error
            raise
        finally:
            door.close()
        if answer.status in _REPEATS:
            return web(answer.headers.get("location", ""), url)
        if answer.status >= 300:
            raise NetworkError(REFUSED, "never")
        return None
