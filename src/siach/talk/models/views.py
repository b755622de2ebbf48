"""Views of the Stream and the Inbox that people keep: a name for filters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models import Org, User


class SavedView(models.Model):
    """One person's name for an address of a page; shared, everybody of `org` who reads that page has it.

    screen: the name of the page's address.
    """

    class Screen(models.TextChoices):
        STREAM = "stream"
        INBOX = "inbox"

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    screen = models.CharField(max_length=8, choices=Screen.choices, default=Screen.STREAM)
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=1000, help_text="The query string of its filters.")
    is_shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "by", "screen", "name"], name="view_name_once")]
        indexes: ClassVar = [models.Index(fields=["org", "is_shared"], name="view_shared")]
