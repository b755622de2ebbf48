"""What people bring from closed places, look by look."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from siach.org.models import User
from siach.talk.models.said import Post


class Sighting(models.Model):
    """What a person saw of a captured post at one time: the capture itself, and each look at it afterwards.

    `text` only where the words were others than the post's own; a number is None where nobody looked at it.
    `key`: how the person's device called this look, so that one handed in twice is one.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    likes = models.BigIntegerField(null=True)
    comments = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["by", "key"], name="sighting_once", condition=~Q(key=""))
        ]
        indexes: ClassVar = [models.Index(fields=["post", "-at", "-id"], name="sighting_newest")]


class CaptureAddress(models.Model):
    """Where a person's own devices hand in what they saw, with the rights that the person has then. Of the address only
    the digest is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class HandedIn(models.Model):
    """What came by a person's own address and lacks something: it waits for that person, for two weeks.

    `told`: the fields of the form, as far as they are known; `pictures`: SHA-256 of files in the media folder.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    told = models.JSONField(default=dict)
    pictures = ArrayField(models.CharField(max_length=64), default=list)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="handed_in_once", condition=~Q(key=""))
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-at", "-id"], name="handed_in_newest")]
