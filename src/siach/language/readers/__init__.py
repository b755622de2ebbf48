"""Readers: one file each, found by its name. A reader has `NAME`, `VERSION`, `read(texts, about, domains)` and
`explain(text, brand, domain)`; the same gold sets are put to all of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from siach.language.reading import BrandNames, Domain, Reading


class Reader(Protocol):
    NAME: str
    VERSION: str

    def read(
        self, texts: Sequence[str], about: Sequence[BrandNames | None], domains: Sequence[Domain] = ()
    ) -> list[Reading]:
        """One reading for each text, in order; `about[i]` is the brand that text i is read for, if any. `domains[i]` is
        where it stands, as far as known; none given: unknown."""
        ...

    def explain(self, text: str, brand: BrandNames | None, domain: Domain = "") -> Reading:
        """The reading of one text, with the words that decided."""
        ...


def names() -> list[str]:
    """The names of all readers, sorted."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))


def load(name: str) -> Reader:
    """The reader of that name. LookupError when there is none."""
    if name not in names():
        raise LookupError(f"No reader is named {name!r}. There are: {', '.join(names())}.")
    return cast(Reader, import_module(f"{__name__}.{name}"))
