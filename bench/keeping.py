"""Retention and erasure among ten million posts, while intake goes on: how long one person takes, and posts a second.

It runs on a copy of the body of posts, because it deletes from it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import _seed
from bench.figures import Figure, environment, folder_of, serving, told_by, worker
from siach.commands import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND = "./siach bench keeping"
POSTS = 10_000_000
HEAVY = 1_000  # posts of one talkative author
PAST = timedelta(days=3)  # so much of the oldest is past its time
A_SECOND = 500
SECONDS = 900  # for which intake goes on at most


def measure() -> list[Figure]:
    count = _seed.fitting(POSTS)
    with _seed.body(count):
        pass
    with tempfile.TemporaryDirectory(dir=folder_of("").parent) as kept:
        folder = Path(kept)
        folder.chmod(0o711)
        subprocess.run(["cp", "-a", folder_of(f"posts-{count}") / "postgres", folder], check=True)
        told = told_by("bench.keeping", str(folder))
    gone, spent, longest = told["past"]
    note = f"{count:,} posts, {told['rate']:,.0f} more a second coming in"
    return [
        *(
            Figure(f"an author of {posts} posts erased", round(seconds, 1), "s", 10, COMMAND, False, note)
            for posts, seconds in told["erased"].items()
        ),
        Figure("posts past their time deleted", round(gone / spent), "posts/s", None, COMMAND, True, f"{gone:,} posts"),
        Figure("the longest batch of them", round(longest, 1), "s", None, COMMAND, False, "5,000 posts"),
        Figure("old 5-minute counts dropped", round(told["fives"], 1), "s", None, COMMAND, False),
        Figure("intake meanwhile", round(told["rate"]), "posts/s", A_SECOND * 0.98, COMMAND),
    ]


def _measured(folder: Path) -> dict[str, Any]:
    with serving(folder), _intake() as intake:
        return {
            "erased": {posts: _erased(posts) for posts in (3, HEAVY)},
            "past": _past_its_time(),
            "fives": _old_counts(),
            "rate": intake(),
        }


@contextmanager
def _intake() -> Iterator[Callable[[], float]]:
    """Posts by the second, carried by a worker; gives what tells how many a second there were."""
    from siach.talk.models import Post

    first = Post.objects.order_by("-pk").values_list("pk", flat=True)[0]
    new = Post.objects.filter(pk__gt=first)
    command = [sys.executable, "-m", "bench.live", "intake", str(SECONDS)]
    with worker("read") as carrying:
        taking = subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            while not new.exists():
                time.sleep(0.1)
            began = time.monotonic()

            def rate() -> float:
                if carrying.poll() is not None or taking.poll() is not None:
                    raise SystemExit("Intake ended early; what it said stands above.")
                return new.count() / (time.monotonic() - began)

            yield rate
        finally:
            taking.terminate()
            taking.wait(30)


def _erased(posts: int) -> float:
    """Seconds to carry out the erasure of one author, all its steps."""
    from siach.background import EXPORT, FORGET
    from siach.org import requests
    from siach.org.models import User
    from siach.talk.models import Author, Post

    author = Author.objects.get(external_id=f"did:{HEAVY * 100 + posts}")  # nobody who speaks meanwhile
    Post.objects.filter(pk__in=range(posts * 11, posts * 12)).update(author=author)
    user, at = User.objects.get(), datetime.now(UTC)
    org = author.org
    began = time.monotonic()
    request = requests.take_up(org=org, kind="erasure", people=[author.pk], asked="-", by=user, at=at)
    requests.carry_out(request=request, by=user, at=at)
    requests.run(request_id=request.pk, export=EXPORT, forget=FORGET, at=at)
    seconds = time.monotonic() - began
    request.refresh_from_db()
    if request.state != "done" or Post.objects.filter(author=author).exclude(text="").exists():
        raise SystemExit(f"The erasure is not done: {request.state}.")
    return seconds


def _past_its_time() -> tuple[int, float, float]:
    """The oldest posts, deleted as every night: how many, in how many seconds, and the longest of its batches."""
    from django.db import transaction

    from siach.background import RETAIN
    from siach.org.keeping import BATCH
    from siach.org.models import Org
    from siach.talk.models import Post

    drop = dict(RETAIN)["posts"]
    org, at = Org.objects.get(), datetime.now(UTC)
    oldest = Post.objects.order_by("pk").values_list("taken_at", flat=True)[0]
    n, gone, batches = BATCH, 0, []
    while n == BATCH:
        began = time.monotonic()
        with transaction.atomic():
            n = drop(org, before=oldest + PAST, at=at)
        batches.append(time.monotonic() - began)
        gone += n
    return gone, sum(batches), max(batches)


def _old_counts() -> float:
    from siach.talk.actions import counting
    from siach.talk.models import CountFive

    at = datetime.now(UTC) + timedelta(days=7)
    began = time.monotonic()
    counting.drop_old(at=at)
    if CountFive.objects.filter(slot__lt=at - counting.KEEP_FIVE).exists():
        raise SystemExit("Old counts are still there.")
    return time.monotonic() - began


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]))))
