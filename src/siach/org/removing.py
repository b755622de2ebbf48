"""An organisation is removed: its owner says so by its name, may think again for a week, then nothing of it is left."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from siach.org.archive import path_of
from siach.org.keeping import BATCH
from siach.org.ledger import record
from siach.org.models import Archive, Mail, Membership, Org, Removal, User
from siach.org.owned import owned_models, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    #: One of REMOVE: does its part for an organisation, and does nothing when called again.
    Step = Callable[..., object]

log = logging.getLogger(__name__)

THINK_AGAIN = timedelta(days=7)


class CannotRemove(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def ask_removal(*, org: Org, name: str, by: User, at: datetime) -> Removal:
    """Remove this organisation in a week. Its name must be typed as it stands."""
    org = Org.objects.select_for_update().get(pk=org.pk)
    if name.strip() != org.name:
        raise CannotRemove(_("This does not match the organisation's name."))
    if Removal.objects.filter(org=org).exists():
        raise CannotRemove(_("Its deletion is already under way."))
    removal = Removal.objects.create(org=org, by=by, at=at, not_before=at + THINK_AGAIN)
    record("org.removal_asked", org, by=by, at=at, org=org)
    return removal


@transaction.atomic
def ask_removal_at_once(*, org: Org, by: User | None, at: datetime) -> Removal:
    """Remove a demo without its name and its week: nothing in it is anybody's. Asked again it changes nothing."""
    org = Org.objects.select_for_update().get(pk=org.pk)
    if not org.is_demo:
        raise CannotRemove(_("Only a demo can be removed at once."))
    removal, is_new = Removal.objects.get_or_create(org=org, defaults={"by": by, "at": at, "not_before": at})
    if removal.not_before > at:
        removal.not_before = at
        removal.save(update_fields=["not_before"])
    if is_new:
        record("org.removal_asked", org, by=by, at=at, org=org)
    return removal


@transaction.atomic
def undo_removal(*, org: Org, by: User, at: datetime) -> None:
    """Keep the organisation after all, as long as nothing of it was deleted."""
    removal = Removal.objects.select_for_update().filter(org=org).first()
    if removal is None or removal.not_before <= at:
        raise CannotRemove(_("Too late: the deletion has begun."))
    removal.delete()
    record("org.removal_undone", org, by=by, at=at, org=org)


def remove_due(steps: Sequence[tuple[str, Step]], *, at: datetime) -> int:
    """Remove every organisation whose week is over. Killed anywhere, the next call goes on."""
    due = [removal.org for removal in Removal.objects.filter(not_before__lte=at).select_related("org")]
    return sum(_remove(org, steps, at=at) for org in due)


def _remove(org: Org, steps: Sequence[tuple[str, Step]], *, at: datetime) -> bool:
    for _name, step in steps:
        step(org, at=at)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            Removal.objects.filter(org=org).delete()
            Org.objects.filter(pk=org.pk)._raw_delete("default")
    except IntegrityError:
        log.warning("organisation %s was still being written to; its removal goes on", org.pk)
        return False
    return True


def drop_people(org: Org, *, at: datetime) -> int:
    """REMOVE, first: nobody is in it any more; who was in no other organisation goes, with their
    sessions and their mail."""
    inside = set(User.objects.filter(memberships__team__org=org).values_list("pk", flat=True))
    with transaction.atomic():
        Membership.objects.filter(team__org=org).delete()
        elsewhere = set(User.objects.filter(pk__in=inside, memberships__isnull=False).values_list("pk", flat=True))
        gone = inside - elsewhere
        Mail.objects.filter(to__in=User.objects.filter(pk__in=gone).values("email")).delete()
        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") in {str(pk) for pk in gone}:
                session.delete()
        User.objects.filter(pk__in=gone).delete()
    return len(gone)


def drop_rows(org: Org, *, at: datetime) -> int:
    """REMOVE: every row that leads to it, in batches of a transaction each; who points goes before the pointed at."""
    total = 0
    for model, path in owned_models():
        if model is Removal:
            continue
        while pks := list(rows_of(model, path, org).values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                model._base_manager.filter(pk__in=pks).delete()
            total += len(pks)
    return total


def drop_archives_of(org: Org, *, at: datetime) -> None:
    """REMOVE: the files made for it."""
    for archive in Archive.objects.filter(org=org).exclude(path=""):
        path_of(archive).unlink(missing_ok=True)
