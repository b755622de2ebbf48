"""What a person does not want to see in their lists."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from siach.org.models import Topic, User
from siach.talk.models.said import Author


class Mute(models.Model):
    """One person's wish not to see an author, a topic, or posts with a word, in the Stream: one of the three. Nobody
    else is touched by it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, null=True, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="+")
    word = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField(null=True, help_text="None: until it is taken back.")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "author", "topic", "word"], name="mute_once", nulls_distinct=False)
        ]
