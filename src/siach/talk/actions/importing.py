"""A file of posts becomes history: handed in, its columns named, taken in by chunks that survive any fall."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.language.clean import text_guard
from siach.org.actions import add_brand
from siach.org.ledger import record
from siach.org.live import signal
from siach.org.models import Brand
from siach.talk import tabular, workbook
from siach.talk.actions.alerting import import_ended
from siach.talk.actions.naming import matcher_of
from siach.talk.actions.taking import take_in
from siach.talk.jobs import defer
from siach.talk.models import Import, RefusedRow, Source
from siach.talk.rows import RowReader, brand_name, file_of, folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from siach.org.models import Org, User
    from siach.talk.connections import FetchedPost

log = logging.getLogger(__name__)

CHUNK = 1_000
MOST_BRANDS = 50
KEEP_FILES = timedelta(days=30)
PREVIEW = 200
_KEPT_CELL = 10_000
_NETWORK = re.compile(r"[\w][\w .-]{0,39}")
State = Import.State
GONE = gettext_noop("The file is no longer in the data folder. Hand it in again.")
FAULT = gettext_noop("Something failed on our side. What was taken stays; the fault is in Siach's log.")


class CannotImport(Exception):
    """The message says why, in the reader's language."""


def start(
    *, org: Org, network: str, name: str, file: BinaryIO, by: User | None, at: datetime, brand: Brand | None = None
) -> Import:
    """Keep a handed-in file in the data folder and guess what its columns are. Nothing is taken in yet."""
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{uuid.uuid4().hex}.csv"
    try:
        with path.open("wb") as kept:
            shutil.copyfileobj(file, kept, 1 << 20)
        workbook.make_plain(path)
        shape = tabular.shape_of(path)
    except tabular.CannotRead as error:
        path.unlink()
        raise CannotImport(_(str(error))) from error
    except BaseException:
        path.unlink(missing_ok=True)  # a full disk, or a file that ended early: half a file is none
        raise
    with path.open("rb") as kept:
        digest = hashlib.file_digest(kept, "sha256").hexdigest()
    zone = ZoneInfo(brand.zone if brand else org.zone)
    mapping = tabular.guess(shape.columns, [row.cells for row in _sample(path, shape)], zone)
    return Import.objects.create(
        org=org,
        brand=brand,
        network=network,
        name=name.replace("\0", "")[-200:],
        path=path.name,
        digest=digest,
        encoding=shape.encoding,
        delimiter=shape.delimiter,
        columns=list(shape.columns),
        mapping=mapping,
        by=by,
        made_at=at,
    )


def _sample(path: Path, shape: tabular.Shape) -> list[tabular.Row]:
    return [row for row in islice(tabular.read(path, shape), PREVIEW) if not row.broken]


@transaction.atomic
def begin(
    *,
    job: Import,
    mapping: Mapping[str, str],
    network: str,
    brand: Brand | None,
    by: User | None,
    at: datetime,
    here: bool = False,
) -> Import:
    """Say which column is which, and start. `here`: the caller runs it, no worker is asked.

    With a column for the brand that column alone makes the mention; else `brand` gets the rows that name none.
    """
    job = Import.objects.select_for_update(of=("self",)).select_related("org").get(pk=job.pk)
    if job.state != State.DRAFT:
        raise CannotImport(_("This file was started already."))
    job.mapping = _checked(job, mapping)
    if not _NETWORK.fullmatch(network.strip()):
        raise CannotImport(_("Name the network the posts come from: letters and digits, 40 at most."))
    if brand is None and "brand" not in job.mapping:
        raise CannotImport(_("Choose the brand, or the column that names it."))
    job.network, job.brand = network.strip().lower(), None if "brand" in job.mapping else brand
    job.state, job.started_at, job.by = State.RUNNING, at, by
    job.save()
    record("import.started", job, by=by, at=at, org=job.org, brand=job.brand, network=job.network)
    _set_going(job, here=here)
    return job


def _checked(job: Import, mapping: Mapping[str, str]) -> dict[str, str]:
    columns = tabular.shape_of(file_of(job)).columns
    chosen = {field: column for field, column in mapping.items() if column}
    for field, column in chosen.items():
        if field not in tabular.FIELDS:
            raise CannotImport(_("A post has no field named %(field)s.") % {"field": field})
        if column not in columns:
            raise CannotImport(_("The file has no column named %(column)s.") % {"column": column})
    if missing := [field for field in tabular.NEEDED if field not in chosen]:
        labels = {"text": _("the text"), "time": _("the time")}
        raise CannotImport(_("Choose the column of %(field)s.") % {"field": labels[missing[0]]})
    return chosen


def _set_going(job: Import, *, here: bool = False) -> None:
    if not here:
        defer("import_file", queue="slow", once=f"import:{job.pk}", job=job.pk)
    signal(job.org_id, "sources")


@transaction.atomic
def stop(*, job: Import, by: User, at: datetime) -> Import:
    """Halt behind the chunk in hand. Everything taken so far stays."""
    job = Import.objects.select_for_update(of=("self",)).select_related("org").get(pk=job.pk)
    if job.state != State.RUNNING:
        raise CannotImport(_("This import is not running."))
    job.state, job.done_at = State.STOPPED, at
    job.save(update_fields=["state", "done_at"])
    record("import.stopped", job, by=by, at=at, org=job.org, brand=job.brand, row=job.row)
    signal(job.org_id, "sources")
    return job


@transaction.atomic
def resume(*, job: Import, by: User, at: datetime) -> Import:
    """Go on behind the last row that was taken."""
    job = Import.objects.select_for_update(of=("self",)).select_related("org").get(pk=job.pk)
    if job.state not in (State.STOPPED, State.FAILED):
        raise CannotImport(_("This import was not stopped."))
    spent = (job.done_at - job.started_at) if job.done_at and job.started_at else timedelta()
    job.state, job.error, job.started_at, job.done_at = State.RUNNING, "", at - spent, None
    job.save(update_fields=["state", "error", "started_at", "done_at"])
    record("import.resumed", job, by=by, at=at, org=job.org, brand=job.brand, row=job.row)
    _set_going(job)
    return job


@transaction.atomic
def drop(*, job: Import, by: User, at: datetime) -> None:
    """Throw away a file that was handed in and never started."""
    job = Import.objects.select_for_update(of=("self",)).select_related("org").get(pk=job.pk)
    if job.state != State.DRAFT:
        raise CannotImport(_("This file was started already."))
    path, org = file_of(job), job.org
    record("import.dropped", job, by=by, at=at, org=org, network=job.network)
    job.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    signal(org.pk, "sources")


def run(*, job_id: int, at: datetime, tell: Callable[[Import], None] | None = None) -> None:
    """Take a running import to its end from behind its last committed row. `tell` hears of each chunk."""
    try:
        job = _prepared(job_id, at=at)
        if job is None:
            return
        shape = tabular.Shape(job.encoding, job.delimiter, tabular.shape_of(file_of(job)).columns)
        reader = RowReader(job, shape.columns, brands=_brands(job), at=at)
        rows = tabular.read(file_of(job), shape, after=job.row)
        while chunk := list(islice(rows, CHUNK)):
            moved = _take(job.pk, chunk, reader, at=timezone.now())
            if moved is None:
                return
            if tell:
                tell(moved)
        _finish(job.pk, at=timezone.now())
    except tabular.CannotRead as error:
        _fail(job_id, str(error), at=timezone.now())
    except OSError:
        log.exception("import %s cannot read its file", job_id)
        _fail(job_id, GONE, at=timezone.now())
    except (OperationalError, InterfaceError):
        # The database fell: the import still runs, and `resume_left` brings it a new job.
        raise
    except Exception:
        log.exception("import %s failed", job_id)
        _fail(job_id, FAULT, at=timezone.now())


@dataclass(frozen=True, slots=True)
class _Survey:
    total: int
    brands: tuple[str, ...]


def _survey(job: Import) -> _Survey:
    """Count the rows and gather the brands that the file names."""
    path = file_of(job)
    shape = tabular.shape_of(path)
    place = shape.columns.index(job.mapping["brand"]) if "brand" in job.mapping else None
    total, brands = 0, dict[str, None]()
    for row in tabular.read(path, shape):
        total = row.number
        if place is not None and not row.broken and (name := brand_name(row.cells[place])):
            brands[name] = None
            if len(brands) > MOST_BRANDS:
                raise tabular.CannotRead(
                    gettext_noop("The brand column holds more than 50 different names. Is it the right one?")
                )
    return _Survey(total, tuple(brands))


def _prepared(job_id: int, *, at: datetime) -> Import | None:
    """The import with its rows counted, its missing brands made and its source set. None: nothing to do."""
    job = Import.objects.select_related("org", "by").filter(pk=job_id, state=State.RUNNING).first()
    if job is None or job.source_id is not None:
        return job
    survey = _survey(job)
    with transaction.atomic():
        job = Import.objects.select_for_update(of=("self",)).select_related("org", "by", "brand").get(pk=job_id)
        known = _by_name(job)
        made = [
            add_brand(org=job.org, name=name, by=job.by, at=at)
            for name in survey.brands
            if name.casefold() not in known
        ]
        named = [known[name.casefold()] for name in survey.brands if name.casefold() in known]
        first = job.brand or next(iter([*named, *made]), None)
        if first is None:
            raise tabular.CannotRead(gettext_noop("No row of the file names a brand."))
        job.source = Source.objects.filter(
            org=job.org, brand=first, network=job.network, kind=Source.Kind.IMPORT
        ).first() or Source.objects.create(
            org=job.org,
            brand=first,
            network=job.network,
            kind=Source.Kind.IMPORT,
            state=Source.State.OPEN,
            connected_at=at,
        )
        job.total = survey.total
        job.save(update_fields=["source", "total"])
    return job


def _by_name(job: Import) -> dict[str, Brand]:
    """Brands by every name they go by; a brand's own name wins over another's further name."""
    brands = list(Brand.objects.filter(org=job.org).order_by("-pk"))
    return {name.casefold(): brand for brand in brands for name in brand.names} | {
        brand.name.casefold(): brand for brand in brands
    }


def _brands(job: Import) -> dict[str, Brand]:
    return _by_name(job) if "brand" in job.mapping else {}


def _take(job_id: int, chunk: Sequence[tabular.Row], reader: RowReader, *, at: datetime) -> Import | None:
    """One chunk, one transaction. What the database will not take is found row by row and refused."""
    try:
        return _take_chunk(job_id, chunk, reader, at=at)
    except (DataError, IntegrityError):
        log.exception("import %s: rows %s to %s, one by one", job_id, chunk[0].number, chunk[-1].number)
    moved = None
    for row in chunk:
        try:
            moved = _take_chunk(job_id, [row], reader, at=at)
        except (DataError, IntegrityError):
            moved = _take_chunk(job_id, [row], reader, at=at, refuse="fault")
        if moved is None:
            return None
    return moved


@transaction.atomic
def _take_chunk(
    job_id: int, chunk: Sequence[tabular.Row], reader: RowReader, *, at: datetime, refuse: str = ""
) -> Import | None:
    """Posts, refusals and the import's own place, together or not at all. None when it was stopped."""
    job = Import.objects.select_for_update(of=("self",)).select_related("source", "org").get(pk=job_id)
    if job.state != State.RUNNING:
        return None
    rows = [row for row in chunk if row.number > job.row]
    if not rows:
        return job
    taken: list[tuple[FetchedPost, int | None]] = []
    refused: list[RefusedRow] = []
    for row in rows:
        read = refuse or reader.read(row)
        if isinstance(read, str):
            cells = [cell[:_KEPT_CELL].replace("\0", "\ufffd") for cell in row.cells[:100]]
            refused.append(RefusedRow(job=job, row=row.number, reason=read, cells=cells))
        else:
            taken.append(read)
    RefusedRow.objects.bulk_create(refused)
    assert job.source is not None
    for posts, given in _parted(job, taken):
        done = take_in(posts, source=job.source, at=at, history=True, given=given, edits=False)
        job.taken += done.new
        job.known += done.known
    job.row = rows[-1].number
    job.refused += len(refused)
    job.save(update_fields=["row", "taken", "known", "refused"])
    signal(job.org_id, "sources")
    return job


def _parted(
    job: Import, taken: Sequence[tuple[FetchedPost, int | None]]
) -> Iterator[tuple[list[FetchedPost], dict[str, int]]]:
    """Posts by what makes their mentions: a brand column for all; else names where there are any, and the
    import's own brand for the rest."""
    if job.brand_id is None:
        yield [post for post, _ in taken], {post.external_id: brand for post, brand in taken if brand is not None}
        return
    posts = [post for post, _ in taken]
    found = matcher_of(job.org_id).find_many([text_guard(post.text)[0] for post in posts])
    rest = [post for post, matches in zip(posts, found, strict=True) if not matches]
    yield [post for post, matches in zip(posts, found, strict=True) if matches], {}
    yield rest, {post.external_id: job.brand_id for post in rest}


@transaction.atomic
def _finish(job_id: int, *, at: datetime) -> None:
    """The end. Our copy of the file goes: what it said is in the database, under the rules of retention."""
    job = Import.objects.select_for_update().get(pk=job_id)
    if job.state != State.RUNNING:
        return
    job.state, job.total, job.done_at = State.DONE, job.row, at
    job.save(update_fields=["state", "total", "done_at"])
    path = file_of(job)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    import_ended(job, at=at)
    signal(job.org_id, "sources")


@transaction.atomic
def _fail(job_id: int, message: str, *, at: datetime) -> None:
    job = Import.objects.select_for_update().get(pk=job_id)
    job.state, job.error, job.done_at = State.FAILED, message, at
    job.save(update_fields=["state", "error", "done_at"])
    import_ended(job, at=at)
    signal(job.org_id, "sources")


def resume_left(*, at: datetime) -> int:
    """Give a running import whose job was lost (a database that fell under it) a job again."""
    at_work = ProcrastinateJob.objects.filter(task_name="import_file", status__in=("todo", "doing"))
    busy = {int(arguments.get("job", 0)) for arguments in at_work.values_list("args", flat=True)}
    waiting = Import.objects.filter(state=State.RUNNING, started_at__lte=at - timedelta(seconds=60))
    left = [job for job in waiting if job.pk not in busy]
    for job in left:
        _set_going(job)
    return len(left)


def drop_files(*, at: datetime) -> int:
    """Forget files that nobody finished within a month: they hold what people said."""
    old = Import.objects.filter(made_at__lte=at - KEEP_FILES)
    names = set(old.exclude(state__in=(State.DONE, State.RUNNING)).values_list("path", flat=True))
    Import.objects.filter(path__in=names, state=State.DRAFT).delete()
    for name in names:
        with suppress(OSError):
            (folder() / name).unlink(missing_ok=True)
    return len(names)
