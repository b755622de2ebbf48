"""The talk below the items of a feed, where each has a feed of its own comments (as WordPress tells)."""

from __future__ import annotations

from urllib.parse import urlsplit

from siach.networks.contract import FetchedPost, NetworkError
from siach.networks.feed import reading
from siach.networks.feed.edition import Item
from siach.networks.feed.fetching import Fetcher, address

#: Feeds of comments that are read in one poll; the others wait for the next.
MOST = 4


class Talks:
    """`heard`: how many comments of an item were there when they were read last. `whole`: none had to be left out."""

    def __init__(self, fetcher: Fetcher, reader: reading.Reader, place: str, heard: object) -> None:
        self._fetcher, self._reader, self._place = fetcher, reader, place
        self._heard = heard if isinstance(heard, dict) else {}
        self._asked = 0
        self.counts: dict[str, int] = {}
        self.whole = True

    def below(self, item: Item, key: str) -> list[FetchedPost]:
        """What was said below this item, where that grew since it was read last."""
        if not item.said or urlsplit(item.talk).hostname != self._place:  # nobody else may speak of this place
            return []
        had = int(self._heard.get(key, 0))
        self.counts[key] = had
        if item.said <= had:
            return []
        if self._asked == MOST:
            self.whole = False
            return []
        self._asked += 1
        try:
            posts = self._read(item, key)
        except NetworkError as error:
            if error.then == "retry_at":
                self.whole = False
                return []
            posts = []
        self.counts[key] = item.said
        return posts

    def _read(self, item: Item, parent: str) -> list[FetchedPost]:
        found = self._fetcher.get(address(item.talk))
        edition = reading.edition(reading.text_of(found.document), found.url)
        return [post for _item, post in self._reader.posts(edition, found.document.headers, parent)]
