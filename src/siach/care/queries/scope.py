"""Which cases a reader reaches, and which words of ours with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from siach.care.models import Case
from siach.org.models import Mandate
from siach.org.rights import mandates_for, orgs_for, people_on
from siach.talk.models import Outgoing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from siach.org.models import User


def cases_for(user: User, right: str) -> QuerySet[Case]:
    """The cases on which this person holds the right; by a mandate on topics, those of its topics."""
    lent = mandates_for(user, right).filter(brand=OuterRef("brand"))
    lent = lent.filter(Q(topics=[]) | Q(topics__overlap=OuterRef("topics")))
    return Case.objects.filter(Q(org__in=orgs_for(user, right)) | Q(Exists(lent)))


def words_for(user: User, right: str) -> QuerySet[Outgoing]:
    """Words of ours on the brands where this person holds the right; of a brand open in part, those of its cases."""
    whole = mandates_for(user, right).filter(data_scope=Mandate.Scope.BRAND, topics=[])
    mine = Q(brand__org__in=orgs_for(user, right)) | Q(brand__in=whole.values("brand"))
    of_cases = Q(subject_kind=Case._meta.label_lower, subject_id__in=cases_for(user, right).values("pk"))
    return Outgoing.objects.filter(mine | of_cases)


def may_take(case: Case) -> QuerySet[User]:
    """The people who may be given a case: they may answer, and they see this one."""
    return people_on(case.brand, "case.answer", topics=case.topics)
