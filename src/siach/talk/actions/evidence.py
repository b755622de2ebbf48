"""Evidence: a post copied with its hash before it is gone, and held until somebody says why it need not be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.notices import tell
from siach.talk.evidence import copy_of, digest_of
from siach.talk.models import Evidence, EvidencePicture, Mention, Post, PostMetrics

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Brand, Org, User

REVIEW_AFTER = timedelta(days=180)
LONGEST_REVIEW = timedelta(days=730)
_LONGEST_REASON = 2000


class CannotKeep(Exception):
    """The message says why, in the reader's language."""


@transaction.atomic
def keep_evidence(*, post: Post, reason: str, owner: User, review_on: date, by: User, at: datetime) -> Evidence:
    """Copy a post as it stands, under a legal hold. Retention and erasure pass over the copy."""
    reason = _reason(reason, _("Say why this must be kept."))
    locked = Post.objects.select_for_update(of=("self",)).select_related("org", "author", "thread")
    post = locked.get(pk=post.pk)
    if post.state == Post.State.ERASED:
        raise CannotKeep(_("This post was erased; there is nothing left to keep."))
    _check_review(post.org, review_on, at=at)
    found = list(post.media.order_by("pk"))
    newest = PostMetrics.objects.filter(post=post).order_by("-at", "-pk").first()
    copy = copy_of(post, metrics=newest, found=found, kept_by=by.name, at=at)
    brand = _brand_of(post)
    evidence = Evidence.objects.create(
        org=post.org,
        brand=brand,
        post=post,
        author=post.author,
        copy=copy,
        digest=digest_of(copy),
        reason=reason,
        owner=owner,
        review_on=review_on,
        by=by,
        at=at,
    )
    EvidencePicture.objects.bulk_create(
        EvidencePicture(evidence=evidence, sha256=one.sha256, kind=one.kind, size=one.size) for one in found
    )
    record("evidence.kept", evidence, by=by, at=at, org=post.org, brand=brand, post=post.pk, owner=owner.pk)
    return evidence


@transaction.atomic
def review_evidence(*, evidence: Evidence, owner: User, review_on: date, by: User, at: datetime) -> Evidence:
    """The hold was looked at and stays: its next review, and who answers for it."""
    evidence = _held(evidence)
    _check_review(evidence.org, review_on, at=at)
    evidence.owner, evidence.review_on = owner, review_on
    evidence.save(update_fields=["owner", "review_on"])
    record("evidence.reviewed", evidence, by=by, at=at, org=evidence.org, brand=evidence.brand, owner=owner.pk)
    return evidence


@transaction.atomic
def release_evidence(*, evidence: Evidence, reason: str, by: User, at: datetime) -> Evidence:
    """End the hold: from now on the copy lives and ends by the ordinary rules of keeping."""
    reason = _reason(reason, _("Say why it is no longer needed."))
    evidence = _held(evidence)
    evidence.released_at, evidence.released_by, evidence.release_reason = at, by, reason
    evidence.save(update_fields=["released_at", "released_by", "release_reason"])
    record("evidence.released", evidence, by=by, at=at, org=evidence.org, brand=evidence.brand)
    return evidence


def _held(evidence: Evidence) -> Evidence:
    locked = Evidence.objects.select_for_update(of=("self",)).select_related("org", "brand")
    evidence = locked.get(pk=evidence.pk)
    if evidence.released_at is not None:
        raise CannotKeep(_("This hold was released already."))
    return evidence


def _reason(text: str, missing: str) -> str:
    if not text.strip():
        raise CannotKeep(missing)
    return text.strip().replace("\0", "")[:_LONGEST_REASON]


def _check_review(org: Org, review_on: date, *, at: datetime) -> None:
    today = at.astimezone(ZoneInfo(org.zone)).date()
    if not today < review_on <= today + LONGEST_REVIEW:
        raise CannotKeep(_("The review must be after today, within two years."))


def _brand_of(post: Post) -> Brand | None:
    """The brand that the post is about, ours before a rival's."""
    mention = Mention.objects.filter(post=post).select_related("brand").order_by("brand__kind", "pk").first()
    return mention.brand if mention else None


def tell_reviews(*, at: datetime) -> int:
    """Tell whoever answers for a hold that its review day is here; once for each day that was set."""
    due = Evidence.objects.filter(released_at__isnull=True, review_on__lte=at.date(), owner__is_active=True)
    return sum(
        len(
            tell(
                "evidence.due",
                to=[evidence.owner],
                org=evidence.org,
                brand=evidence.brand,
                level=2,
                subject=evidence,
                url=("evidence_one", {"pk": evidence.pk}),
                once=f"evidence:{evidence.pk}:{evidence.review_on}",
                at=at,
            )
        )
        for evidence in due.select_related("org", "brand", "owner")
        if evidence.owner
    )
