"""`./siach world`: four months of talk about a bakery chain that does not exist, as files or as a sample to read."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from siach.commands import say
from siach.launch import CannotStart
from siach.world.data import Truth, World
from siach.world.figures import figures
from siach.world.making import POSTS, SEED, make
from siach.world.storm import KINDS, USUAL, Storm, storm
from siach.world.words import TOLD

HELP = "Make the demo world Aluma, or a storm over it: posts as JSONL for `./siach import`, and what each truly is."
FOR_DEVELOPERS = True
ZONE = ZoneInfo("Asia/Jerusalem")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed, another world (default: {SEED})")
    parser.add_argument("--end", help="when the four months end: a date, or a date and a time in Israel (default: now)")
    parser.add_argument("--posts", type=int, help=f"how many (default: {POSTS:,}; of a storm, {USUAL.posts})")
    parser.add_argument("--storm", choices=KINDS, help="make a storm of this kind instead; it begins at --end")
    parser.add_argument("--language", choices=TOLD, default="he", help="in which the world is told")
    parser.add_argument("--network", help="only the posts of this network; an import is of one network")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the posts here, and FILE.truth and FILE.deeds")
    parser.add_argument("--sample", type=int, metavar="N", help="print N posts that follow one another, to be read")


def run(args: argparse.Namespace) -> int:
    try:
        world = _made(args)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    if args.json:
        kept = [place for place, one in enumerate(world.said) if args.network in (None, one.network)]
        _write(args.json, _posts(world, kept))
        _write(args.json.with_name(f"{args.json.name}.truth"), (asdict(world.truth[place]) for place in kept))
        say(f"{len(kept):,} posts are in {args.json}, what they are in {args.json.name}.truth.")
        if isinstance(world, World):
            _write(args.json.with_name(f"{args.json.name}.deeds"), _done(world, kept))
            say(f"What the team did about them is in {args.json.name}.deeds.")
    if args.sample:
        first = len(world.said) // 2 if isinstance(world, World) else 0
        print("\n".join(_lines(world, first, first + args.sample)))
    if not args.json and not args.sample:
        told = _told(world) if isinstance(world, World) else _told_of_storm(world)
        json.dump(told, sys.stdout, ensure_ascii=False, indent=1)
        print()
    return 0


def _made(args: argparse.Namespace) -> World | Storm:
    at = end_of(args.end)
    if not args.storm:
        return make(args.seed, at, args.posts or POSTS, args.language)
    shape = replace(USUAL, posts=args.posts or USUAL.posts)
    return storm(args.storm, args.seed, begin=at, shape=shape, language=args.language)


def end_of(given: str | None) -> datetime:
    """A date alone means the end of its morning, 08:40."""
    if given is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise CannotStart(f"--end wants a date such as 2026-11-24, not {given}.") from error
    if len(given) <= len("2026-11-24"):
        found = datetime.combine(found.date(), time(8, 40))
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _posts(world: World | Storm, kept: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Posts under the names of columns that an import knows by itself."""
    people = {one.key: one for one in world.people}
    places = {one.key: one for one in world.places}
    for number in kept:
        one = world.said[number]
        author, place = people[one.author], places[one.place]
        yield {
            "id": one.key,
            "time": one.at.isoformat(),
            "author": author.handles.get(one.network) or author.key,
            "author_name": author.name,
            "text": one.text,
            "url": one.url,
            "likes": one.metrics.likes,
            "shares": one.metrics.shares,
            "comments": one.metrics.comments,
            "language": world.truth[number].language,
            "parent": one.parent,
            "network": one.network,
            "place": place.name,
            "root": one.root,
            "followers": author.followers,
            "views": one.metrics.views,
            "way": one.way,
            "is_private": one.is_private,
        }


def _done(world: World, kept: Iterable[int]) -> Iterator[dict[str, Any]]:
    """What was done about these posts, without what a deed of its kind does not have."""
    keys = {world.said[number].key for number in kept}
    for one in world.deeds:
        if one.post in keys:
            row = {name: value for name, value in asdict(one).items() if value not in ("", None, 0) or value is False}
            yield row | {"at": one.at.isoformat()}


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _lines(world: World | Storm, first: int, last: int) -> Iterator[str]:
    people = {one.key: one.name for one in world.people}
    for one, truth in list(zip(world.said, world.truth, strict=True))[first:last]:
        local = one.at.astimezone(ZONE).strftime("%d/%m %H:%M")
        mark = "  > " if one.parent else ""
        yield f"{mark}{local} {one.network}, {people[one.author]} [{truth.kind}]: {one.text}"


def _told(world: World) -> dict[str, Any]:
    """What the world holds, counted."""
    return {
        "brand": world.brand.name,
        "rivals": [one.name for one in world.rivals],
        "posts": len(world.said),
        "answers": sum(bool(one.parent) for one in world.said),
        "people": len({one.author for one in world.said}),
        "from": world.said[0].at.isoformat(),
        "to": world.said[-1].at.isoformat(),
        "networks": _counted(one.network for one in world.said),
        **_labels(world.truth),
        "deeds": _counted(one.kind for one in world.deeds),
        "gestures": _gestures(world),
        "figures": figures(world),
    }


def _gestures(world: World) -> dict[str, Any]:
    """How many of each kind, all their worth in shekels, and how they were answered."""
    found = [one for one in world.deeds if one.kind == "gesture"]
    return {
        "kinds": _counted(one.text for one in found),
        "worth": sum(one.worth for one in found),
        "outcomes": _counted(one.outcome for one in found),
    }


def _told_of_storm(found: Storm) -> dict[str, Any]:
    """What a storm holds, counted; times in minutes after its first post, the rate by the hour."""
    hours = Counter(int((one.at - found.begin) / timedelta(hours=1)) for one in found.said)
    return {
        "kind": found.kind,
        "posts": len(found.said),
        "answers": sum(bool(one.parent) for one in found.said),
        "people": len(found.people),
        "wait_for_an_answer": len(found.reactions),
        "beats": {one.name: round((one.at - found.begin) / timedelta(minutes=1)) for one in found.beats},
        "hours": [hours[one] for one in range(max(hours) + 1)],
        "skeletons": len({one.skeleton for one in found.truth if one.role != "ring"}),
        "networks": _counted(one.network for one in found.said),
        "roles": _counted(one.role for one in found.truth),
        **_labels(found.truth),
    }


def _labels(truth: Iterable[Truth]) -> dict[str, Any]:
    known = list(truth)
    named = {
        "languages": "language",
        "intents": "intent",
        "sentiments": "sentiment",
        "targets": "target",
        "stories": "story",
    }
    counts: dict[str, Any] = {plural: _counted(getattr(one, name) for one in known) for plural, name in named.items()}
    return counts | {"hard": _counted(flag for one in known for flag in one.hard)}


def _counted(values: Iterable[object]) -> dict[str, int]:
    """How often each, the most frequent first."""
    return {str(value): count for value, count in Counter(values).most_common()}
