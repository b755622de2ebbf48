"""The rows of a handed-in file as posts, or the codes of why they are none."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from siach.talk.connections import FetchedAuthor, FetchedMetrics, FetchedPost
from siach.talk.tabular import amount, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from siach.org.models import Brand
    from siach.talk.models import Import
    from siach.talk.tabular import Row

NOBODY = "–"
LONGEST_ID = 300
TOMORROW = timedelta(days=1)
_BLANK = "\0 \t\r\n\u200b\u200c\u200d\u200e\u200f\ufeff"


def folder() -> Path:
    """Where handed-in files wait until they are taken in."""
    return Path(settings.SIACH_HOME) / "imports"


def file_of(job: Import) -> Path:
    return folder() / job.path


def brand_name(cell: str) -> str:
    """A brand's name as it may be stored, from a cell."""
    return " ".join(cell.replace("\0", " ").split())[:120]


class RowReader:
    """Reads the rows of one import. `brands`: brand by each of its names, where a column names the brand."""

    def __init__(self, job: Import, columns: Sequence[str], *, brands: Mapping[str, Brand], at: datetime) -> None:
        self._place = {field: columns.index(column) for field, column in job.mapping.items()}
        self._brands = brands
        self._zones = {brand.zone: ZoneInfo(brand.zone) for brand in brands.values()}
        self._zone = ZoneInfo(job.brand.zone if job.brand else job.org.zone)
        self._latest = at + TOMORROW

    def read(self, row: Row) -> tuple[FetchedPost, int | None] | str:
        """The post and the brand that its own column names; or why not: `cells`, `json`, `text`, `brand`, `time`."""
        if row.broken:
            return row.why
        text = self._cell(row, "text")
        if not text.strip(_BLANK):
            return "text"
        brand = None
        if self._brands:
            brand = self._brands.get(brand_name(self._cell(row, "brand")).casefold())
            if brand is None:
                return "brand"
        said_at = moment(self._cell(row, "time"), self._zones[brand.zone] if brand else self._zone)
        if said_at is None or said_at > self._latest:
            return "time"
        return self._post(row, text, said_at), brand.pk if brand else None

    def _cell(self, row: Row, field: str) -> str:
        place = self._place.get(field)
        return row.cells[place] if place is not None else ""

    def _id(self, row: Row, field: str) -> str:
        """An id as it may be a key; one that is too long stands by its hash."""
        cell = self._cell(row, field).strip()
        return cell if len(cell) <= LONGEST_ID else f"long:{_hash(cell)}"

    def _post(self, row: Row, text: str, said_at: datetime) -> FetchedPost:
        author = self._id(row, "author") or NOBODY
        name = self._cell(row, "author_name").strip()
        return FetchedPost(
            external_id=self._id(row, "id") or f"row:{_hash(author, said_at.isoformat(), text)}",
            url=self._url(row),
            text=text,
            said_at=said_at,
            author=FetchedAuthor(external_id=author, handle="" if author == NOBODY else author.lstrip("@"), name=name),
            parent_external_id=self._id(row, "parent") or None,
            language=_language(self._cell(row, "language")),
            metrics=FetchedMetrics(
                likes=amount(self._cell(row, "likes")),
                shares=amount(self._cell(row, "shares")),
                comments=amount(self._cell(row, "comments")),
            ),
        )

    def _url(self, row: Row) -> str:
        """A link that a page may show: anything but http would be a trap."""
        url = self._cell(row, "url").strip()
        return url if url.startswith(("https://", "http://")) and len(url) <= 1000 else ""


def _language(cell: str) -> str | None:
    """The code of a language: he of he-IL. None for anything else."""
    code = cell.strip().lower().replace("_", "-").split("-")[0]
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() else None


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:40]
