"""Files of posts for the tests of imports."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from siach.talk.actions import importing
from siach.talk.models import Import

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siach.org.models import Brand
    from tests.world import World

HEADER = ("id", "time", "author", "text")


def table(
    rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """Rows as the bytes of a CSV file."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([header, *rows])
    return written.getvalue().encode(encoding)


def complaints(n: int, *, start: int = 1) -> list[tuple[object, ...]]:
    """Posts that name Lumika, one a minute."""
    return [
        (number, f"2026-11-0{1 + number % 9} 10:{number % 60:02}", f"fan{number % 5}", f"לומיקה, תלונה מספר {number}")
        for number in range(start, start + n)
    ]


def handed_in(world: World, data: bytes, name: str = "posts.csv", brand: Brand | None = None) -> Import:
    return importing.start(
        org=world.org, network="", name=name, file=io.BytesIO(data), brand=brand, by=world.yael, at=world.at
    )


def begun(world: World, data: bytes, *, brand: Brand | None = None, by_column: str = "", **mapping: str) -> Import:
    """A file on its way, for the brand Lumika unless a column names it; nobody runs it yet."""
    job = handed_in(world, data)
    whole: dict[str, Any] = {**job.mapping, **mapping, **({"brand": by_column} if by_column else {})}
    chosen = None if by_column else brand or world.brand
    return importing.begin(
        job=job, mapping=whole, network="facebook", brand=chosen, by=world.yael, at=world.at, here=True
    )


def imported(world: World, data: bytes, *, brand: Brand | None = None, by_column: str = "", **mapping: str) -> Import:
    """A file taken in to its end and carried through the whole pipeline."""
    job = begun(world, data, brand=brand, by_column=by_column, **mapping)
    importing.run(job_id=job.pk, at=world.at)
    world.carry()
    job.refresh_from_db()
    return job
