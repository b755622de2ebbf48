"""Views of the Stream and the Inbox: kept under a name, renamed, shared with the team, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.talk.models import SavedView

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org, User

MOST_VIEWS = 30
LONGEST = 1_000  # letters of an address


class CannotKeep(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def keep_view(*, org: Org, screen: str, name: str, address: str, is_shared: bool, by: User, at: datetime) -> SavedView:
    """Keep the filters of an address of `screen` (SavedView.Screen) under a name. CannotKeep.

    One's own is nobody's business; a shared one stands in the ledger.
    """
    if SavedView.objects.filter(org=org, by=by).count() >= MOST_VIEWS:
        raise CannotKeep(_("There are already 30 saved views. Remove one first."))
    if len(address) > LONGEST:
        raise CannotKeep(_("These filters are too long to save."))
    view = SavedView(org=org, by=by, screen=screen, address=address, is_shared=is_shared, made_at=at)
    _name(view, name)
    if is_shared:
        record("view.shared", view, by=by, at=at, org=org)
    return view


@transaction.atomic
def change_view(*, view: SavedView, name: str, is_shared: bool, by: User, at: datetime) -> SavedView:
    """Rename a view; share it with the team, or take it back."""
    view = SavedView.objects.select_for_update().select_related("org").get(pk=view.pk)
    was, view.is_shared = view.is_shared, is_shared
    _name(view, name)
    if was != is_shared:
        deed = "view.shared" if is_shared else "view.withdrawn"
        record(deed, view, by=by, at=at, org=view.org)
    return view


@transaction.atomic
def remove_view(*, view: SavedView, by: User, at: datetime) -> None:
    view = SavedView.objects.select_for_update().select_related("org").get(pk=view.pk)
    if view.is_shared:
        record("view.withdrawn", view, by=by, at=at, org=view.org)
    view.delete()


def _name(view: SavedView, name: str) -> None:
    view.name = name.replace("\x00", "").strip()[:60]
    if not view.name:
        raise CannotKeep(_("A view needs a name."))
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise CannotKeep(_("A view with this name is already here.")) from error
