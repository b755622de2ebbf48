"""A large file: rows a second from the file to the counts, and how much memory its import takes, by a worker as every
Siach has one."""

from __future__ import annotations

import csv
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import NOW, Figure, folder_of, fresh_database, talk, worker

if TYPE_CHECKING:
    from siach.talk.models import Import

COMMAND = "./siach bench import"
ROWS = 1_000_000
_AT_ONCE = 20_000
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def measure() -> list[Figure]:
    with fresh_database(), tempfile.TemporaryDirectory(dir=folder_of("").parent) as kept:
        path = Path(kept) / "posts.csv"
        _write(path)
        seconds, peak = _imported(path)
    note = f"{ROWS:,} rows in {seconds:,.0f} s"
    return [
        Figure("import to counts", round(ROWS / seconds), "rows/s", 2000, COMMAND, True, note),
        Figure("import: memory of the worker at its peak", round(peak), "MB", 300, COMMAND, False, f"{ROWS:,} rows"),
    ]


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "time", "author", "text", "url", "likes"))
        for seed in range(ROWS // _AT_ONCE):
            for post in talk(_AT_ONCE, brand="לומיקה", seed=seed, days=365, moved=datetime.now(UTC) - NOW):
                said = f"{post.said_at:%Y-%m-%d %H:%M:%S}"
                likes = post.metrics.likes if post.metrics else 0
                out.writerow((post.external_id, said, post.author.handle, post.text, post.url, likes))


def _imported(path: Path) -> tuple[float, float]:
    """Seconds from the start of the import until everything is counted, and the worker's peak of memory in MB."""
    from siach.org.actions import add_brand
    from siach.org.models import Org
    from siach.talk.actions import importing

    org = Org.objects.create(name="לומיקה")
    brand = add_brand(org=org, name="לומיקה", names=["Lumika", "@lumika.test"], by=None, at=NOW)
    at = datetime.now(UTC)
    with path.open("rb") as file:
        job = importing.start(org=org, network="facebook", name=path.name, file=file, brand=brand, by=None, at=at)
    with worker() as process:
        began, peak = time.perf_counter(), 0.0
        importing.begin(job=job, mapping=job.mapping, network="facebook", brand=brand, by=None, at=at)
        while not _is_over(job):
            if process.poll() is not None:
                raise SystemExit("The worker ended; what it said stands above.")
            peak = _peak(process.pid) or peak
            time.sleep(0.5)
        seconds = time.perf_counter() - began
    if job.taken != ROWS:
        raise SystemExit(f"{job.taken:,} of {ROWS:,} rows were taken. {job.error}")
    return seconds, peak


def _is_over(job: Import) -> bool:
    """The file is read and all of it is counted, or it failed."""
    from siach.talk.models import Batch, CountDelta

    job.refresh_from_db()
    if job.state != job.State.DONE:
        return job.state != job.State.RUNNING
    return not Batch.objects.filter(done_at=None).exists() and not CountDelta.objects.exists()


def _peak(pid: int) -> float:
    """The most memory that a process had so far, in MB."""
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0
