"""`./siach storm`: a drill, played into the demo and heard by the Siach that runs."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siach.commands import django_setup, say
from siach.launch import CannotStart
from siach.launch.home import home_folder
from siach.launch.running import Running
from siach.world.storm import KINDS, USUAL, Shape

if TYPE_CHECKING:
    from siach.demo.models import Drill

HELP = "Play a storm into the demo as a drill, and print its score sheet."
_BEAT = 2.0  # seconds between two looks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", nargs="?", choices=KINDS, default="safety", help="what it is about (default: safety)")
    parser.add_argument("--speed", type=int, choices=(1, 10, 60), default=10, help="times as fast (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another storm (default: 1)")
    parser.add_argument("--hours", type=float, default=2.0, help="its length in hours of its own (default: 2)")
    parser.add_argument("--posts", type=int, default=120, help="how many (default: 120)")
    parser.add_argument("--copies", type=float, default=USUAL.copies, help="share of accounts that say the same words")
    parser.add_argument("--defenders", type=float, default=USUAL.defenders, help="share of those who defend the brand")
    parser.add_argument("--second", type=float, help="hours until the second wave (default: just past the middle)")
    parser.add_argument("--no-press", action="store_true", help="no journalist asks")
    parser.add_argument("--no-politician", action="store_true", help="no member of parliament speaks")
    parser.add_argument("--trouble", action="store_true", help="networks fail on the way")
    parser.add_argument("--sheet", action="store_true", help="print the sheet of the drill that was begun last")
    parser.add_argument("--stop", action="store_true", help="end the drill that is being played")
    parser.add_argument("--no-wait", action="store_true", help="begin it and return")
    parser.add_argument("--json", action="store_true", help="print the score sheet as JSON")


def run(args: argparse.Namespace) -> int:
    begins = not (args.stop or args.sheet)
    if begins and not args.no_wait and not Running(home_folder()).address():
        raise CannotStart("Siach is not running on this data folder: nobody would hear it. Start it with ./siach up")
    django_setup()
    from siach.demo.queries import demo_org
    from siach.org.actions import Refused

    org = demo_org()
    if org is None:
        raise CannotStart("No demo is here. Load one first: ./siach demo")
    try:
        drill = _begun(org, args) if begins else _stopped(org.pk) if args.stop else _last(org.pk)
    except (Refused, ValueError) as error:
        raise CannotStart(str(error)) from error
    if begins:
        until = f"{drill.ends_at:%H:%M:%S} UTC"
        say(f"Drill {drill.pk} of seed {drill.seed} is being played: {drill.posts} posts, until {until}.")
        if args.no_wait:
            return 0
        _wait(drill)
    _tell(drill, as_json=args.json)
    return 0


def _begun(org: Any, args: argparse.Namespace) -> "Drill":
    from siach.demo.actions.drilling import begin

    shape = Shape(
        hours=args.hours,
        posts=args.posts,
        copies=args.copies,
        defenders=args.defenders,
        second_wave=args.second or 0.58 * args.hours,
        press=not args.no_press,
        politician=not args.no_politician,
    )
    return begin(
        org=org,
        kind=args.kind,
        seed=args.seed,
        speed=args.speed,
        shape=shape,
        has_trouble=args.trouble,
        by=None,
        at=datetime.now(UTC),
    )


def _stopped(org_id: int) -> "Drill":
    from siach.demo.actions.drilling import stop
    from siach.demo.queries.scores import running

    drill = running(org_id)
    if drill is None:
        raise CannotStart("No drill is being played.")
    return stop(drill=drill, by=None, at=datetime.now(UTC))


def _last(org_id: int) -> "Drill":
    from siach.demo.models import Drill

    drill = Drill.objects.filter(org=org_id).order_by("begun_at").last()
    if drill is None:
        raise CannotStart("No drill was played yet.")
    return drill


def _wait(drill: "Drill") -> None:
    """Until a worker has ended it."""
    from siach.demo.queries.scores import counted

    while drill.ended_at is None:
        time.sleep(_BEAT)
        drill.refresh_from_db()
        if sys.stderr.isatty() and drill.ended_at is None:
            now = counted(drill)
            left = max(0.0, (drill.ends_at - datetime.now(UTC)).total_seconds())
            print(f"\r{now.posts:,} heard, {now.answered} answered, {left:.0f} s left ", end="", file=sys.stderr)


def _tell(drill: "Drill", *, as_json: bool) -> None:
    from dataclasses import asdict

    from siach.demo.queries.scores import before, sheet

    now, earlier = sheet(drill), before(drill)
    then = sheet(earlier) if earlier else None
    if as_json:
        told = {"drill": drill.pk, "kind": drill.kind, "seed": drill.seed, "speed": drill.speed, "score": asdict(now)}
        print(json.dumps(told | {"before": asdict(then) if then else None}, indent=1))
        return
    print(f"{'':42}{'now':>10}{'before':>10}")
    for label, value in _lines(now):
        said = dict(_lines(then))[label] if then else ""
        print(f"{label:42}{value:>10}{said:>10}")


def _lines(sheet: Any) -> list[tuple[str, str]]:
    return [
        ("posts heard", f"{sheet.posts:,}"),
        ("heard after", _length(sheet.heard)),
        ("first case after", _length(sheet.first_case)),
        ("first answer after", _length(sheet.first_answer)),
        ("answered, of what deserves an answer", f"{sheet.answered}/{sheet.asked}"),
        ("answered in time", f"{sheet.in_time}/{sheet.asked}"),
        ("answers that fed accounts of one hand", str(sheet.fed)),
        ("answers of unclear fate", str(sheet.unclear)),
    ]


def _length(seconds: int | None) -> str:
    """Of the storm's own time."""
    return "-" if seconds is None else f"{seconds // 60}:{seconds % 60:02} min"
