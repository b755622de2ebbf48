"""Log lines without anybody in them: no text of a post, no name, no address, no token, whatever an exception says.

What our own code logs is ids and codes. Of what packages log only numbers are kept beside their fixed words, and of an
exception its kind and the places in the code that it passed; what it says may quote a row.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# What an access line, and a line of a sign-in, hold beside their message.
FACTS = ("method", "route", "status", "ms", "user", "way", "outcome")
_LEFT_OUT = "[..]"
# Whoever could write endless text into a line would keep the pattern below busy: it takes the square of its length.
_LONGEST = 2_000
_PERSONAL = re.compile(
    r"""
    [^\s@<>"'(=]+@[^\s@<>"'),]+        # an address of mail
    | (?<=://)[^\s/]+/\S+              # what follows the server in a web address
    | \S*[A-Za-z0-9_\-]{20,}\S*        # a token
    | (?:[^\x00-\x7f]+[\s.,!?'"-]*)+   # any words that are not in Latin letters
    | (?:/[\w.~%-]+)+/?\?\S*           # a query
    """,
    re.VERBOSE,
)


_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")


class Plain(logging.Formatter):
    """One line for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        told = _told(record)
        rest = " ".join(f"{name}={value}" for name, value in told.items() if name not in _HEAD and name != "exception")
        head = f"{told['time']} {told['level']} {told['logger']}: {told['message']}"
        trace = "".join(f"\n  {line}" for line in record_trace(record))
        return f"{head}{f' ({rest})' if rest else ''}{trace}"


class Json(logging.Formatter):
    """One line of JSON for each event, for the machine that gathers logs."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_told(record), ensure_ascii=True)


_HEAD = ("time", "level", "logger", "message")


def _told(record: logging.LogRecord) -> dict[str, object]:
    at = datetime.fromtimestamp(record.created, UTC)
    told: dict[str, object] = {
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "message": message(record),
    }
    if request := request_id.get():
        told["request"] = request
    told |= {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
    if trace := record_trace(record):
        told["exception"] = trace
    return told


def message(record: logging.LogRecord) -> str:
    """What the record says, without anybody in it."""
    if record.name == "siach" or record.name.startswith("siach."):
        said = record.getMessage()
    else:
        said = _without_arguments(record)
    return without_persons(said).replace("\n", " ")


def without_persons(said: str) -> str:
    if len(said) > _LONGEST:
        said = f"{said[:_LONGEST].rpartition(' ')[0]} {_LEFT_OUT}"
    return _PERSONAL.sub(_LEFT_OUT, said)


def record_trace(record: logging.LogRecord) -> list[str]:
    """The kinds of an exception and of what led to it, each with the places it passed, the last ones first."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return [line for one in _chain(error) for line in _places(one)]


def _without_arguments(record: logging.LogRecord) -> str:
    """The words of a package: numbers stay, whatever else was put in or is quoted is left out."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    kept = tuple(one if isinstance(one, int | float) else _LEFT_OUT for one in arguments)
    words = re.sub(r"%\(\w+\)\w", _LEFT_OUT, str(record.msg))
    try:
        said = words % kept if kept else words
    except (TypeError, ValueError):
        said = words
    return _QUOTED.sub(_LEFT_OUT, said)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _places(error: BaseException) -> Iterator[str]:
    code = getattr(error, "sqlstate", None) or getattr(error, "errno", None)
    yield f"{type(error).__module__}.{type(error).__qualname__}{f' {code}' if code else ''}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)[-12:]):
        file = frame.filename.rpartition("/src/")[2].rpartition("site-packages/")[2]
        yield f"  {file}:{frame.lineno} {frame.name}"
