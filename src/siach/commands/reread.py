"""`./siach reread`: stored posts read anew by the reader in force. Broken off, another call or the worker goes on."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from siach.commands import django_setup
from siach.commands._progress import teller

HELP = "Read stored posts anew where an older reader read them; what people corrected stays."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    django_setup()
    outcomes = list(_reread())
    if args.json:
        print(json.dumps(outcomes, ensure_ascii=False, indent=1))
    else:
        for one in outcomes:
            print(f"{one['organisation']}: {one['done']:,} of {one['posts']:,} posts read anew.")
        if not outcomes:
            print("Every post was read by the reader in force.")
    return 0


def _reread() -> list[dict[str, Any]]:
    from siach.talk.actions import rereading
    from siach.talk.models import Rereading

    at = datetime.now(UTC)
    rereading.offer(at=at)
    outcomes = []
    todo = Rereading.objects.exclude(state=Rereading.State.DONE).filter(run=rereading.current_run())
    for found in todo.select_related("org").order_by("pk"):
        if found.state != Rereading.State.GOING:
            rereading.begin(rereading=found, by=None, at=at, here=True)
        rereading.run(rereading_id=found.pk, at=datetime.now(UTC), tell=teller("posts"))
        found.refresh_from_db()
        outcomes.append({"organisation": found.org.name, "posts": found.total, "done": found.done})
    return outcomes
