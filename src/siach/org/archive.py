"""Everything an organisation owns as one file: a zip of JSON lines and media, with a manifest of hashes."""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BinaryField, F
from django.utils.translation import gettext as _

from siach.org.jobs import defer
from siach.org.ledger import record
from siach.org.models import Archive, Org, User
from siach.org.owned import owned_models, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from django.db.models import Model

    #: What no model holds: (name in the zip, rows of an organisation), and the files that belong to it.
    Also = tuple[str, Callable[[Org], Iterable[dict[str, Any]]]]
    Files = Callable[[Org], Iterable[Path]]

KEEP = timedelta(days=7)
PATIENCE = timedelta(minutes=10)
State = Archive.State
#: Never leaves: what opens an account or a door.
_SECRET = frozenset(("password", "grant", "sealed", "secret", "token"))


class CannotArchive(Exception):
    """The message says why, in the reader's language."""


def folder() -> Path:
    return Path(settings.SIACH_HOME) / "archives"


def path_of(archive: Archive) -> Path:
    return folder() / archive.path


@transaction.atomic
def ask_archive(*, org: Org, by: User, at: datetime) -> Archive:
    """Have the file made by a job. One at a time."""
    org = Org.objects.select_for_update().get(pk=org.pk)
    if Archive.objects.filter(org=org, state=State.BUILDING).exists():
        raise CannotArchive(_("A file is already being prepared."))
    archive = Archive.objects.create(org=org, by=by, at=at)
    record("org.archive_asked", org, by=by, at=at, org=org, archive=archive.pk)
    defer("archive", queue="slow", once=f"archive:{archive.pk}", archive=archive.pk)
    return archive


@transaction.atomic
def take_archive(*, archive: Archive, by: User, at: datetime) -> Path:
    """The finished file, for its owner to take; every taking is written down."""
    archive = Archive.objects.select_related("org").get(pk=archive.pk)
    if archive.state != State.READY or not path_of(archive).is_file():
        raise CannotArchive(_("This file is no longer here. A new one can be prepared."))
    record("org.archive_taken", archive.org, by=by, at=at, org=archive.org, archive=archive.pk)
    return path_of(archive)


def build(*, archive_id: int, also: Iterable[Also], files: Files, at: datetime) -> None:
    """The job: write the file aside and put it in place. Killed, the next call begins it anew."""
    archive = Archive.objects.select_related("org").filter(pk=archive_id, state=State.BUILDING).first()
    if archive is None:
        return
    folder().mkdir(parents=True, exist_ok=True)
    folder().chmod(0o700)
    aside = folder() / f".{archive.pk}.zip"
    tables = owned_models()
    Archive.objects.filter(pk=archive.pk).update(done=0, total=len(tables) + 1)
    with _snapshot(), zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as target:
        manifest = list(_people(target, archive.org))
        for number, (model, path) in enumerate(tables, 1):
            rows = _rows(model, path, archive.org)
            manifest.append(_lines(target, f"{model._meta.label_lower}.jsonl", rows))
            _progress(archive, number)
        manifest += [_lines(target, f"{name}.jsonl", rows(archive.org)) for name, rows in also]
        manifest += [_file(target, path) for path in files(archive.org) if path.is_file()]
        about = {"organisation": archive.org.name, "made_at": at.isoformat(), "files": manifest}
        target.writestr("manifest.json", json.dumps(about, ensure_ascii=False, indent=1))
    _finish(archive, aside, at=at)


def _finish(archive: Archive, aside: Path, *, at: datetime) -> None:
    aside.chmod(0o600)
    with aside.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{uuid.uuid4().hex}.zip"
    size = aside.stat().st_size
    aside.replace(folder() / name)
    Archive.objects.filter(pk=archive.pk).update(
        state=State.READY, path=name, size=size, digest=digest, done=F("total"), keep_until=at + KEEP
    )


@contextmanager
def _snapshot() -> Iterator[None]:
    """All tables as they stood at one moment."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _progress(archive: Archive, number: int) -> None:
    Archive.objects.filter(pk=archive.pk).update(done=number)


def _people(target: zipfile.ZipFile, org: Org) -> Iterator[dict[str, Any]]:
    """The organisation itself and who is in it, without what signs them in."""
    own = Org.objects.filter(pk=org.pk).values()
    yield _lines(target, "org.org.jsonl", own)
    people = User.objects.filter(memberships__team__org=org).distinct().values("id", "name", "email", "language")
    yield _lines(target, "org.user.jsonl", people)


def _rows(model: type[Model], path: str, org: Org) -> Iterable[dict[str, Any]]:
    kept = [one for one in model._meta.concrete_fields if not isinstance(one, BinaryField) and one.name not in _SECRET]
    fields = [one.attname for one in kept]
    return rows_of(model, path, org).order_by("pk").values(*fields).iterator(2_000)


def _lines(target: zipfile.ZipFile, name: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Write rows as JSON lines; what the manifest says of them."""
    digest, count = hashlib.sha256(), 0
    with target.open(name, "w", force_zip64=True) as out:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n"
            digest.update(line)
            out.write(line)
            count += 1
    return {"name": name, "rows": count, "sha256": digest.hexdigest()}


def _file(target: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    name = f"media/{path.name}"
    target.write(path, name)
    with path.open("rb") as file:
        return {"name": name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def drop_archives(*, at: datetime) -> int:
    """Delete files a week after they were made, and begin again what no job is making any more."""
    old = list(Archive.objects.filter(state=State.READY, keep_until__lte=at))
    for archive in old:
        path_of(archive).unlink(missing_ok=True)
    Archive.objects.filter(pk__in=[one.pk for one in old]).update(state=State.GONE, path="")
    for pk in Archive.objects.filter(state=State.BUILDING, at__lte=at - PATIENCE).values_list("pk", flat=True):
        defer("archive", queue="slow", once=f"archive:{pk}", archive=pk)
    return len(old)
