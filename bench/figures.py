"""What a figure is, the throw-away database that figures are taken on, and the talk they are taken with."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siach.commands import ROOT
from siach.launch.home import cache_folder
from siach.launch.postgres import LocalPostgres

if TYPE_CHECKING:
    from contextlib import ExitStack

    from playwright.sync_api import Browser

    from siach.talk.connections import FetchedPost
    from tests.running import RunningSiach

NOW = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `target` is None where it is only reported; `more_is_better` says which side is met."""

    name: str
    value: float
    unit: str
    target: float | None
    command: str
    more_is_better: bool = True
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.more_is_better else self.value <= self.target

    def row(self) -> dict[str, object]:
        return {**asdict(self), "met": self.met}


@contextmanager
def fresh_database() -> Iterator[None]:
    """An embedded PostgreSQL with the product's own settings (fsync on), migrated, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=folder_of("").parent))
    try:
        with serving(folder):
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """The same in a folder that stays."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    database = LocalPostgres(folder / "postgres")
    try:
        database.start()
        os.environ |= {
            "DATABASE_URL": database.url,
            "SIACH_HOME": str(folder / "home"),
            "SIACH_STATIC": str(folder / "static"),
            "DJANGO_SETTINGS_MODULE": "siach.settings",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield
    finally:
        from django.db import connections

        for one in connections.all():
            one.close_pool()
        database.stop()


@contextmanager
def worker(*queues: str) -> Iterator[subprocess.Popen[bytes]]:
    """The product's worker, of these queues or of all, on the database that the environment names."""
    command = [sys.executable, "-m", "siach.launch.main", "worker"]
    process = subprocess.Popen([*command, *(word for queue in queues for word in ("--queue", queue))], cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def environment() -> dict[str, str]:
    """What a process of the benches needs to find Siach and them."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT)))}


def told_by(module: str, *arguments: str) -> Any:
    """The JSON of the last line that a module prints, run by itself: Django knows one database a process."""
    command = [sys.executable, "-m", module, *arguments]
    printed = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, check=True).stdout
    return json.loads(printed.splitlines()[-1])


def lacking(*modules: str) -> str:
    """What this machine lacks of a browser and of these modules, in words; "" when it has all."""
    from importlib.util import find_spec

    from siach.launch.machine import chromium

    if chromium() is None:
        return "Chromium"
    return next((name for name in modules if find_spec(name) is None), "")


def fresh_siach(after: ExitStack) -> RunningSiach:
    """A whole Siach with nobody in it, gone with `after`."""
    from tests.running import running_siach

    parent = folder_of("").parent
    folder = Path(after.enter_context(tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True)))
    folder.chmod(0o711)
    return after.enter_context(running_siach(folder / "home"))


def browsers(after: ExitStack, count: int) -> list[Browser]:
    """So many real Chromium, closed with `after`."""
    from playwright.sync_api import sync_playwright

    from siach.launch.machine import chromium

    # Chromium refuses its sandbox to root.
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    player = after.enter_context(sync_playwright()).chromium
    found = [player.launch(executable_path=chromium(), args=unboxed) for _ in range(count)]
    for browser in found:
        after.callback(browser.close)
    return found


def folder_of(name: str) -> Path:
    """A folder of the benches outside the checkout; the one of all of them exists."""
    parent = cache_folder() / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    return parent / (name or "any")


# One post in ten asks or complains, as in the talk about a household name; the rest is chatter and praise.
_KINDS = ("chatter", "praise", "complaint", "question")
_WEIGHTS = (78, 12, 6, 4)
_OPENINGS = {
    "chatter": ("ראיתי היום מנורה של {brand} אצל חברה", "עברתי ליד החנות של {brand}", "A friend showed me {brand}"),
    "praise": ("חייבים לפרגן ל{brand}", "כל הכבוד ל{brand}", "I love my new lamp from {brand}"),
    "complaint": ("{brand} שוב איחרו במשלוח", "המנורה שקניתי ב{brand} הגיעה שבורה"),
    "question": ("האם ל{brand} יש סניף בחיפה?", "מישהו יודע מתי {brand} פותחים?"),
}
_MIDDLES = (
    "בדרך הביתה",
    "עם הילדים בקניון",
    "ואחר כך נסענו לים",
    "on the way to work",
    "ליד השולחן הגדול בסלון",
    "אחרי ארוחת הצהריים",
)
_ENDINGS = ("", " 🙂", " #מנורות", " @lumika.test", " https://example.com/a")


def talk(
    count: int, *, brand: str, seed: int = 7, days: int = 30, moved: timedelta = timedelta(0)
) -> list[FetchedPost]:
    """Invented posts as a connector would hand them over: nine in ten name the brand, one in five is an answer.

    They spread over `days` before NOW, or before NOW + `moved`.
    """
    from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost

    rng = random.Random(seed)
    posts: list[FetchedPost] = []
    for number in range(count):
        name = brand if rng.random() < 0.9 else "החנות ההיא"
        kind = rng.choices(_KINDS, _WEIGHTS)[0]
        words = [rng.choice(_OPENINGS[kind]).format(brand=name), *rng.choices(_MIDDLES, k=rng.randint(1, 3))]
        author = f"did:{rng.randint(1, max(2, count // 3))}"
        parent = posts[rng.randrange(len(posts))] if posts and rng.random() < 0.2 else None
        root = (parent.root_external_id or parent.external_id) if parent else None
        text = f"{' '.join(words)}{rng.choice(_ENDINGS)} {number}"
        posts.append(
            FetchedPost(
                external_id=f"{seed}-{number}",
                url=f"https://social.example/{seed}/{number}",
                text=text,
                said_at=NOW + moved - timedelta(seconds=rng.random() * days * 86400),
                author=FetchedAuthor(author, f"{author[4:]}.test", f"אדם {author[4:]}", rng.randint(0, 5000)),
                parent_external_id=parent.external_id if parent else None,
                root_external_id=root,
                reason="search",
                raw={"uri": f"{seed}-{number}", "record": {"text": text, "langs": ["he"]}, "likeCount": 0},
                target={"uri": f"{seed}-{number}", "cid": f"c{number}"},
                metrics=FetchedMetrics(likes=rng.choice((0, 0, 0, 1, 4))),
            )
        )
    return posts


def founded() -> tuple[object, object]:
    """An organisation with one brand and a source that takes everything as live; returns (brand, source)."""
    from siach.org.actions import add_brand
    from siach.org.models import Org
    from siach.talk.models import Source

    org = Org.objects.create(name="לומיקה")
    brand = add_brand(org=org, name="לומיקה", names=["Lumika", "@lumika.test"], by=None, at=NOW)
    add_brand(org=org, name="ברוניל", names=["Bronil"], kind="rival", by=None, at=NOW)
    source = Source.objects.create(
        org=org, brand=brand, network="bluesky", kind="search", connected_at=NOW - timedelta(days=400)
    )
    return brand, source
