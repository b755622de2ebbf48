"""After a mandate ended: what the agency's side still held is purged, and a proof tells what was done."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from siach.org.models import LedgerEntry, Mandate, MandateProof, Membership, Notice, Topic, User
from siach.org.rights import people_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

KIND = "siach.mandate.proof"
VERSION = 1


@transaction.atomic
def close(*, mandate_id: int, purges: Sequence[tuple[str, Callable[..., int]]], at: datetime) -> MandateProof:
    """Purge (each of `purges` by its name, called with `mandate` and `at`) and write the proof, both or neither.

    Run again it changes nothing: a proof is made once.
    """
    found = Mandate.objects.select_for_update(of=("self",)).select_related("org", "brand", "team__org", "ended_by")
    mandate = found.get(pk=mandate_id)
    known = MandateProof.objects.filter(mandate=mandate).first()
    if known is not None:
        return known
    purged = {name: purge(mandate=mandate, at=at) for name, purge in purges}
    content = _content(mandate, purged, at)
    return MandateProof.objects.create(mandate=mandate, made_at=at, content=content, digest=digest_of(content))


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the content as canonical JSON: sorted keys, no spaces, UTF-8."""
    return hashlib.sha256(_written(content)).hexdigest()


def _written(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def opened_at(mandate: Mandate) -> datetime:
    """When it first opened anything."""
    return max(mandate.accepted_at or mandate.since, mandate.since)


def work_of(mandate: Mandate) -> list[dict[str, int | str]]:
    """What the agency's people did on the brand while it was open, line by line: ids and codes, no names, no words."""
    people = Membership.objects.filter(team=mandate.team).values("user")
    deeds = LedgerEntry.objects.filter(org=mandate.org, brand=mandate.brand, by__in=people)
    deeds = deeds.filter(at__gte=opened_at(mandate), at__lte=mandate.ended_at)
    rows = deeds.order_by("pk").values_list("pk", "at", "name", "subject_kind", "subject_id", "by")
    return [
        {"line": line, "at": at.isoformat(), "deed": name, "subject": kind, "id": subject, "by": by}
        for line, at, name, kind, subject, by in rows
    ]


def _content(mandate: Mandate, purged: dict[str, int], at: datetime) -> dict[str, Any]:
    """All that the proof says. Times are ISO 8601; `work` counts what the agency's people did, by the ledger's names,
    and `work_sha256` is the digest of those lines, which the client keeps."""
    team = mandate.team
    lines = work_of(mandate)
    return {
        "kind": KIND,
        "version": VERSION,
        "client": mandate.org.name,
        "brand": mandate.brand.name,
        "agency": team.org.name if team else "",
        "team": team.name if team else "",
        "agreement": mandate.agreement,
        "agreed_on": mandate.agreed_on.isoformat(),
        "mode": mandate.mode,
        "rights": list(mandate.rights),
        "topics": list(Topic.objects.filter(pk__in=mandate.topics).order_by("pk").values_list("name", flat=True)),
        "data_scope": mandate.data_scope,
        "opened_at": opened_at(mandate).isoformat(),
        "ended_at": mandate.ended_at.isoformat() if mandate.ended_at else "",
        "ended_by": mandate.ended_by.name if mandate.ended_by else "",
        "reason": mandate.reason,
        "people": Membership.objects.filter(team=team).count(),
        "work": dict(sorted(Counter(line["deed"] for line in lines).items())),
        "work_sha256": hashlib.sha256(_written(lines)).hexdigest(),
        "purged": purged,
        "finished_at": at.isoformat(),
    }


def of_people(step: Callable[..., int]) -> Callable[..., int]:
    """A purge by what each of the agency's people can see now: `step` is called with `user` and `at`."""

    def purge(*, mandate: Mandate, at: datetime) -> int:
        people = User.objects.filter(memberships__team=mandate.team).order_by("pk").distinct()
        return sum(step(user=user, at=at) for user in people)

    return purge


def purge_notices(*, mandate: Mandate, at: datetime) -> int:
    """Take what the agency's people were told of the client, but from who still works on the brand in another way."""
    told = Notice.objects.filter(Q(brand=mandate.brand) | Q(brand=None), org=mandate.org)
    people = Membership.objects.filter(team=mandate.team).exclude(user__in=people_on(mandate.brand, "today.read"))
    return told.filter(user__in=people.values("user")).delete()[0]
