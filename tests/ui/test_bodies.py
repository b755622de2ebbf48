"""A body that is too large is refused in words and stands nowhere, whether it says its length or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from siach.talk.actions import importing
from siach.talk.rows import folder
from siach.ui.bodies import Bounded
from tests.alone import alone
from tests.world import NOW, World

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "/sources/import/"


@pytest.fixture(autouse=True)
def small(settings: Any, tmp_path: Path) -> None:
    settings.SIACH_UPLOADS, settings.SIACH_BODY_LIMIT = {TABLE: 2**20}, 1_000
    settings.SIACH_HOME = tmp_path


def sent(path: str, *chunks: bytes, length: int | None = None) -> tuple[bytes, bool, int]:
    """What Django would store of these chunks, whether it was told that it is too much, and how many were read."""
    stored, read, told = [], 0, {}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            stored.append(message.get("body", b""))
        told["beyond"] = scope.get("siach.beyond", False)

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": chunks[read - 1], "more_body": read < len(chunks)}

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "path": path, "headers": headers}
    alone(Bounded(application)(scope, receive, None))  # type: ignore[arg-type]
    return b"".join(stored), told["beyond"], read


def test_what_is_within_is_handed_on_whole() -> None:
    assert sent("/inbox/", b"a" * 600, b"b" * 400) == (b"a" * 600 + b"b" * 400, False, 2)
    assert sent(TABLE, b"a" * 2**20, length=2**20) == (b"a" * 2**20, False, 1)


def test_what_says_that_it_is_too_large_is_stored_nowhere() -> None:
    assert sent("/inbox/", b"a" * 600, b"b" * 600, length=1_200) == (b"", True, 2)


def test_what_turns_out_too_large_ends_there() -> None:
    stored, beyond, read = sent("/inbox/", *[b"a" * 600] * 5)
    assert (len(stored), beyond, read) == (600, True, 5)


def test_an_endless_one_is_not_heard_to_its_end() -> None:
    _stored, beyond, read = sent("/inbox/", *[b"a" * 600] * 1_000)
    assert beyond and read == 7


def test_what_still_comes_in_after_the_answer_is_nothing_to_the_application() -> None:
    """Django, waiting for the visitor to go, takes any further piece of the body for a fault."""
    heard: list[str] = []
    pieces = [{"type": "http.request", "body": b"a" * 600, "more_body": True}] * 20 + [{"type": "http.disconnect"}]

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        heard.append((await receive())["type"])

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    alone(Bounded(application)({"type": "http", "path": "/inbox/", "headers": []}, receive, None))  # type: ignore[arg-type]
    assert heard == ["http.disconnect"] and pieces == []


@pytest.mark.parametrize(("language", "words"), [("he", "גדול מדי להעלאה"), ("en", "can be uploaded at once")])
def test_it_is_refused_in_words_and_no_file_is_left(world: World, language: str, words: str) -> None:
    world.yael.language = language
    world.yael.save()
    file = SimpleUploadedFile("posts.csv", b"text,time\n" + b"x" * 2**20, "text/csv")
    page = world.client(world.yael, language).post(TABLE, {"file": file})
    assert page.status_code == 413 and words in page.text and f'href="{TABLE}"' in page.text
    assert not folder().exists()
    assert Client().post("/account/login/", {"login": "x" * 2_000}).status_code == 413


def test_a_file_that_breaks_off_leaves_no_half(world: World) -> None:
    class Broken:
        def __init__(self) -> None:
            self.parts = [b"text,time\n", b"hello,2026-01-01\n"]

        def read(self, size: int) -> bytes:
            if not self.parts:
                raise OSError(28, "No space left on device")
            return self.parts.pop(0)

    with pytest.raises(OSError, match="No space"):
        importing.start(org=world.org, network="", name="x.csv", file=Broken(), by=None, at=NOW)  # type: ignore[arg-type]
    assert list(folder().iterdir()) == []
