"""Handed-in files: how far they are, what was refused and why, and what their columns would make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from siach.talk import tabular
from siach.talk.models import Import, RefusedRow
from siach.talk.rows import RowReader, file_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from siach.org.models import Brand, Org
    from siach.talk.connections import FetchedPost

LATEST = 10
PREVIEW = 6
MOST_REFUSED = 100_000

REASONS: dict[str, str | Promise] = {
    "cells": _("The number of cells does not match the header"),
    "json": _("Not a JSON object"),
    "text": _("No text"),
    "time": _("No readable time"),
    "brand": _("No brand"),
    "fault": _("Rejected by the database"),
}
FIELD_LABELS: dict[str, str | Promise] = {
    "text": _("Text"),
    "time": _("Time"),
    "id": _("Post ID"),
    "author": _("Author"),
    "author_name": _("Author's full name"),
    "url": _("Link"),
    "likes": _("Reactions"),
    "shares": _("Shares"),
    "comments": _("Comments"),
    "language": _("Language"),
    "parent": _("ID of the post it answers"),
    "brand": _("Brand"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """An import as its page shows it. `share` 0 to 1, `rate` rows a second, `left` seconds; None: not known."""

    job: Import
    share: float | None
    rate: float | None
    left: float | None
    reasons: tuple[tuple[str | Promise, int], ...]


def progress(job: Import, *, at: datetime) -> Progress:
    """How far a file is, and why rows of it were refused."""
    spent = ((job.done_at or at) - job.started_at).total_seconds() if job.started_at else 0
    rate = job.row / spent if job.row and spent > 0 else None
    share = min(1.0, job.row / job.total) if job.total else None
    left = (job.total - job.row) / rate if rate and job.total and job.state == Import.State.RUNNING else None
    counted = RefusedRow.objects.filter(job=job).values_list("reason").annotate(n=Count("pk")) if job.refused else []
    reasons = sorted(((REASONS.get(reason, reason), n) for reason, n in counted), key=lambda pair: -pair[1])
    return Progress(job, share, rate, left, tuple(reasons))


def imports(orgs: QuerySet[Org], *, at: datetime) -> list[Progress]:
    """The latest files of these organisations, newest first."""
    jobs = Import.objects.filter(org__in=orgs).select_related("brand", "by")
    return [progress(job, at=at) for job in jobs.order_by("-pk")[:LATEST]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file with the first thing that stands in it."""

    name: str
    sample: str


@dataclass(frozen=True, slots=True)
class Previewed:
    """A row as it would be taken: a post, or the reason why not. `brand`: what its own column says."""

    number: int
    post: FetchedPost | None
    brand: str
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Preview:
    columns: tuple[Column, ...]
    rows: tuple[Previewed, ...]


def preview(job: Import, mapping: Mapping[str, str], brand: Brand | None, *, at: datetime) -> Preview:
    """The first rows of a file under a mapping. CannotRead when the file is no table, OSError when it is gone."""
    path = file_of(job)
    shape = tabular.shape_of(path)
    rows = list(islice(tabular.read(path, shape), PREVIEW))
    chosen = {field: column for field, column in mapping.items() if column in shape.columns}
    tried = Import(org=job.org, brand=brand, mapping=chosen)
    reader = RowReader(tried, shape.columns, brands={}, at=at)
    place = shape.columns.index(chosen["brand"]) if "brand" in chosen else None
    shown = []
    for row in rows:
        read = reader.read(row)
        named = row.cells[place].strip()[:120] if place is not None and not row.broken else ""
        if isinstance(read, str):
            shown.append(Previewed(row.number, None, named, REASONS[read]))
        else:
            shown.append(Previewed(row.number, read[0], named, ""))
    columns = [Column(name, _first(rows, number)) for number, name in enumerate(shape.columns)]
    return Preview(tuple(columns), tuple(shown))


def _first(rows: Sequence[tabular.Row], number: int) -> str:
    """The first thing in a column, short enough to stand beside its name."""
    filled = (row.cells[number].strip() for row in rows if not row.broken)
    return " ".join(next((cell for cell in filled if cell), "").split())[:60]


def refused(job: Import) -> QuerySet[RefusedRow]:
    return RefusedRow.objects.filter(job=job).order_by("row")


def refused_table(job: Import) -> Iterator[list[str]]:
    """The refused rows as a table that can be mended and handed in: row, reason, and the row's own cells."""
    ours = 2 if job.columns[:1] == [tabular.REFUSED] else 0
    yield [tabular.REFUSED, str(_("Why it was rejected")), *job.columns[ours:]]
    for row in refused(job)[:MOST_REFUSED].iterator(chunk_size=2_000):
        yield [str(row.row), str(REASONS.get(row.reason, row.reason)), *row.cells[ours:]]
