"""`./siach demo`: a brand that does not exist, with four months of talk, to look around in."""

import argparse
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siach.commands import django_setup, say
from siach.commands._progress import teller
from siach.commands.world import end_of
from siach.launch import CannotStart
from siach.world.making import POSTS, SEED
from siach.world.words import TOLD

if TYPE_CHECKING:
    from siach.org.models import Org

HELP = "Load a demo brand with four months of invented talk, or remove it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--remove", action="store_true", help="remove the demo and everything in it, at once")
    parser.add_argument("--posts", type=int, default=POSTS, help=f"how many (default: {POSTS:,})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed, another demo (default: {SEED})")
    parser.add_argument("--end", help="when the four months end: a date, or a date and a time in Israel (default: now)")
    parser.add_argument("--language", choices=TOLD, default="he", help="of its owner, in which it is told")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    django_setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    outcome = _removed() if args.remove else _loaded(args)
    print(json.dumps(outcome, ensure_ascii=False, indent=1) if args.json else _told(outcome))
    return 1 if outcome["state"] == "left" else 0


def _removed() -> dict[str, Any]:
    from siach.background import REMOVE
    from siach.demo.actions.removing import ask, remove

    began, at = time.monotonic(), datetime.now(UTC)
    if not ask(by=None, at=at):
        return {"state": "none"}
    say("Removing the demo.")
    is_gone = remove(steps=REMOVE, at=at)
    return {"state": "removed" if is_gone else "left", "seconds": round(time.monotonic() - began, 1)}


def _loaded(args: argparse.Namespace) -> dict[str, Any]:
    """The demo that stands, gone on with where a load was cut off; else a new one."""
    from siach.background import PIPELINE
    from siach.demo.actions import founding, loading
    from siach.demo.queries import demo_org, is_loaded
    from siach.org.actions import Refused

    began, end, org = time.monotonic(), end_of(args.end), demo_org()
    at = datetime.now(UTC)
    if org is not None and is_loaded(org):
        return {"state": "stands", **_outcome(org)}
    try:
        org = org or founding.found(seed=args.seed, end=end, posts=args.posts, language=args.language, at=at)
    except Refused as error:
        raise CannotStart(str(error)) from error
    say("Making the world.")
    if not loading.load(org_id=org.pk, steps=PIPELINE, at=at, tell=teller("posts")):
        raise CannotStart("The demo was removed while it was being loaded.")
    seconds = time.monotonic() - began
    outcome = _outcome(org)
    return {"state": "loaded", **outcome, "seconds": round(seconds, 1), "a_second": round(outcome["posts"] / seconds)}


def _outcome(org: "Org") -> dict[str, Any]:
    """What is in it, and a link that signs its owner in."""
    from django.conf import settings

    from siach.care.models import Case
    from siach.demo.queries import owner_of
    from siach.org.actions import sign_in_link
    from siach.talk.models import Author, Mention, Post

    found: dict[str, Any] = {"organisation": org.name}
    for name, model in (("posts", Post), ("mentions", Mention), ("authors", Author), ("cases", Case)):
        found[name] = model._default_manager.filter(org=org).count()
    link = sign_in_link(at=datetime.now(UTC), address=settings.SIACH_ADDRESS, user=owner_of(org))
    return found | {"link": link}


def _told(outcome: dict[str, Any]) -> str:
    if "posts" not in outcome:
        said = {
            "none": "No demo is here.",
            "removed": "The demo is gone.",
            "left": "Something of the demo is left; the worker goes on.",
        }
        return said[outcome["state"]]
    first = "The demo is here already." if outcome["state"] == "stands" else "The demo is loaded."
    counts = ", ".join(f"{outcome[name]:,} {name}" for name in ("posts", "mentions", "authors", "cases"))
    rate = f" in {outcome['seconds']} s, {outcome['a_second']:,} posts a second" if "seconds" in outcome else ""
    return f"{first} {counts}{rate}.\nSign in, once:   {outcome['link']}\nRemove it with:  ./siach demo --remove"
