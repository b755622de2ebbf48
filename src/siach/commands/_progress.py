"""How far a long command has come, told to whoever waits for it."""

import sys
from collections.abc import Callable

from siach.commands import say


def teller(what: str) -> Callable[[int, int], None]:
    """Tells (done, total) on one line of a terminal, elsewhere at each tenth."""
    shown = [0]

    def tell(done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print(f"\r{done:,} of {total:,} {what}", end=end, file=sys.stderr, flush=True)
        elif tenth > shown[0]:
            shown[0] = tenth
            say(f"{done:,} of {total:,} {what}")

    return tell
