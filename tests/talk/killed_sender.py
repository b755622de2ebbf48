"""A sender that is killed with SIGKILL at one named step: `python -m tests.talk.killed_sender STEP OUTGOING`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

STEPS = ("before the claim", "after the claim", "after the network took it", "after it was written down")


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(deed: Callable[..., Any]) -> Callable[..., Any]:
    def deadly(*args: Any, **kwargs: Any) -> None:
        deed(*args, **kwargs)
        die()

    return deadly


def main(step: str, outgoing: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from siach.networks.bluesky.connector import Connector
    from siach.talk.actions import sending

    if step == "before the claim":
        sending._claim = die
    elif step == "after the claim":
        sending._claim = then_die(sending._claim)
    elif step == "after the network took it":
        Connector.send = then_die(Connector.send)  # type: ignore[method-assign]
    elif step == "after it was written down":
        sending._finish = then_die(sending._finish)
    sending.send(outgoing_id=outgoing, at=timezone.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
