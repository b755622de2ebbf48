"""Deeds on a brand's topics: what people speak of, and the ways they say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.org.actions import Refused
from siach.org.ledger import record
from siach.org.models import ApprovalRule, Mandate, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from siach.org.models import Brand, User

MOST = 100


@transaction.atomic
def keep_topic(
    *, brand: Brand, topic: Topic | None, name: str, words: Iterable[str], is_value: bool, by: User, at: datetime
) -> Topic:
    """A new topic (`topic` None) or a known one with other words. What is heard from now on is matched by them."""
    row = topic or Topic(brand=brand)
    row.name, row.is_value = name.strip()[:80], is_value
    row.words = list(dict.fromkeys(word.strip()[:80] for word in (row.name, *words) if word.strip()))
    if not row.name:
        raise Refused(_("A topic needs a name."))
    if topic is None and Topic.objects.filter(brand=brand).count() >= MOST:
        raise Refused(_("A brand may have up to %(n)s topics.") % {"n": MOST})
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("A topic with this name is already here.")) from error
    record("topic.changed" if topic else "topic.added", row, by=by, at=at, org=brand.org, brand=brand)
    return row


@transaction.atomic
def remove_topic(*, topic: Topic, by: User, at: datetime) -> None:
    """A topic goes; what was said stays. Refused while a mandate or a rule of approval stands on it.

    Without it the mandate would grow, and the rule would ask for nothing.
    """
    topic = Topic.objects.select_for_update(of=("self",)).select_related("brand__org").get(pk=topic.pk)
    if Mandate.objects.filter(brand=topic.brand, topics__contains=[topic.pk], ended_at=None).exists():
        raise Refused(_("A mandate uses this topic. Change or end the mandate first."))
    if ApprovalRule.objects.filter(brand=topic.brand, topics__contains=[topic.pk]).exists():
        raise Refused(_("An approval rule uses this topic. Change or remove the rule first."))
    record("topic.removed", topic, by=by, at=at, org=topic.brand.org, brand=topic.brand)
    topic.delete()
