"""The smallest connector that hears and answers: what docs/add-a-connector.md asks for, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from siach.networks.contract import (
    Capability,
    Clock,
    Consent,
    Eligibility,
    FetchedAuthor,
    FetchedMetrics,
    FetchedPost,
    Field,
    Finding,
    Found,
    Grant,
    NetworkError,
    Page,
    Sent,
    SignedIn,
    Sleeper,
    SourceSpec,
    Terms,
    TextLimit,
)
from siach.networks.http import MAX_SECONDS, Http

NO_SIGN_IN = "Nobody is signed in. Connect the account again."


class Connector:
    NAME: ClassVar[str] = "pigeon"
    LABEL: ClassVar[str] = "Pigeon"
    INTRO: ClassVar[str] = ""
    FIELDS: ClassVar[tuple[Field, ...]] = (Field("server", "Server", "url"), Field("key", "Key", "password"))
    TERMS: ClassVar[Terms] = Terms(None, None, on_gone="erase", may_train=False, may_link_people=False)
    CAPABILITIES: ClassVar[frozenset[Capability]] = frozenset(("mentions", "send", "find", "delete"))
    TEXT_LIMIT: ClassVar[TextLimit] = TextLimit(200)
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
        self._clock, self._sleep, self._seconds = clock, sleep, seconds

    def close(self) -> None:
        """Nothing is held between two calls."""

    # --- signing in ---

    def sign_in_url(self, state: str, back: str) -> str | None:
        return None

    def sign_in(self, answers: Mapping[str, str]) -> SignedIn | Consent:
        grant = Grant({"server": answers["server"].rstrip("/"), "key": answers["key"]})
        me = self._http(grant).get("/me", headers=_signed(grant))
        return SignedIn(str(me["id"]), str(me["handle"]), str(me["name"]), grant)

    def renew(self, grant: Grant) -> Grant:
        return grant

    # --- hearing ---

    def fetch(self, spec: SourceSpec, cursor: Mapping[str, object]) -> Page:
        answer = self._http().get("/letters", {"after": str(cursor.get("after", "0"))}, _signed(self._signed_in()))
        letters = answer.get("letters")
        if not isinstance(letters, list):
            raise NetworkError("Pigeon answered with something else than letters.", "retry_at")
        posts = tuple(self._post(letter) for letter in letters if isinstance(letter, dict))
        return Page(posts, {"after": str(answer.get("last", cursor.get("after", "0")))}, more=False)

    def _post(self, letter: Mapping[str, object]) -> FetchedPost:
        author = str(letter.get("author", ""))
        return FetchedPost(
            external_id=str(letter.get("id", "")),
            url=f"{self._signed_in().data['server']}/letters/{letter.get('id', '')}",
            text=str(letter.get("text", "")),
            said_at=datetime.fromtimestamp(float(str(letter.get("at", 0))), UTC),
            author=FetchedAuthor(author, author),
            reason="mention",
            raw=letter,
            target={"letter": str(letter.get("id", ""))},
        )

    # --- answering ---

    @property
    def text_limit(self) -> TextLimit:
        return self.TEXT_LIMIT

    def check_text(self, text: str, target: Mapping[str, object] | None = None) -> None:
        if not text.strip() or len(text) > self.TEXT_LIMIT.length:
            raise NetworkError(f"A letter has 1 to {self.TEXT_LIMIT.length} characters.", "never")

    def eligible(self, target: Mapping[str, object]) -> Eligibility:
        known = bool(target.get("letter"))
        return Eligibility(public=known, reason="" if known else "This is no letter of Pigeon.")

    def send(self, text: str, target: Mapping[str, object] | None, key: str) -> Sent:
        body = {"text": text, "to": (target or {}).get("letter"), "key": key}
        return self._sent(self._http().post("/letters", body, headers=_signed(self._signed_in())), "unknown")

    def find(self, key: str, text: str, target: Mapping[str, object] | None) -> Found:
        answer = self._http().get("/letters/sent", {"key": key}, _signed(self._signed_in()))
        if "id" not in answer:
            return Found(Finding.ABSENT if answer.get("absent") is True else Finding.UNSURE)
        return Found(Finding.SENT, self._sent(answer, "retry_at"))

    def _sent(self, answer: Mapping[str, object], otherwise: str) -> Sent:
        if not answer.get("id"):
            raise NetworkError("Pigeon did not say what became of the letter.", otherwise)  # type: ignore[arg-type]
        return Sent(str(answer["id"]), f"{self._signed_in().data['server']}/letters/{answer['id']}")

    def hide(self, target: Mapping[str, object]) -> None:
        raise NetworkError("Pigeon hides nothing.", "never")

    def delete(self, external_id: str) -> None:
        self._http().delete(f"/letters/{external_id}", headers=_signed(self._signed_in()))

    def metrics(self, targets: Mapping[str, Mapping[str, object]]) -> Mapping[str, FetchedMetrics | None]:
        self._signed_in()
        return {}

    # --- the door ---

    def _signed_in(self) -> Grant:
        if self.grant is None:
            raise NetworkError(NO_SIGN_IN, "renew")
        return self.grant

    def _http(self, grant: Grant | None = None) -> Http:
        server = (grant or self._signed_in()).data["server"]
        return Http(server, clock=self._clock, sleep=self._sleep, seconds=self._seconds)


def _signed(grant: Grant) -> dict[str, str]:
    return {"authorization": f"Bearer {grant.data['key']}"}
