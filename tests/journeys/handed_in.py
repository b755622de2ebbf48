"""Hands a file to a running Siach for its worker to import: `python -m tests.journeys.handed_in FILE`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siach.commands import django_setup


def main(path: Path) -> None:
    django_setup()
    from siach.org.actions import add_brand
    from siach.org.models import Org
    from siach.talk.actions import importing

    # A job that the database lost is looked for only a minute after the import began.
    at = datetime.now(UTC) - timedelta(minutes=2)
    org = Org.objects.create(name="לומיקה בע״מ")
    brand = add_brand(org=org, name="לומיקה", names=["Lumika"], by=None, at=at)
    with path.open("rb") as file:
        job = importing.start(org=org, network="facebook", name=path.name, file=file, brand=brand, by=None, at=at)
    importing.begin(job=job, mapping=job.mapping, network="facebook", brand=brand, by=None, at=at)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
