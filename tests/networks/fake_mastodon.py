"""A Mastodon that remembers: what snac lacks of the real one (paging by Link, keys, limits, blocks, many at once).

Mastodon.py, the client that everybody uses, is made to read every answer of it in `test_mastodon_fake.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.networks.bad_server import BadServer, Taken

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DOMAIN = "brand.test"
NOT_FOUND = (404, {"error": "Record not found"})


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FakeMastodon:
    """Of account 1, `brand`. Ids grow with time; a page holds `size` at most."""

    bad: BadServer
    size: int = 40
    version: str = "4.5.2"
    length: int = 1000
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    notified: list[tuple[str, str]] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked_by: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    left: int = 300

    def __post_init__(self) -> None:
        self.bad.other = self.answer
        self.account("1", "brand")
        self.account("2", "fan@far.test", "פאן")

    def account(self, id: str, acct: str, name: str = "") -> None:
        user, _, host = acct.partition("@")
        url = f"https://{host or DOMAIN}"
        self.accounts[id] = {
            "id": id, "username": user, "acct": acct, "display_name": name or user, "locked": False, "bot": False,
            "discoverable": True, "group": False, "created_at": stamp(NOW), "note": "", "url": f"{url}/@{user}",
            "uri": f"{url}/users/{user}", "avatar": f"{url}/a.png", "avatar_static": f"{url}/a.png",
            "header": f"{url}/h.png", "header_static": f"{url}/h.png", "followers_count": 12, "following_count": 3,
            "statuses_count": 9, "last_status_at": "2026-11-24", "emojis": [], "fields": [],
        }  # fmt: skip

    def say(self, content: str, *, by: str = "2", under: str = "", **more: Any) -> str:
        """A status; returns its id. `under`: the id of the one that it answers."""
        id = str(1000 + len(self.statuses))
        account = self.accounts[by]
        above = self.statuses.get(under)
        self.statuses[id] = {
            "id": id, "uri": f"{account['uri']}/statuses/{id}", "url": f"{account['url']}/{id}", "account": account,
            "created_at": stamp(NOW + timedelta(seconds=len(self.statuses))), "content": f"<p>{content}</p>",
            "in_reply_to_id": under or None, "in_reply_to_account_id": above["account"]["id"] if above else None,
            "reblog": None, "visibility": "public", "sensitive": False, "spoiler_text": "", "media_attachments": [],
            "mentions": [], "tags": [], "emojis": [], "reblogs_count": 0, "favourites_count": 0, "replies_count": 0,
            "quotes_count": 0, "language": "he", "edited_at": None, "card": None, "poll": None, "application": None,
            "favourited": False, "reblogged": False, "muted": False, "bookmarked": False, "filtered": [],
        } | more  # fmt: skip
        return id

    def mention(self, content: str, kind: str = "mention", **more: Any) -> str:
        brand = {"id": "1", "username": "brand", "acct": "brand", "url": f"https://{DOMAIN}/@brand"}
        id = self.say(content, **{"mentions": [brand], **more})
        self.notified.insert(0, (id, kind))
        self.arrived[id] = stamp(NOW + timedelta(seconds=len(self.statuses)))
        return id

    def uri(self, id: str) -> str:
        return str(self.statuses[id]["uri"])

    def answer(self, request: Taken) -> object:
        if request.headers.get("authorization") != "Bearer refresh":
            return 401, {"error": "The access token is invalid"}
        self.left = max(0, self.left - 1)
        made = self._route(request)
        status, data, *more = made if isinstance(made, tuple) else (200, made)
        limits = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": str(self.left)}
        limits["X-RateLimit-Reset"] = stamp(NOW + timedelta(minutes=5))
        return status, data, {**limits, **(more[0] if more else {})}

    def _route(self, request: Taken) -> object:
        _api, version, what, *rest = [unquote(part) for part in request.path.strip("/").split("/")]
        query = {name.removesuffix("[]"): values for name, values in request.params.items()}
        if version == "v2":
            return self._instance() if what == "instance" else self._search(query)
        if request.method == "POST":
            return self._post(request)
        answers: dict[str, Callable[[], object]] = {
            "instance": lambda: {"uri": DOMAIN, "title": "x", "version": self.version},
            "notifications": lambda: self._notifications(request, query),
            "timelines": lambda: self._tagged(request, query, rest[-1]),
            "statuses": lambda: self._statuses(query, *rest),
            "accounts": lambda: self._accounts(query, *rest),
        }
        return answers[what]()

    def _tagged(self, request: Taken, query: Mapping[str, list[str]], tag: str) -> object:
        found = [id for id, one in self.statuses.items() if f"#{tag}" in one["content"].casefold()]
        return self._page(request, query, found[::-1], lambda id: self.statuses[id])

    def _statuses(self, query: Mapping[str, list[str]], id: str = "", part: str = "") -> object:
        if not id:
            return [self.statuses[one] for one in query["id"][:20] if self._shown(one)]
        if not self._shown(id):
            return NOT_FOUND
        return self._context(id) if part == "context" else self.statuses[id]

    def _accounts(self, query: Mapping[str, list[str]], id: str, part: str = "") -> object:
        if id == "verify_credentials":
            return {**self.accounts["1"], "source": {"note": "", "fields": [], "privacy": "public"}}
        if id == "relationships":
            return [{"id": one, "blocked_by": one in self.blocked_by} for one in query["id"] if one in self.accounts]
        if part == "statuses":
            return [one for one in reversed(self.statuses.values()) if one["account"]["id"] == id][:40]
        return self.accounts.get(id, NOT_FOUND)

    def _shown(self, id: str) -> bool:
        author = self.statuses.get(id, {}).get("account", {}).get("id")
        return author is not None and id not in self.hidden and author not in self.blocked_by

    def _page(self, request: Taken, query: Mapping[str, list[str]], ids: list[str], shape: Any) -> object:
        """Newest first, with Link headers that name whole addresses, as the real one's do."""
        newer_than = query.get("max_id", [""])[0]
        ids = [id for id in ids if not newer_than or int(id) < int(newer_than)]
        limit = min(int(query.get("limit", ["20"])[0]), self.size)
        page = ids[:limit]
        if not page:
            return 200, []
        kept = "&".join(
            f"{name}={value}" for name, values in request.params.items() for value in values if name != "max_id"
        )
        address = f"{self.bad.url}{request.path}?{kept}"
        links = [f'<{address}&min_id={page[0]}>; rel="prev"']
        if len(ids) > limit:
            links.insert(0, f'<{address}&max_id={page[-1]}>; rel="next"')
        return 200, [shape(id) for id in page], {"Link": ", ".join(links)}

    def _notifications(self, request: Taken, query: Mapping[str, list[str]]) -> object:
        kinds = dict(self.notified)
        ids = [id for id, kind in self.notified if kind in query.get("types", [kind])]

        def shape(id: str) -> dict[str, Any]:
            status = self.statuses[id]
            return {"id": id, "type": kinds[id], "group_key": f"ungrouped-{id}", "created_at": self.arrived[id],
                    "account": status["account"], "status": status}  # fmt: skip

        return self._page(request, query, ids, shape)

    def _context(self, id: str) -> dict[str, list[Any]]:
        above, one = [], self.statuses[id]
        while (up := one["in_reply_to_id"]) and self._shown(up):
            one = self.statuses[up]
            above.insert(0, one)
        below, found = [], {id}
        for other in self.statuses.values():
            if other["in_reply_to_id"] in found:
                found.add(other["id"])
                below.append(other)
        return {"ancestors": above, "descendants": below}

    def _search(self, query: Mapping[str, list[str]]) -> dict[str, list[Any]]:
        asked = query["q"][0]
        by_address = [one for one in self.statuses.values() if asked in (one["uri"], one["url"])]
        words = [one for one in reversed(self.statuses.values()) if asked.strip('"') in one["content"]]
        return {"accounts": [], "statuses": by_address or words, "hashtags": []}

    def _instance(self) -> dict[str, Any]:
        statuses = {"max_characters": self.length, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        return {"domain": DOMAIN, "title": "x", "version": self.version, "api_versions": {"mastodon": 7},
                "configuration": {"statuses": statuses}}  # fmt: skip

    def _post(self, request: Taken) -> object:
        """A status, once for one key, as the real one keeps keys for an hour."""
        key, body = request.headers.get("idempotency-key", ""), request.body
        under = body.get("in_reply_to_id") or ""
        if under and not self._shown(under):
            return NOT_FOUND
        if key not in self.keys or not key:
            more = {name: body[name] for name in ("visibility", "language") if body.get(name)}
            self.keys[key] = self.say(body["status"], by="1", under=under, **more)
        return self.statuses[self.keys[key]]
