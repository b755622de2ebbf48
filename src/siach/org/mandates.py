"""Deeds on mandates: offered by the client, accepted by the agency, changed, ended.

An offer travels as a code that is shown once; until an owner of an agency accepts it, neither side sees anything of
the other but the name and the terms that stand in the offer.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from siach.org.actions import Refused, new_person
from siach.org.approval_rules import by_mandate, set_rule
from siach.org.jobs import defer
from siach.org.ledger import record
from siach.org.live import RIGHTS_CHANGED, signal
from siach.org.models import ApprovalRule, Brand, Mandate, Membership, Org, Team
from siach.org.rights import MANDATED, NARROWED, orgs_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from siach.org.models import User

CODE_LIFE = timedelta(days=14)
#: Everybody who works by a mandate reads Today.
ALWAYS = frozenset({"today.read"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a mandate opens. `topics` are ids of the brand's topics, empty: all; `until` None: until it is ended."""

    mode: str
    rights: list[str]
    topics: list[int]
    reply_approval: str
    data_scope: str
    since: datetime
    until: datetime | None
    agreement: str
    agreed_on: date


def digest_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


@transaction.atomic
def offer(*, brand: Brand, terms: Terms, by: User, at: datetime) -> tuple[Mandate, str]:
    """A mandate that waits for an agency, and its one-time code, which is not kept."""
    if brand.kind != Brand.Kind.OWN:
        raise Refused(_("A mandate covers a brand of yours, not a rival."))
    code = secrets.token_urlsafe(24)
    mandate = Mandate(
        org=brand.org,
        brand=brand,
        granted_by=by,
        granted_at=at,
        code_digest=digest_of(code),
        code_until=at + CODE_LIFE,
        **_checked(brand, terms, at=at),
    )
    mandate.save()
    _rule_for(mandate, by=by, at=at)
    record("mandate.offered", mandate, by=by, at=at, org=brand.org, brand=brand, mode=mandate.mode)
    return mandate, code


def _checked(brand: Brand, terms: Terms, *, at: datetime) -> dict[str, object]:
    """The terms as they are kept. Refused when they open what nobody may lend, or are no terms."""
    rights = ALWAYS | set(terms.rights)
    topics = set(terms.topics)
    narrow = bool(topics) or terms.data_scope == Mandate.Scope.CASES
    _check_rights(rights, narrow=narrow)
    if topics - set(brand.topics.values_list("pk", flat=True)):
        raise Refused(_("This topic does not belong to the brand."))
    if terms.until is not None and terms.until <= max(terms.since, at):
        raise Refused(_("The end is before the start, or has passed."))
    if not terms.agreement.strip() or terms.agreed_on > at.date() + timedelta(days=1):
        raise Refused(_("Name the processor agreement that is on file, and the day of its signing."))
    kept = {"rights": sorted(rights), "topics": sorted(topics), "agreement": terms.agreement.strip()[:200]}
    return asdict(terms) | kept


def _check_rights(rights: frozenset[str], *, narrow: bool) -> None:
    if rights - MANDATED:
        raise Refused(_("Organisation-wide permissions cannot be given by a mandate."))
    if "case.answer" in rights and "inbox.read" not in rights:
        raise Refused(_("Answering cases can be given only together with reading the Inbox."))
    if narrow and rights - NARROWED:
        raise Refused(_("Access by topics or cases allows reading, answering and correcting only."))


def _rule_for(mandate: Mandate, *, by: User, at: datetime) -> None:
    """Where the client approves, the brand has a rule that asks for it."""
    if mandate.reply_approval == Mandate.Approval.NONE:
        return
    if not ApprovalRule.objects.filter(brand=mandate.brand, by_mandate=True).exists():
        set_rule(brand=mandate.brand, draft=by_mandate(), by=by, at=at)


def found_offer(code: str, *, at: datetime) -> Mandate | None:
    """The open offer of a code; None when it was accepted, withdrawn, ran out, or never was."""
    offers = Mandate.objects.filter(accepted_at=None, ended_at=None, code_until__gt=at)
    return offers.filter(code_digest=digest_of(code)).select_related("org", "brand").first()


@transaction.atomic
def accept(*, code: str, team: Team, by: User, at: datetime) -> Mandate:
    """An owner of an agency takes the offer for one of its teams. The code is spent."""
    mandate = Mandate.objects.select_for_update().filter(code_digest=digest_of(code)).first()
    if mandate is None or mandate.accepted_at or mandate.ended_at or mandate.code_until <= at:
        raise Refused(_("This offer was already accepted or withdrawn, or has expired. Ask for a new one."))
    if team.org.kind != Org.Kind.AGENCY or not orgs_for(by, "org.manage").filter(pk=team.org_id).exists():
        raise Refused(_("Only an owner of an agency can accept a mandate for one of its teams."))
    mandate.team, mandate.accepted_by, mandate.accepted_at = team, by, at
    try:
        with transaction.atomic():
            mandate.save(update_fields=["team", "accepted_by", "accepted_at"])
    except IntegrityError as error:
        raise Refused(_("This team already has a mandate on this brand.")) from error
    record("mandate.accepted", mandate, by=by, at=at, org=mandate.org, brand=mandate.brand)
    return mandate


@transaction.atomic
def found_agency(*, code: str, name: str, owner: Mapping[str, str], language: str, at: datetime) -> User:
    """An agency that is new here, with its team and owner (`email`, `name`, `password`), accepts the offer."""
    offered = found_offer(code, at=at)
    if offered is None:
        raise Refused(_("This offer was already accepted or withdrawn, or has expired. Ask for a new one."))
    user = new_person(owner, language=language)
    org = Org.objects.create(
        name=name.strip()[:120], kind=Org.Kind.AGENCY, language=language or offered.org.language, zone=offered.org.zone
    )
    team = Team.objects.create(org=org, name=org.name, kind=Team.Kind.AGENCY)
    Membership.objects.create(user=user, team=team, role=Membership.Role.OWNER)
    record("org.founded", org, by=user, at=at, org=org)
    accept(code=code, team=team, by=user, at=at)
    return user


@transaction.atomic
def change(*, mandate: Mandate, terms: Terms, by: User, at: datetime) -> Mandate:
    """Other terms for a mandate that has not ended; they hold from this moment on."""
    mandate = _open(mandate)
    for name, value in _checked(mandate.brand, terms, at=at).items():
        setattr(mandate, name, value)
    mandate.save()
    _rule_for(mandate, by=by, at=at)
    record("mandate.changed", mandate, by=by, at=at, org=mandate.org, brand=mandate.brand)
    if mandate.accepted_at:
        _reopen_streams(mandate)
        defer("release_cases", queue="slow", brand=mandate.brand_id)
    return mandate


@transaction.atomic
def end(*, mandate: Mandate, reason: str, by: User | None, at: datetime) -> Mandate:
    """Access is gone with this transaction; a job then takes back the agency's cases and writes the proof.

    An offer that nobody accepted is withdrawn. `by` None: its time ran out, and that is the reason.
    """
    mandate = _open(mandate)
    if by is not None and not reason.strip():
        raise Refused(_("State why the mandate ends."))
    mandate.ended_by, mandate.ended_at, mandate.reason = by, at, reason.strip()[:300]
    mandate.save(update_fields=["ended_by", "ended_at", "reason"])
    name = "mandate.ended" if mandate.accepted_at else "mandate.withdrawn"
    record(name, mandate, by=by, at=at, org=mandate.org, brand=mandate.brand)
    if mandate.accepted_at:
        _reopen_streams(mandate)
        defer("mandate_ended", queue="slow", mandate=mandate.pk)
    return mandate


def end_lapsed(*, at: datetime) -> int:
    """End what its time ran out for. Nothing was open any more; now its cases are taken back and the proof is made."""
    lapsed = Mandate.objects.filter(until__lte=at, ended_at=None, accepted_at__isnull=False).order_by("pk")
    for mandate in lapsed:
        end(mandate=mandate, reason="", by=None, at=at)
    return len(lapsed)


def _open(mandate: Mandate) -> Mandate:
    found = Mandate.objects.select_for_update(of=("self",)).select_related("org", "brand", "team__org")
    mandate = found.get(pk=mandate.pk)
    if mandate.ended_at:
        raise Refused(_("This mandate has ended."))
    return mandate


def _reopen_streams(mandate: Mandate) -> None:
    """Live streams of the client close; a browser comes back with the rights that its reader has now."""
    signal(mandate.org_id, RIGHTS_CHANGED)
