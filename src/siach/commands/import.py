"""`./siach import`: a file of posts becomes history, to its end, whether or not a worker runs."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siach.commands import django_setup, say
from siach.launch import CannotStart

if TYPE_CHECKING:
    from siach.org.models import Brand, Org
    from siach.talk.models import Import

HELP = "Import a file of posts (CSV, XLSX or JSONL) as history of one or more brands."
SHOWN_ROWS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--network", required=True, help="where the posts were said, e.g. twitter")
    parser.add_argument("--brand", help="the brand that the file is about; made when there is none of this name")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column is a field: text, time, id, author, author_name, url, likes, shares, comments, language, "
        "parent, brand (this column alone then says which brand a post is about); guessed when not given",
    )
    parser.add_argument("--org", help="the organisation, where there are several")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    mapping = _mapping(args)
    django_setup()
    _tables()
    from siach.talk.actions import importing

    at = datetime.now(UTC)
    try:
        org, job = _started(args, mapping, at)
    except importing.CannotImport as error:
        raise CannotStart(str(error)) from error
    importing.run(job_id=job.pk, at=at, tell=_teller(args.json))
    _carry_all(job)
    outcome = _outcome(job.pk, org)
    print(json.dumps(outcome, ensure_ascii=False, indent=1) if args.json else _told(outcome))
    return 0 if outcome["state"] == "done" else 1


def _mapping(args: argparse.Namespace) -> dict[str, str]:
    """The columns named with --map; CannotStart for what cannot be meant."""
    pairs = [pair.partition("=") for pair in args.map]
    if wrong := [field for field, sign, column in pairs if not sign or not column]:
        raise CannotStart(f"--map wants FIELD=COLUMN; {wrong[0]} has no column.")
    mapping = {field.strip(): column for field, _sign, column in pairs}
    if bool(args.brand) == ("brand" in mapping):
        raise CannotStart("Name the brand with --brand NAME, or its column with --map brand=COLUMN.")
    if not args.file.is_file():
        raise CannotStart(f"There is no file {args.file}.")
    return mapping


def _tables() -> None:
    """A database that nobody has used yet gets its tables."""
    from django.core.management import call_command
    from django.db import connection

    if "talk_import" not in connection.introspection.table_names():
        say("Preparing the tables.")
        call_command("migrate", verbosity=0, interactive=False)


def _started(args: argparse.Namespace, mapping: dict[str, str], at: datetime) -> tuple[Org, Import]:
    """The import, begun: all that it needs is made, or nothing."""
    from django.db import transaction

    from siach.talk.actions import importing

    with transaction.atomic():
        org = _org(args, at)
        brand = _brand(org, args.brand, at) if args.brand else None
        with args.file.open("rb") as file:
            job = importing.start(
                org=org, network=args.network, name=args.file.name, file=file, brand=brand, by=None, at=at
            )
        guessed = {field: column for field, column in job.mapping.items() if column not in mapping.values()}
        whole = guessed | mapping
        if brand is not None:
            whole.pop("brand", None)
        importing.begin(job=job, mapping=whole, network=args.network, brand=brand, by=None, at=at, here=True)
    return org, job


def _org(args: argparse.Namespace, at: datetime) -> Org:
    """The organisation of --org, the only one there is, or, where there is none, a new one."""
    from siach.org.models import Org

    orgs = Org.objects.filter(name=args.org) if args.org else Org.objects.filter(is_demo=False)
    found = list(orgs[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotStart("There are several organisations; name one with --org.")
    if args.org and Org.objects.exists():
        raise CannotStart(f"There is no organisation named {args.org}.")
    return Org.objects.create(name=args.org or args.brand or _first_brand(args))


def _first_brand(args: argparse.Namespace) -> str:
    """The first brand that the file itself names."""
    from siach.talk import tabular, workbook
    from siach.talk.rows import brand_name

    column = next(pair.partition("=")[2] for pair in args.map if pair.startswith("brand="))
    with tempfile.TemporaryDirectory() as folder:
        path = args.file
        try:
            if workbook.is_workbook(path):
                path = Path(folder) / "sheet.csv"
                workbook.write_table(args.file, path)
            shape = tabular.shape_of(path)
        except tabular.CannotRead as error:
            raise CannotStart(str(error)) from error
        if column not in shape.columns:
            raise CannotStart(f"The file has no column named {column}.")
        place = shape.columns.index(column)
        names = (brand_name(row.cells[place]) for row in tabular.read(path, shape) if not row.broken)
        return next(filter(None, names), column)


def _brand(org: Org, name: str, at: datetime) -> Brand:
    from siach.org.actions import add_brand
    from siach.org.models import Brand

    found = Brand.objects.filter(org=org, name__iexact=name.strip()).first()
    return found or add_brand(org=org, name=name, by=None, at=at)


def _teller(quiet: bool) -> Callable[[Import], None]:
    began = time.monotonic()

    def tell(job: Import) -> None:
        if not quiet and sys.stderr.isatty():
            rate = job.row / max(time.monotonic() - began, 0.001)
            print(
                f"\r{job.row:,} of {job.total or 0:,} rows, {rate:,.0f} a second", end="", file=sys.stderr, flush=True
            )
            if job.row == job.total:
                print(file=sys.stderr)

    return tell


def _carry_all(job: Import) -> None:
    """Every batch of this import to its end and every count folded, beside a worker or without one."""
    from siach.background import PIPELINE
    from siach.talk.actions import carrying, counting
    from siach.talk.models import Batch

    job.refresh_from_db(fields=["source"])
    left = Batch.objects.filter(source=job.source_id, done_at__isnull=True)
    while job.source_id and left.exists():
        carrying.carry_left(PIPELINE, org_id=job.org_id)
        # A worker holds what is still open.
        time.sleep(0.05)
    while counting.fold(at=datetime.now(UTC)):
        pass


def _outcome(job_id: int, org: Org) -> dict[str, Any]:
    from django.db.models import Count

    from siach.talk.models import Import, Mention, RefusedRow

    job = Import.objects.get(pk=job_id)
    refusals = RefusedRow.objects.filter(job=job)
    reasons = {
        reason: {
            "rows": n,
            "first": list(refusals.filter(reason=reason).order_by("row").values_list("row", flat=True)[:SHOWN_ROWS]),
        }
        for reason, n in refusals.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    }
    mentions = Mention.objects.filter(org=org, network=job.network).values_list("brand__name")
    return {
        "state": job.state,
        "organisation": org.name,
        "brands": dict(mentions.annotate(n=Count("pk")).order_by("brand__name")),
        "mapping": job.mapping,
        "rows": job.row,
        "taken": job.taken,
        "known": job.known,
        "refused": job.refused,
        "reasons": reasons,
        "error": job.error,
    }


def _told(outcome: dict[str, Any]) -> str:
    lines = [f"{name:<8} {outcome[name]:>9,}" for name in ("rows", "taken", "known", "refused")]
    for reason, found in outcome["reasons"].items():
        rows = ", ".join(map(str, found["first"])) + (" ..." if found["rows"] > len(found["first"]) else "")
        lines.append(f"  {reason}: {found['rows']:,} (rows {rows})")
    lines += [f"mentions of {brand}: {n:,}" for brand, n in outcome["brands"].items()]
    if outcome["error"]:
        lines.append(f"The import failed: {outcome['error']}")
    return "\n".join(lines)
