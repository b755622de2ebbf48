"""Reading a network's JSON without trusting it: what is missing or of another kind is empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

JsonMap = Mapping[str, object]


def mapping(data: JsonMap, name: str) -> JsonMap:
    value = data.get(name)
    return cast(JsonMap, value) if isinstance(value, dict) else {}


def entries(data: JsonMap, name: str) -> list[JsonMap]:
    """The objects of a list; everything else in it is passed over."""
    value = data.get(name)
    return [cast(JsonMap, item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(data: JsonMap, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def number(data: JsonMap, name: str) -> int:
    value = data.get(name)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0


def moment(value: str) -> datetime | None:
    """A time in UTC; None for what is no time or has no zone."""
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None
