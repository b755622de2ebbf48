"""A loop of its own for what is asked of async code."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


def alone(play: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser of another test may keep a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, play).result()
