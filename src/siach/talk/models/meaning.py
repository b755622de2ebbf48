"""What a post means for a brand. Narrow on purpose: this table has a row for every post and brand."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org, User
from siach.talk.models.said import Post


class ReaderRun(models.Model):
    """A reader at a version: what made a reading."""

    name = models.CharField(max_length=40)
    version = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "version"], name="reader_run_once")]


class Mention(models.Model):
    """One post about one brand. Probabilities and confidence are per mille; deciding words are made when asked.

    `intent` and `sentiment` hold the reading in force; a person's correction overwrites them and is
    kept whole in Correction.
    """

    class Via(models.IntegerChoices):
        NAMED = 1, pgettext_lazy("via", "named")
        GIVEN = 2, pgettext_lazy("via", "given by the file")
        ADDRESSED = 3, pgettext_lazy("via", "said to us")
        THREAD = 4, pgettext_lazy("via", "by its thread")
        BY_HAND = 5, pgettext_lazy("via", "set by a person")

    class Sentiment(models.IntegerChoices):
        NEGATIVE = -1, pgettext_lazy("sentiment", "negative")
        NEUTRAL = 0, pgettext_lazy("sentiment", "neutral")
        POSITIVE = 1, pgettext_lazy("sentiment", "positive")

    class Intent(models.IntegerChoices):
        OTHER = 0, pgettext_lazy("intent", "other")
        COMPLAINT = 1, pgettext_lazy("intent", "complaint")
        QUESTION = 2, pgettext_lazy("intent", "question")
        PRAISE = 3, pgettext_lazy("intent", "praise")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    network = models.CharField(max_length=40)
    said_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    is_live = models.BooleanField()
    via = models.SmallIntegerField(choices=Via.choices)
    sentiment = models.SmallIntegerField(choices=Sentiment.choices)
    negative = models.SmallIntegerField(default=0)
    positive = models.SmallIntegerField(default=0)
    intent = models.SmallIntegerField(choices=Intent.choices)
    urgency = models.SmallIntegerField(default=0)
    is_safety = models.BooleanField(default=False)
    confidence = models.SmallIntegerField(default=0)
    run = models.ForeignKey(ReaderRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    corrected_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    topics = ArrayField(models.BigIntegerField(), null=True, help_text="Ids of the brand's topics; None: none.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "brand"], name="mention_once")]
        indexes: ClassVar = [
            models.Index(fields=["brand", "-said_at", "-id"], name="mention_brand_said"),
            models.Index(fields=["brand", "-heard_at"], name="mention_heard", condition=Q(is_live=True)),
        ]


class Correction(models.Model):
    """A person's judgement beside the reader's: kept and measured as the reader's error."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=12)
    was = models.SmallIntegerField()
    now = models.SmallIntegerField()
    run = models.ForeignKey(ReaderRun, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
