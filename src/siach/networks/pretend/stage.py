"""Where a pretend network keeps what stands on it: one SQLite file, apart from our database as a real network is.

What was planned comes into sight when its time comes; nothing has to play it. A fall on our side changes nothing here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from siach.networks.contract import FetchedAuthor, FetchedMetrics, FetchedPost, Sent

Fault = Literal["down", "full", "slow", "lost"]
#: At which parts of its growth a post that moves is shown again.
AGAIN = (0.25, 0.5, 1.0)
MOVING = 5  # likes
#: How long after it was taken an answer stands for others to see: no reader is ever past it by then.
SEEN_AFTER = 1.0
_MADE = """
CREATE TABLE IF NOT EXISTS post (key TEXT PRIMARY KEY, network TEXT, place TEXT, said REAL, seen REAL, grown REAL,
    body TEXT, upon TEXT NOT NULL DEFAULT '', after REAL NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS sight (network TEXT, place TEXT, seen REAL, key TEXT,
    PRIMARY KEY (network, place, seen, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS post_upon ON post (upon) WHERE upon <> '';
CREATE TABLE IF NOT EXISTS sent (token TEXT PRIMARY KEY, post TEXT, url TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS fault (network TEXT, kind TEXT, since REAL, until REAL);
CREATE TABLE IF NOT EXISTS calls (network TEXT, span INTEGER, n INTEGER, PRIMARY KEY (network, span));
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """A post that is to stand on the network. `seen`: when others can read it, None for one that waits for an answer.

    `upon` is the id of the post whose answer decides: "thanks" are said `after` seconds behind the answer and never
    without one, "again" is said at `seen` unless an answer came before. `grown`: when its totals are whole."""

    network: str
    place: str
    post: FetchedPost
    seen: datetime | None
    grown: datetime
    upon: str = ""
    kind: Literal["", "thanks", "again"] = ""
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A post in sight, and where it stands in the order in which they came."""

    post: FetchedPost
    seen: float


class Stage:
    """One pretend world of networks. Safe for many processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def plan(self, posts: Iterable[Planned]) -> None:
        """Have these posts come into sight in their time. One that is known already changes nothing."""
        with self._open() as db:
            for one in posts:
                said, grown = one.post.said_at.timestamp(), one.grown.timestamp()
                seen = one.seen.timestamp() if one.seen else None
                row = (one.post.external_id, one.network, one.place, said, seen, grown, _body(one.post))
                db.execute(
                    "INSERT OR IGNORE INTO post VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, one.upon, one.after, one.kind),
                )
                if seen is not None:
                    again = AGAIN if one.post.metrics.likes >= MOVING else ()
                    shown = (seen, *(seen + part * (grown - said) for part in again))
                    db.executemany(
                        "INSERT OR IGNORE INTO sight VALUES (?, ?, ?, ?)",
                        [(one.network, one.place, when, one.post.external_id) for when in shown],
                    )

    def trouble(self, network: str, kind: Fault, *, since: datetime, until: datetime) -> None:
        """Have a network fail in this way for so long: "down" takes nothing, "full" asks us to wait, "slow" answers
        late, "lost" takes what is sent and lets its answer get lost."""
        with self._open() as db:
            row = (network, kind, since.timestamp(), until.timestamp())
            db.execute("INSERT INTO fault VALUES (?, ?, ?, ?)", row)

    def fault(self, network: str, at: datetime) -> tuple[Fault, datetime] | None:
        """How this network fails just now, and until when."""
        now = at.timestamp()
        with self._open() as db:
            found = db.execute(
                "SELECT kind, until FROM fault WHERE network = ? AND since <= ? AND until > ? ORDER BY since DESC",
                (network, now, now),
            ).fetchone()
        return (found[0], datetime.fromtimestamp(found[1], UTC)) if found else None

    def calls(self, network: str, at: datetime, seconds: int) -> int:
        """Count a call, and how many there were in this span of so many seconds."""
        span = int(at.timestamp()) // seconds
        with self._open() as db:
            db.execute("DELETE FROM calls WHERE network = ? AND span < ?", (network, span))
            counted = db.execute(
                "INSERT INTO calls VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n", (network, span)
            ).fetchone()
        return int(counted[0])

    def after(
        self, network: str, place: str, seen: float, key: str, *, at: datetime, most: int
    ) -> tuple[list[Standing], bool]:
        """What came into sight at a place behind this sight, in order, and whether more waits. A post that moves is
        shown again with its new totals."""
        with self._open() as db:
            rows = db.execute(
                "SELECT key, p.said, s.seen, p.grown, p.body FROM sight s JOIN post p USING (key) WHERE s.network = ? "
                "AND s.place = ? AND s.seen <= ? AND (s.seen, key) > (?, ?) ORDER BY s.seen, key LIMIT ?",
                (network, place, at.timestamp(), seen, key, most + 1),
            ).fetchall()
        return [Standing(_post(row, at), row[2]) for row in rows[:most]], len(rows) > most

    def waits(self, network: str, place: str, seen: float, key: str, *, at: datetime) -> bool:
        """Whether a post that was never shown before stands at a place behind this sight."""
        with self._open() as db:
            found = db.execute(
                "SELECT 1 FROM post WHERE network = ? AND place = ? AND seen <= ? AND (seen, key) > (?, ?) LIMIT 1",
                (network, place, at.timestamp(), seen, key),
            ).fetchone()
        return found is not None

    def totals(self, keys: Iterable[str], *, at: datetime) -> dict[str, FetchedMetrics]:
        """How posts stand now, those of them that are here."""
        wanted = list(keys)
        marks = ", ".join("?" * len(wanted))
        with self._open() as db:
            rows = db.execute(
                f"SELECT key, said, seen, grown, body FROM post WHERE seen <= ? AND key IN ({marks})",
                (at.timestamp(), *wanted),
            ).fetchall()
        return {row[0]: _post(row, at).metrics for row in rows}

    def take(self, network: str, post: FetchedPost, token: str) -> Sent:
        """An answer of ours stands from now on; the same token is the same answer. Whom it answers may write back."""
        target = post.parent_external_id or ""
        at = post.said_at.timestamp()
        with self._open() as db:
            known = db.execute("SELECT post, url FROM sent WHERE token = ?", (token,)).fetchone()
            if known:
                return Sent(*known)
            place, root = self._home(db, target, post)
            db.execute("INSERT INTO sent VALUES (?, ?, ?, ?)", (token, post.external_id, post.url, post.text))
            db.execute(
                "INSERT INTO post VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, '')",
                (post.external_id, network, place, at, at + SEEN_AFTER, at, _body(post, root=root)),
            )
            db.execute("INSERT INTO sight VALUES (?, ?, ?, ?)", (network, place, at + SEEN_AFTER, post.external_id))
            if target:
                _react(db, target, at)
        return Sent(post.external_id, post.url)

    def _home(self, db: sqlite3.Connection, target: str, post: FetchedPost) -> tuple[str, str]:
        """Where an answer stands: the place and the thread of what it answers."""
        found = db.execute("SELECT place, body FROM post WHERE key = ?", (target,)).fetchone()
        if found is None:
            return "", post.root_external_id or target
        return found[0], json.loads(found[1])["root_external_id"] or target

    def sent(self, token: str) -> Sent | None:
        with self._open() as db:
            known = db.execute("SELECT post, url FROM sent WHERE token = ?", (token,)).fetchone()
        return Sent(*known) if known else None

    def drop(self, key: str) -> None:
        with self._open() as db:
            _forget(db, "key = ?", (key,))

    def clear(self, *, at: datetime) -> None:
        """What has not come into sight by now never will, and every network works again."""
        now = at.timestamp()
        with self._open() as db:
            db.execute("DELETE FROM sight WHERE seen > ?", (now,))
            db.execute("DELETE FROM post WHERE seen IS NULL OR seen > ?", (now,))
            db.execute("DELETE FROM fault")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection with one transaction, which waits for whoever else writes."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_MADE)
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()


def _react(db: sqlite3.Connection, target: str, at: float) -> None:
    """Whoever was answered does not ask again, and says thanks where they were going to."""
    _forget(db, "upon = ? AND kind = 'again' AND seen > ?", (target, at))
    db.execute(
        "UPDATE post SET said = ? + after, seen = ? + after, grown = ? + after "
        "WHERE upon = ? AND kind = 'thanks' AND seen IS NULL",
        (at, at, at, target),
    )
    db.execute(
        "INSERT OR IGNORE INTO sight SELECT network, place, seen, key FROM post WHERE upon = ? AND kind = 'thanks'",
        (target,),
    )


def _forget(db: sqlite3.Connection, which: str, values: tuple[object, ...]) -> None:
    db.execute(f"DELETE FROM sight WHERE key IN (SELECT key FROM post WHERE {which})", values)
    db.execute(f"DELETE FROM post WHERE {which}", values)


def _body(post: FetchedPost, *, root: str | None = None) -> str:
    told: dict[str, Any] = asdict(post)
    told["root_external_id"] = root or post.root_external_id
    del told["said_at"], told["edited_at"], told["media"]
    return json.dumps(told, ensure_ascii=False)


def _post(row: tuple[str, float, float, float, str], at: datetime) -> FetchedPost:
    """A row as the network tells it now: its totals grow from when it was said until they are whole."""
    _key, said, _seen, grown, body = row
    told: dict[str, Any] = json.loads(body)
    share = min(1.0, (at.timestamp() - said) / (grown - said)) if grown > said else 1.0
    author, metrics = FetchedAuthor(**told.pop("author")), _grown(told.pop("metrics"), share)
    return FetchedPost(author=author, metrics=metrics, said_at=datetime.fromtimestamp(said, UTC), **told)


def _grown(totals: Mapping[str, int | None], share: float) -> FetchedMetrics:
    now = {name: None if total is None else round(total * share) for name, total in totals.items()}
    return FetchedMetrics(**now)  # type: ignore[arg-type]
