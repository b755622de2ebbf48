"""Mail: what is written to an address of the brand, heard from its mailbox. Nothing is sent, moved or marked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from siach.networks.charset import decode
from siach.networks.contract import (
    Capability,
    Clock,
    Consent,
    FetchedAuthor,
    FetchedPost,
    Field,
    Grant,
    NetworkError,
    Page,
    SignedIn,
    Sleeper,
    SourceSpec,
    Terms,
    TextLimit,
)
from siach.networks.guard import check_base_url
from siach.networks.http import MAX_SECONDS, utc_now
from siach.networks.mail.box import MOST_OF_ONE, REFUSED, TLS_PORT, Arrived, Box, Wanted, opened
from siach.networks.mail.letter import Letter, read, title
from siach.networks.markup import tidy

NO_PORT = "A port is a number from 1 to 65535."
SIGN_IN_AGAIN = "The sign-in to this mailbox no longer holds. Connect it again."
REST = timedelta(minutes=1)
#: How far the first reading goes back, and how much one page holds.
HISTORY, MOST_MAILS, MOST_BYTES = 200, 25, 8_000_000
#: An author's clock is believed within a day before the server took the mail.
_CLOCK = timedelta(days=1)
_LONGEST = 200


class Connector:
    """One folder of one mailbox. `seconds` is the longest that one call may take."""

    NAME: ClassVar[str] = "mail"
    LABEL: ClassVar[str] = "Email"
    INTRO: ClassVar[str] = (
        "What people write to an address of the brand is heard from its mailbox, as private messages. Nothing in the "
        "mailbox is changed. The password is stored encrypted."
    )
    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("server", "Server", help="The IMAP server, for example imap.example.com"),
        Field("name", "User name", help="With most providers the whole address"),
        Field("password", "Password", "password", help="An app password, where the provider has them"),
        Field(
            "folder", "Folder", default="INBOX", help="A separate folder for customers’ messages keeps the rest unread"
        ),
        Field("port", "Port", default=str(TLS_PORT), help="Change it only where the provider says so"),
    )
    TERMS: ClassVar[Terms] = Terms(
        keep_days=None, refresh_days=None, on_gone="keep", may_train=False, may_link_people=False
    )
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset(("all",))
    TEXT_LIMIT: ClassVar[TextLimit] = TextLimit(0)
    METERED: ClassVar[int] = 0

    def __init__(
        self,
        grant: Grant | None = None,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self.grant: Grant | None = grant
        self._clock = clock or utc_now
        self._seconds = seconds

    def close(self) -> None:
        """Nothing is held between two calls."""

    def sign_in_url(self, state: str, back: str) -> str | None:
        return None

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        """Open the folder once."""
        data = _cleaned(answers)
        try:
            with opened(_wanted(data), seconds=self._seconds):
                pass
        except NetworkError as error:
            raise NetworkError(error.message, "never" if error.then == "renew" else error.then, error.at) from error
        address = data["name"].lower() if "@" in data["name"] else f"{data['name']}@{data['server']}".lower()
        place = address if data["folder"].upper() == "INBOX" else f"{address}/{data['folder']}"
        grant = Grant({**data, "place": place[:_LONGEST]})
        return SignedIn(external_id=place[:_LONGEST], handle=place[:_LONGEST], name=place[:_LONGEST], grant=grant)

    def renew(self, grant: Grant) -> Grant:
        """There is nothing that could run out but the password."""
        return grant

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        if self.grant is None:
            raise NetworkError(SIGN_IN_AGAIN, "renew")
        with opened(_wanted(self.grant.data), seconds=self._seconds) as box:
            last = cursor.get("uid") if cursor.get("validity") == box.validity else None
            known = last if isinstance(last, int) else None
            waiting = _waiting(box, known)
            chosen = _within(waiting)
            mails = box.read(chosen) if chosen else []
        if not chosen and known is not None:
            return Page((), cursor, more=False, not_before=self._clock() + REST, final=True)
        reached = max(chosen) if chosen else max(known or 0, box.next_uid - 1)
        posts = tuple(post for post in map(self._post, mails) if post is not None)
        more = len(chosen) < len(waiting)
        left = {"validity": box.validity, "uid": reached}
        return Page(posts, left, more, not_before=None if more else self._clock() + REST, final=True)

    def _post(self, mail: Arrived) -> FetchedPost | None:
        """A mail as a private post; None for what no person wrote."""
        try:
            letter = read(mail.bytes)
        except Exception:  # a library on bytes from anywhere: what cannot be taken apart is shown as it came
            letter = None
        if letter is not None and letter.is_automatic:
            return None
        place, arrived = (self.grant.data["place"] if self.grant else ""), mail.at or self._clock()
        return _whole(mail, place, arrived) if letter is None else _said(letter, mail, place, arrived)


def _cleaned(answers: Mapping[str, str]) -> dict[str, str]:
    """The form's answers as a grant; NetworkError in words for what cannot be."""
    port = answers.get("port", "").strip() or str(TLS_PORT)
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise NetworkError(NO_PORT, "never")
    server = answers.get("server", "").strip().rstrip("/").lower().removeprefix("imaps://").removeprefix("imap://")
    base = check_base_url(f"https://{server}")
    if base.rsplit(":", 1)[-1].isdecimal() or not answers.get("name", "").strip() or not answers.get("password"):
        raise NetworkError("This is not a server address." if answers.get("name") else REFUSED, "never")
    return {
        "server": base.removeprefix("https://").strip("[]"),
        "port": port,
        "name": answers["name"].strip(),
        "password": answers["password"],
        "folder": answers.get("folder", "").strip() or "INBOX",
    }


def _wanted(data: Mapping[str, str]) -> Wanted:
    return Wanted(data["server"], int(data["port"]), data["name"], data["password"], data["folder"])


def _waiting(box: Box, known: int | None) -> dict[int, int]:
    """UID -> size of what was not read yet; nothing is asked where the server says that nothing came."""
    if known is None:
        return box.latest(HISTORY)
    return {} if box.next_uid and box.next_uid <= known + 1 else box.after(known)


def _within(waiting: Mapping[int, int]) -> Sequence[int]:
    """The first of them that fit into one page."""
    chosen: list[int] = []
    room = MOST_BYTES
    for uid in sorted(waiting)[:MOST_MAILS]:
        room -= min(waiting[uid], MOST_OF_ONE)
        if chosen and room < 0:
            break
        chosen.append(uid)
    return chosen


def _said(letter: Letter, mail: Arrived, place: str, arrived: datetime) -> FetchedPost:
    said_at = letter.said_at
    if said_at is None or not arrived - _CLOCK <= said_at <= arrived:
        said_at = arrived
    attached = "\n".join(f"📎 {name}" for name in letter.attached)
    author = letter.address or letter.name or "?"
    return FetchedPost(
        external_id=_key(place, letter.id or _digest(mail.bytes)),
        url="",
        text="\n\n".join(filter(None, (title(letter), letter.text, attached))),
        said_at=said_at,
        author=FetchedAuthor(external_id=author, handle=letter.address, name=letter.name),
        parent_external_id=_key(place, letter.parent) if letter.parent else None,
        root_external_id=_key(place, letter.root) if letter.root else None,
        reason="mention",
        raw={"headers": [list(pair) for pair in letter.headers], "text": letter.whole, "attached": letter.attached},
        is_private=True,
    )


def _whole(mail: Arrived, place: str, arrived: datetime) -> FetchedPost:
    """A mail that could not be taken apart."""
    text = tidy(decode(mail.bytes))
    return FetchedPost(
        external_id=_key(place, _digest(mail.bytes)),
        url="",
        text=text[:5_000],
        said_at=arrived,
        author=FetchedAuthor(external_id="?", handle="", name="?"),
        reason="mention",
        raw={"text": text},
        is_private=True,
    )


def _key(place: str, name: str) -> str:
    """A mail within its mailbox: the same mail to two brands is said to both."""
    return f"{place}:{name}" if len(name) <= 150 else f"{place}:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]
