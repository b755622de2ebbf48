"""`./siach check`: the counts against a recount of the mentions, and what was left behind."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from siach.commands import django_setup

if TYPE_CHECKING:
    from siach.talk.queries.checks import Checked

HELP = "Compare all counts with a recount of the posts, and say what is stuck."
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(args: argparse.Namespace) -> int:
    django_setup()
    from siach.talk.queries.checks import check

    found = check(at=datetime.now(UTC))
    print(
        json.dumps({"equal": found.holds, **asdict(found)}, ensure_ascii=False, indent=1)
        if args.json
        else "\n".join(_told(found))
    )
    return 0 if found.holds else 1


def _told(found: Checked) -> Iterator[str]:
    for grain in found.grains:
        if not grain.differing:
            yield f"{grain.name}: equal, {grain.mentions:,} mentions."
            continue
        yield f"{grain.name}: {grain.differing:,} counts DIFFER from the mentions:"
        for one in grain.differences[:SHOWN]:
            where = f"{one.brand}, {one.slot}, {one.network}, sentiment {one.sentiment}, intent {one.intent}"
            yield f"  {where}: counted {one.counted:,}, said {one.said:,}"
    yield from _asides(found)
    yield "Everything holds." if found.holds else "Something does NOT hold."


def _asides(found: Checked) -> Iterator[str]:
    """What else there is to say, besides the counts."""
    if not found.knows_letters:
        yield "The database does not know Hebrew letters: make it anew with the locale C.UTF-8."
    if found.posts_left:
        yield f"{found.posts_left:,} posts were taken in and belong to no open batch: they will never be read."
    if found.hours_to_recount:
        yield f"{found.hours_to_recount:,} hours wait to be recounted and were left out."
    if found.days_frozen:
        yield f"{found.days_frozen:,} days are frozen: their posts are past keeping, their counts stay as they were."
    if found.set_aside:
        yield f"{found.set_aside:,} posts are set aside; Sources shows why."
    if found.oldest_batch is not None:
        yield f"{found.open_batches:,} batches are on their way, the oldest for {found.oldest_batch:,.0f} s."
    if found.jobs_failed:
        yield f"{found.jobs_failed:,} jobs failed."
