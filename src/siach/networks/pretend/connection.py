"""What a demo's account has instead of a network's connector: the same protocols over a stage."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from siach.networks import graphemes
from siach.networks.contract import (
    Capability,
    Clock,
    Eligibility,
    FetchedAuthor,
    FetchedMetrics,
    FetchedPost,
    Finding,
    Found,
    Grant,
    NetworkError,
    Page,
    Rate,
    Sent,
    Sleeper,
    SourceSpec,
    Terms,
    TextLimit,
)
from siach.networks.pretend.stage import Fault, Stage

#: How long an answer may be on the networks that it stands in for, in letters.
LIMITS = {
    "bluesky": 300,
    "facebook": 8000,
    "google_reviews": 4096,
    "instagram": 2200,
    "mastodon": 500,
    "messenger": 2000,
    "telegram": 4096,
    "tiktok": 150,
    "x": 280,
}
#: What is said to whoever wants more of it than a pretend network can do.
REFUSED = "This is a demo: its people and posts are invented, and nothing of it reaches a network."
_PAGE = 50
_SLOW = 4.0  # seconds


class Pretend:
    """One network of a stage, through the account of whoever speaks there: the protocols that its CAPABILITIES name.
    Nobody signs in to it."""

    TERMS: ClassVar[Terms] = Terms(None, None, "keep", may_train=False, may_link_people=False)
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset({"all", "send", "find", "delete", "metrics"})
    TEXT_LIMIT: ClassVar[TextLimit] = TextLimit(300)
    METERED: ClassVar[int] = 200
    RATE: ClassVar[Rate] = Rate(900, 300, "account")
    grant: Grant | None = None

    def __init__(
        self,
        stage: Stage,
        network: str,
        speaker: FetchedAuthor,
        *,
        clock: Clock | None = None,
        sleep: Sleeper | None = None,
    ) -> None:
        self._stage = stage
        self._network = network
        self._speaker = speaker
        self._clock = clock or (lambda: datetime.now(UTC))
        self._sleep = sleep or time.sleep

    @property
    def text_limit(self) -> TextLimit:
        return TextLimit(LIMITS.get(self._network, 0))

    def close(self) -> None:
        pass

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        now = self._called("fetch")
        seen, key = float(str(cursor.get("seen", 0))), str(cursor.get("key", ""))
        found, more = self._stage.after(self._network, spec.place, seen, key, at=now, most=_PAGE)
        if not found:
            return Page((), cursor, False)
        posts = tuple(one.post for one in found)
        return Page(posts, {"seen": found[-1].seen, "key": posts[-1].external_id}, more)

    def check_text(self, text: str, target: Mapping[str, object] | None = None) -> None:
        if not text.strip():
            raise NetworkError("There is no text to send.", "never")
        length, most = graphemes.count(text), self.text_limit.length
        if length > most:
            raise NetworkError(f"The text has {length} letters; {self._network.title()} takes {most}.", "never")

    def eligible(self, target: Mapping[str, object]) -> Eligibility:
        is_private = bool(target.get("private"))
        return Eligibility(public=not is_private, private=is_private)

    def send(self, text: str, target: Mapping[str, object] | None, key: str) -> Sent:
        self.check_text(text, target)
        now = self._called("send")
        name = f"{self._network}-{uuid.UUID(key).hex[:20]}"
        parent = str((target or {}).get("id") or "") or None
        post = FetchedPost(
            external_id=name,
            url=f"https://{self._network.replace('_', '-')}.example/{self._speaker.handle}/{name}",
            text=text,
            said_at=now,
            author=self._speaker,
            parent_external_id=parent,
            root_external_id=parent,
            is_private=bool((target or {}).get("private")),
            target=dict(target or {}) | {"id": name},
        )
        sent = self._stage.take(self._network, post, key)
        if self._fault(now) == "lost":
            raise NetworkError("The connection to the server was lost.", "unknown")
        return sent

    def find(self, key: str, text: str, target: Mapping[str, object] | None) -> Found:
        self._called("find")
        sent = self._stage.sent(key)
        return Found(Finding.SENT, sent) if sent else Found(Finding.ABSENT)

    def delete(self, external_id: str) -> None:
        self._called("delete")
        self._stage.drop(external_id)

    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        now = self._called("metrics")
        return dict(self._stage.totals(targets, at=now))

    def _called(self, what: str) -> datetime:
        """The network answers, late or not at all. NetworkError as its faults and its limit have it."""
        now = self._clock()
        found = self._stage.fault(self._network, now)
        fault = found[0] if found else None
        if found and fault == "down":
            raise NetworkError("The server cannot be reached.", "retry_at", now + timedelta(seconds=10))
        if found and fault == "full":
            raise NetworkError("The server answered 429.", "retry_at", found[1])
        if found and fault == "lost" and what == "find":
            raise NetworkError("The server did not answer in time.", "retry_at", found[1])
        if fault == "slow":
            self._sleep(_SLOW)
        if self._stage.calls(self._network, now, self.RATE.seconds) > self.RATE.calls:
            raise NetworkError("The server answered 429.", "retry_at", now + timedelta(seconds=30))
        return self._clock()

    def _fault(self, now: datetime) -> Fault | None:
        found = self._stage.fault(self._network, now)
        return found[0] if found else None
