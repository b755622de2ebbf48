"""How long each kind of thing is kept: the default, the bounds of the law, and the round that deletes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from siach.org.ledger import record
from siach.org.models import Deletion, Org, Privacy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.org.models import User

    #: One batch of one kind, older than `before`: deletes at most BATCH rows and says how many.
    Step = Callable[..., int]

log = logging.getLogger(__name__)

BATCH = 5_000
_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Rule:
    """Days: the default, the fewest and the most that an organisation may set. `since`: from when they count."""

    label: str | Promise
    since: str | Promise
    days: int
    least: int
    most: int


#: Read logs are kept two years by the Data Security Regulations; seven years are the limitation period.
RULES: dict[str, Rule] = {
    "posts": Rule(gettext_lazy("Posts and their readings"), gettext_lazy("from the day they arrived"), 730, 30, 2555),
    "authors": Rule(
        gettext_lazy("Names of authors without a case"), gettext_lazy("from their last post"), 365, 30, 2555
    ),
    "cases": Rule(gettext_lazy("Cases with their replies and notes"), gettext_lazy("from their end"), 730, 180, 2555),
    "raw": Rule(gettext_lazy("Raw data from networks"), gettext_lazy("from its arrival"), 90, 1, 90),
    "media": Rule(gettext_lazy("Pictures from closed places"), gettext_lazy("from the day they arrived"), 90, 1, 90),
    "refused": Rule(
        gettext_lazy("Rows of files that could not be imported"), gettext_lazy("from the day of the import"), 90, 7, 365
    ),
    "reads": Rule(gettext_lazy("Access log of personal data"), gettext_lazy("from the day of access"), 730, 730, 2555),
}


class CannotSet(Exception):
    """The message says why, in the reader's language."""


def days_of(org: Org) -> dict[str, int]:
    """Kind -> days that this organisation keeps it."""
    own = Privacy.objects.filter(org=org).values_list("keep", flat=True).first() or {}
    return {kind: int(own.get(kind, rule.days)) for kind, rule in RULES.items()}


@transaction.atomic
def set_days(*, org: Org, days: Mapping[str, int], by: User, at: datetime) -> None:
    """Keep these kinds so many days from now on, within the bounds of `RULES`."""
    for kind, count in days.items():
        rule = RULES[kind]
        if not rule.least <= count <= rule.most:
            told = {"what": rule.label, "least": rule.least, "most": rule.most}
            raise CannotSet(_("%(what)s: between %(least)s and %(most)s days.") % told)
    if days.get("authors", 0) > days.get("posts", RULES["posts"].most):
        raise CannotSet(_("A name cannot be kept longer than the posts under it."))
    Privacy.objects.get_or_create(org=org)
    privacy = Privacy.objects.select_for_update().get(org=org)
    privacy.keep = {kind: count for kind, count in days.items() if count != RULES[kind].days}
    privacy.save(update_fields=["keep"])
    record("privacy.keeping_set", privacy, by=by, at=at, org=org, **privacy.keep)


@transaction.atomic
def tell_privacy(
    *,
    org: Org,
    contact: Mapping[str, str],
    access: Mapping[str, str],
    words: Mapping[str, str],
    by: User,
    at: datetime,
) -> Privacy:
    """Whom to ask about privacy and about accessibility, and the processing record's own words ("" = the default)."""
    Privacy.objects.get_or_create(org=org)
    privacy = Privacy.objects.select_for_update().get(org=org)
    privacy.contact, privacy.access = dict(contact), dict(access)
    privacy.record = {section: text for section, text in words.items() if text}
    privacy.save(update_fields=["contact", "access", "record"])
    record("privacy.told", privacy, by=by, at=at, org=org)
    return privacy


def retain(steps: Sequence[tuple[str, Step]], *, at: datetime) -> dict[str, int]:
    """Delete what is past its time, in batches of a transaction each. Returns kind -> how many, of all together.

    `steps`: kind -> step, in the order in which they must run. A step that fails leaves the others to run.
    """
    gone: dict[str, int] = {}
    for org in Org.objects.order_by("pk"):
        days = days_of(org)
        for kind, step in steps:
            try:
                gone[kind] = gone.get(kind, 0) + _clear(org, kind, step, days.get(kind, 0), at=at)
            except Exception:
                log.exception("retention of %s in organisation %s failed", kind, org.pk)
    return gone


def _clear(org: Org, kind: str, step: Step, days: int, *, at: datetime) -> int:
    before, total = at - timedelta(days=days), 0
    while True:
        with transaction.atomic():
            n = step(org, before=before, at=at)
            if n:
                count_deleted(org, kind, n, at=at)
        total += n
        if n < BATCH:
            return total


def count_deleted(org: Org, kind: str, n: int, *, at: datetime) -> None:
    """Add to what was deleted of a kind today."""
    row, _made = Deletion.objects.get_or_create(org=org, kind=kind, day=at.astimezone(UTC).date())
    Deletion.objects.filter(pk=row.pk).update(n=F("n") + n)


def months(days: int) -> int:
    """Days as whole months, for the eye."""
    return round(days / _MONTH)
