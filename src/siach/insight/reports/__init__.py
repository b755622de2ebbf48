"""Reports: one file each, found by its name. A report has `TITLE` and `report(brand, month, user=, at=)`; what that
gives is drawn by the template of the same name in `templates/insight/reports/`."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.insight.months import Month
    from siach.org.models import Brand, User


class Report(Protocol):
    TITLE: str | Promise

    def report(self, brand: Brand, month: Month, *, user: User, at: datetime) -> Any:
        """All that the report says of a brand in a month, as far as this person may know it: one frozen value."""
        ...


def names() -> list[str]:
    """The names of all reports, sorted."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def load(name: str) -> Report:
    """The report of that name. LookupError when there is none."""
    if name not in names():
        raise LookupError(f"No report is named {name!r}. There are: {', '.join(names())}.")
    return cast(Report, import_module(f"{__name__}.{name}"))
