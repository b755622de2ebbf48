"""What bars of filters share: filters as an address, ids out of one, and the selects that offer their values."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the bar; `none` is what its empty option says."""

    name: str
    label: str
    none: str
    options: tuple[Option, ...]


def choice(filters: DataclassInstance, name: str, label: str, none: str, options: Iterable[tuple[str, Any]]) -> Choice:
    """The select of one filter: (value, words) of each option, the one in force marked."""
    chosen = getattr(filters, name)
    return Choice(name, label, none, tuple(Option(value, str(words), value == chosen) for value, words in options))


def address_of(filters: DataclassInstance, **changed: object) -> str:
    """The query string of filters with some of them changed; empty ones are left out."""
    values = {one.name: getattr(filters, one.name) for one in fields(filters)} | changed
    return urlencode({name: value for name, value in values.items() if value not in ("", None)})


def id_in(value: str) -> str:
    """The digits of a primary key as an address may carry it; "" for anything else."""
    return value if value.isdecimal() and value.isascii() and len(value) < 19 else ""
