"""What a network gives and takes: plain frozen data, and the small protocols a connector implements.

A connector is the class `Connector` of `networks/<name>/connector.py`; the folder's name is the stored
value of `network`. Nothing here knows a table. Every time is aware and in UTC. Every failure of a
network is one `NetworkError`, whose `then` says what the caller does next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar, Literal, Protocol, runtime_checkable

Then = Literal["retry_at", "renew", "never", "unknown"]
SourceKind = Literal["mentions", "search", "thread", "all"]
Reason = Literal["", "mention", "reply", "quote", "search", "thread", "about"]
Capability = Literal[
    "mentions", "search", "thread", "all", "hooks", "send", "find", "hide", "delete", "metrics", "push"
]


class NetworkError(Exception):
    """A network did not do what was asked. `message` is English, for a person, and holds no secret.

    then = "retry_at": nothing happened; ask again, not before `at` where the network named a time.
    then = "renew": the sign-in no longer holds; a person (or `renew`) must sign in again.
    then = "never": the same request will fail for ever (refused, gone, too long).
    then = "unknown": a write may or may not have happened; ask `find(key)` before anything else.
    """

    def __init__(self, message: str, then: Then, at: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.then: Then = then
        self.at = at


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What to listen to. "mentions": the account's own mentions, replies and quotes. "search": `query`.
    "thread": one whole thread, named by the `external_id` of any post in it. "all": whatever comes at the place."""

    kind: SourceKind
    query: str = ""
    external_id: str = ""
    place: str = ""
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchedAuthor:
    external_id: str
    handle: str
    name: str = ""
    followers: int | None = None
    avatar_url: str = ""


@dataclass(frozen=True, slots=True)
class FetchedMetrics:
    """Running totals at the moment of reading; `views` is None where the network does not tell."""

    likes: int = 0
    shares: int = 0
    comments: int = 0
    views: int | None = None


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """One attached thing: kind is "image", "video" or "link"."""

    kind: str
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class FetchedPost:
    """One post as the network tells it. `reason` says why it came ("about": it is about the brand, named or not);
    `target` is plain JSON that `send`, `hide` and `eligible` need to act on this very post, to be stored and handed
    back as it is. `is_private`: it was said to some, not to everybody."""

    external_id: str
    url: str
    text: str
    said_at: datetime
    author: FetchedAuthor
    parent_external_id: str | None = None
    root_external_id: str | None = None
    language: str | None = None
    metrics: FetchedMetrics = field(default_factory=FetchedMetrics)
    media: tuple[FetchedMedia, ...] = ()
    reason: Reason = ""
    raw: Mapping[str, object] = field(default_factory=dict)
    edited_at: datetime | None = None
    target: Mapping[str, object] = field(default_factory=dict)
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """Who tells at once that something new stands at a place, as the place itself says: the address of a WebSub `hub`,
    and the name of the place there."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of `fetch`. Store `cursor` (plain JSON) with the posts, in one transaction, and hand it
    back next time. `more`: ask again at once. `cost`: units of the network's own budget or money.
    Posts repeat across pages and come in any order: everything is an upsert on `external_id`. `not_before`: the
    network had better be left alone until then, to keep its limit for what people send. `final`: what was said there is
    never said anew, so a repeat with other words is somebody else's doing and changes nothing. `push`: who tells
    of news there, None where nobody does."""

    posts: tuple[FetchedPost, ...]
    cursor: Mapping[str, object]
    more: bool
    cost: int = 0
    not_before: datetime | None = None
    final: bool = False
    push: Push | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in returned: tokens and addresses. Secret: to be encrypted before it is stored."""

    data: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    external_id: str
    handle: str
    name: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the sign-in form. `label` and `help` are English msgids. A "check" answers "1" or ""."""

    name: str
    label: str
    kind: Literal["text", "password", "url", "check"] = "text"
    default: str = ""
    help: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Consent:
    """A sign-in that goes on at the network: a person agrees on its page `url`, and what that shows is the answer to
    `asked`. Sign in again with it and with `kept`, which is secret and comes back as it is."""

    url: str
    asked: Field
    kept: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    external_id: str
    url: str


class Finding(Enum):
    SENT = "sent"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a key: `sent` is given exactly when `finding` is SENT."""

    finding: Finding
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """May this post be answered: in public, in private, until when, at what cost; `reason` says why not."""

    public: bool
    private: bool = False
    until: datetime | None = None
    cost: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the network's rules allow. Days: None = no limit of theirs. `on_gone`: what to do with our
    copy once the post is gone there."""

    keep_days: int | None
    refresh_days: int | None
    on_gone: Literal["erase", "keep"]
    may_train: bool
    may_link_people: bool


@dataclass(frozen=True, slots=True)
class TextLimit:
    """Longest text of one post: `length` in graphemes (what a reader calls a letter), `bytes` in UTF-8."""

    length: int
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls a network takes in so many seconds, from one account or from one address of ours."""

    calls: int
    seconds: int
    of: Literal["account", "address"]


@dataclass(frozen=True, slots=True)
class Price:
    """What listening costs where it is not free. `Page.cost` counts in `unit` (an English msgid), `scale` of them to
    one that is shown. `most`: what the network itself allows in a period, which begins anew by the clock of `zone`."""

    unit: str
    per: Literal["day", "month"]
    most: int | None = None
    scale: int = 1
    zone: str = "UTC"


Clock = Callable[[], datetime]
Sleeper = Callable[[float], None]


class Declares(Protocol):
    """What every connector class states about itself, without a network and without an account."""

    NAME: ClassVar[str]
    LABEL: ClassVar[str]
    INTRO: ClassVar[str]
    """What is heard there, told to whoever is about to connect it; "" for an account that hears and answers. Both are
    English msgids."""
    FIELDS: ClassVar[tuple[Field, ...]]
    TERMS: ClassVar[Terms]
    CAPABILITIES: ClassVar[frozenset[Capability]]
    TEXT_LIMIT: ClassVar[TextLimit]
    """Of no letters where nothing is sent."""
    METERED: ClassVar[int]
    """Posts that one call of `metrics` may be asked about, so that it stays a small part of the network's limit."""

    # A connector may also state RATE, the network's limit on calls, and PRICE, where listening is paid for.


@runtime_checkable
class Connects(Protocol):
    """Signing in. `grant` changes whenever the connector renewed it: compare and store after each use."""

    @property
    def grant(self) -> Grant | None: ...

    def sign_in_url(self, state: str, back: str) -> str | None:
        """The network's own consent page, or None where the form's FIELDS are the whole sign-in."""
        ...

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        """Sign in with the form's answers (or the consent page's parameters). Wrong ones: "never"."""
        ...

    def renew(self, grant: Grant) -> Grant:
        """A fresh grant; "renew" when only a new sign-in helps."""
        ...

    def close(self) -> None:
        """Let go of the connections; the connector may be used again."""
        ...


@runtime_checkable
class Listens(Protocol):
    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        """The next page after `cursor` ({} at first). Never loses a post between two calls."""
        ...


@runtime_checkable
class Hooks(Protocol):
    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether these very bytes were signed by the network."""
        ...

    def read_hook(self, headers: Mapping[str, str], body: bytes) -> tuple[FetchedPost, ...]: ...


@runtime_checkable
class Speaks(Protocol):
    @property
    def text_limit(self) -> TextLimit:
        """TEXT_LIMIT, or what the account's own server allows."""
        ...

    def check_text(self, text: str, target: Mapping[str, object] | None = None) -> None:
        """Raises "never" with a plain sentence when the network would refuse this text, as an answer to `target`."""
        ...

    def eligible(self, target: Mapping[str, object]) -> Eligibility:
        """May the post with this `FetchedPost.target` be answered. Asks nobody: from what is known."""
        ...

    def send(self, text: str, target: Mapping[str, object] | None, key: str) -> Sent:
        """Answer the post of `target` (None: a post of its own). The same `key` never makes two posts."""
        ...

    def hide(self, target: Mapping[str, object]) -> None: ...

    def delete(self, external_id: str) -> None:
        """Remove a post of the account. Already gone is fine."""
        ...


@runtime_checkable
class Finds(Protocol):
    def find(self, key: str, text: str, target: Mapping[str, object] | None) -> Found:
        """What became of `send(text, target, key)`. UNSURE: this network can never tell. A network that cannot be
        asked just now raises "retry_at" or "renew"; "unknown" is never raised."""
        ...


@runtime_checkable
class Meters(Protocol):
    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        """How posts stand now, from their `FetchedPost.target` by external id: their totals, or None for one that
        is surely gone for everybody, by the network's own word. Whatever else keeps one from being read (hidden
        from this account, its author away for now, no post of this network) leaves it out of the answer."""
        ...


@runtime_checkable
class Subscribes(Protocol):
    """Needs no account: whoever tells of news tells it to anybody. To ask twice is the same as to ask once, so that
    "unknown" is never raised; "retry_at": not now, "never": it refuses."""

    def subscribe(self, push: Push, callback: str, secret: str, seconds: int) -> None:
        """Ask to be called at `callback` for `seconds`, each call signed with `secret`. It holds once the hub has
        called there to make sure, which may be before this returns."""
        ...

    def unsubscribe(self, push: Push, callback: str) -> None: ...
