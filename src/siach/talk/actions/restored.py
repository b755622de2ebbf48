"""After a restore: what was on its way when the copy was made may have left since, or been taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Coalesce

from siach.org.live import signal
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siach.launch.erasures import Erasure

State = Outgoing.State
WHY = "Siach was restored from a backup: only the network knows whether it was sent."


@transaction.atomic
def doubt_what_was_on_its_way(*, since: datetime, erasures: Sequence[Erasure], at: datetime) -> int:
    """Words that were queued or being sent become *unclear* and wait for a person. Returns how many."""
    lost = Outgoing.objects.filter(state__in=(State.QUEUED, State.SENDING))
    for org_id in lost.values_list("org_id", flat=True).distinct():
        signal(org_id, "inbox")
    return lost.update(state=State.UNCLEAR, sending_at=Coalesce("sending_at", since), error=WHY)
