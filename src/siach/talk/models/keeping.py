"""What is kept on purpose: copies of posts as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from siach.org.models import Brand, Org, User
from siach.talk.models.said import Author, Post

if TYPE_CHECKING:
    from datetime import date


class Evidence(models.Model):
    """A copy of a post under a legal hold, until a person releases it with a reason.

    `copy` is what was kept, in the form that `talk.evidence.canonical` hashes; `digest` is its SHA-256.
    Author and post are found by it while they stand; erasing them leaves the copy as it is.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="evidence")
    author = models.ForeignKey(Author, on_delete=models.SET_NULL, null=True, related_name="evidence")
    copy = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    review_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    release_reason = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["org", "-at", "-id"], name="evidence_newest"),
            models.Index(fields=["review_on"], name="evidence_review", condition=Q(released_at__isnull=True)),
        ]

    def is_due(self, today: date) -> bool:
        """Whether its review is due: held, and its day reached."""
        return self.released_at is None and self.review_on <= today


class EvidencePicture(models.Model):
    """A picture of the copy; its bytes stand in the media folder for as long as this row does."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="pictures")
    sha256 = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=40)
    size = models.IntegerField()


class ErasedKey(models.Model):
    """The keyed hash of an erased post's key: what keeps it from being taken in again."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "network", "digest"], name="erased_once")]


class Consent(models.Model):
    """Whether a person agreed to marketing text by message (Communications Law, section 30A). The newest holds;
    without a row nobody knows, and unknown means no."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="consents")
    given = models.BooleanField()
    evidence = models.TextField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["author", "-at", "-id"], name="consent_newest")]
