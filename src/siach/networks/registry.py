"""Finds connectors by folder name: the folder is the only place a new network is added."""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path
from typing import Protocol, cast

from siach.networks.contract import (
    Clock,
    Connects,
    Declares,
    Finds,
    Grant,
    Listens,
    Meters,
    Sleeper,
    Speaks,
    Subscribes,
)

#: Where connectors are looked for; whoever adds a folder adds it to the package's path too.
FOLDERS = [Path(__file__).parent]


class Connector(Declares, Connects, Listens, Speaks, Finds, Meters, Subscribes, Protocol):
    """A connector that can do all; ask CAPABILITIES (or isinstance of a protocol) before calling."""

    def __init__(
        self, grant: Grant | None = None, *, clock: Clock | None = None, sleep: Sleeper | None = None
    ) -> None: ...


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Every network with a connector, in alphabetical order."""
    return tuple(sorted(path.parent.name for folder in FOLDERS for path in folder.glob("*/connector.py")))


@lru_cache(maxsize=64)
def load(name: str) -> type[Connector]:
    """The connector class of a network; KeyError for a name that has none."""
    if name not in names():
        raise KeyError(f"no connector is named {name!r}; there are: {', '.join(names())}")
    module = importlib.import_module(f"siach.networks.{name}.connector")
    return cast(type[Connector], module.Connector)
