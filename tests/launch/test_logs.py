"""Log lines hold ids, codes and places in the code, and nobody: whatever is logged, and whatever an exception says."""

import json
import logging
import sys
from collections.abc import Callable

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siach.launch.logs import Json, Plain, request_id, without_persons

TEXT, ENGLISH, MAIL = "המנורה של שירה נשברה", "my lamp broke, love Shira", "shira@example.test"
TOKEN = "pQ8x-Zt0aVnL4mWcYk2RsuJ7"
MARKERS = (TEXT, "שירה", ENGLISH, "Shira", MAIL, "shira", TOKEN)


def line(name: str, words: str, *args: object, error: Exception | None = None, **extra: object) -> str:
    """The record in both forms, one after the other."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, words, args, info)
    record.__dict__.update(extra)
    return f"{Plain().format(record)}\n{Json().format(record)}"


def raised(make: Callable[[], Exception], cause: Exception | None = None) -> Exception:
    try:
        raise make() from cause
    except Exception as error:
        return error


@pytest.mark.parametrize(
    ("name", "words", "args"),
    [
        ("siach.talk", "post %s: " + TEXT, (7,)),
        ("siach.talk", "mail to %s failed", (MAIL,)),
        ("siach.org", f"Key (email)=({MAIL}) already exists.", ()),
        ("siach.org", "opened %s", (f"https://siach.example.com/enter/{TOKEN}/",)),
        ("siach.org", f"asked for /stream/?q={ENGLISH.split()[-1]}", ()),
        ("django.request", "Internal Server Error: %s", (f"/enter/{TOKEN}/",)),
        ("httpx", 'HTTP Request: %s %s "%s %d %s"', ("GET", f"https://x.test/?q={ENGLISH}", "HTTP/1.1", 200, "OK")),
        ("package", "%(who)s said", ({"who": ENGLISH},)),
        ("package", "row %r", (ENGLISH,)),
        ("package", f"Invalid header: '{ENGLISH}'. Or \"{ENGLISH}\".", ()),
        ("package", "wrong %d number", (ENGLISH,)),
    ],
)
def test_no_message_holds_anybody(name: str, words: str, args: tuple[object, ...]) -> None:
    said = line(name, words, *args)
    assert not [marker for marker in MARKERS if marker in said], said


def test_no_exception_says_what_it_quotes() -> None:
    quoting = raised(lambda: ValueError(ENGLISH), cause=raised(lambda: KeyError(MAIL)))
    said = line("siach.talk", "step %s failed on batch %s", "care.triage", 7, error=quoting)
    assert not [marker for marker in MARKERS if marker in said], said
    assert "step care.triage failed on batch 7" in said
    assert "builtins.ValueError" in said and "builtins.KeyError" in said and "raised" in said


def test_what_helps_is_kept() -> None:
    full = raised(lambda: OSError(28, "No space left on device", "/srv/media/שירה.png"))
    gone = raised(lambda: psycopg.errors.UniqueViolation(MAIL))
    told = json.loads(line("siach.talk", "kept", error=full, status=507, route="/inbox/<int:pk>/").splitlines()[-1])
    assert told["exception"][0] == "builtins.OSError 28"
    assert (told["status"], told["route"], told["level"]) == (507, "/inbox/<int:pk>/", "ERROR")
    assert told["time"].endswith("Z")
    assert "psycopg.errors.UniqueViolation 23505" in line("siach.talk", "lost", error=gone)
    assert "job 1234567 of a dead worker goes back" in line(
        "siach.background", "job %s of a dead worker goes back", 1234567
    )
    assert "took 12 s in 3" in line("package", "took %d s in %d", 12, 3)


def test_a_request_is_found_by_its_id() -> None:
    token = request_id.set("0123abcd")
    try:
        assert json.loads(line("siach.ui", "x").splitlines()[-1])["request"] == "0123abcd"
    finally:
        request_id.reset(token)


def test_one_event_is_one_line() -> None:
    said = line("siach.talk", "two\nlines", error=raised(lambda: ValueError("a\nb")))
    assert json.loads(said.splitlines()[-1])["message"] == "two lines"


def test_a_broken_record_stops_nothing() -> None:
    circle = raised(lambda: ValueError("x"))
    circle.__context__ = raised(lambda: KeyError("y"), cause=circle)
    assert "ValueError" in line("package", "%s %s", 1, error=circle)
    assert sys.exc_info() == (None, None, None)


@given(
    st.text(alphabet="אבגדהשת ", min_size=1).map(str.strip).filter(bool),
    st.text("abcdef123_-", min_size=20, max_size=60),
)
def test_words_and_tokens_leave_whole(words: str, token: str) -> None:
    said = without_persons(f"post 7: {words} by {token} now")
    assert words not in said and token not in said and said.startswith("post 7: ")
