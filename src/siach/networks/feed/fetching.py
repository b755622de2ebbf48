"""A document at any public address: conditional, and followed to where it has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from siach.networks.contract import Clock, NetworkError, Sleeper
from siach.networks.guard import check_base_url, local_allowed
from siach.networks.http import Document, Http, Refused

MOST_MOVES = 5
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
ENDED = "This feed has ended: its address says that it is gone for good."
SIGN_IN = "This feed asks for a sign-in, and Siach has none for feeds."
NOWHERE = "This address leads from one place to the next without an end."
NOT_FOUND = "Nothing stands at this address."
_PERMANENT = (301, 308)
_MOVED = (*_PERMANENT, 302, 303, 307)
#: A feed is now and then away for a while: an address that is not found is asked again, seldom.
_AWAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Found:
    """`url`: where it was found. `lasting`: the address to ask from now on."""

    url: str
    lasting: str
    document: Document


def address(typed: str) -> str:
    """An address as a person pastes it, made one that can be asked; NetworkError where it is none."""
    url = typed.strip()
    if url.lower().startswith(("feed:", "rss:")):
        url = url.split(":", 1)[1].lstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NetworkError("This is not a server address.", "never") from None
    scheme = "https" if parts.scheme == "http" and not local_allowed() else parts.scheme
    base = check_base_url(f"{scheme}://{parts.netloc}")
    if not parts.hostname or ("." not in parts.hostname and not local_allowed()):
        raise NetworkError("This is not a server address.", "never")
    return base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class Fetcher:
    def __init__(self, clock: Clock, sleep: Sleeper | None, seconds: float) -> None:
        self._clock, self._sleep, self._seconds = clock, sleep, seconds

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Found:
        """What stands there. Whatever moved it for good is remembered in `lasting`, up to the first for a while."""
        lasting, is_lasting = url, True
        for _move in range(MOST_MOVES + 1):
            document = self._ask(url, {"accept": ACCEPT, **(headers or {})})
            if document.status not in _MOVED:
                return Found(url, lasting, document)
            url = address(urljoin(url, document.headers.get("location", "")))
            is_lasting = is_lasting and document.status in _PERMANENT
            lasting = url if is_lasting else lasting
        raise NetworkError(NOWHERE, "retry_at", self._clock() + _AWAY)

    def _ask(self, url: str, headers: Mapping[str, str]) -> Document:
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        door = Http(base, clock=self._clock, sleep=self._sleep, seconds=self._seconds)
        try:
            return door.get_document(url[len(base) :] or "/", headers)
        except Refused as error:
            raise self._explained(error) from error
        finally:
            door.close()

    def _explained(self, error: Refused) -> NetworkError:
        if error.status == 410:
            return NetworkError(ENDED, "never")
        if error.status == 401:
            return NetworkError(SIGN_IN, "renew")
        if error.status == 404:
            return NetworkError(NOT_FOUND, "retry_at", self._clock() + _AWAY)
        return error
