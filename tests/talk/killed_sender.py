"""A sender that is killed with SIGKILL at one named step, in a process of its own: `be_killed`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.running import ROOT

STEPS = ("before the claim", "after the claim", "after the network took it", "after it was written down")


def be_killed(step: str, outgoing: int) -> None:
    """Send these words of the test's own database in a process that is killed at a step of STEPS."""
    from django.db import connection

    url = f"postgresql://postgres@/{connection.settings_dict['NAME']}?host={connection.settings_dict['HOST']}"
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "siach.settings", "PYTHONPATH": path}
    command = [sys.executable, "-m", "tests.talk.killed_sender", step, str(outgoing)]
    assert subprocess.run(command, env=env, timeout=60).returncode == -signal.SIGKILL


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

    from siach import networks
    from siach.talk.actions import sending
    from siach.talk.models import Outgoing

    connector: Any = networks.load(Outgoing.objects.get(pk=outgoing).account.network)

    if step == "before the claim":
        sending._claim = die
    elif step == "after the claim":
        sending._claim = then_die(sending._claim)
    elif step == "after the network took it":
        connector.send = then_die(connector.send)
    elif step == "after it was written down":
        sending._finish = then_die(sending._finish)
    sending.send(outgoing_id=outgoing, at=timezone.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
