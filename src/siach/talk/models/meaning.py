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
    """A reader at a version: what made a reading. With `scale` and `bias` (of negative, neutral, positive) as it was
    calibrated for one source by `calc.calibration`; undone by the same numbers, its own score comes back. In the
    languages of `trained` it is the reader as trained on that source (`Training`); that score comes back from texts."""

    name = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    source = models.ForeignKey("talk.Source", on_delete=models.SET_NULL, null=True, related_name="+")
    scale = ArrayField(models.FloatField(), default=list)
    bias = ArrayField(models.FloatField(), default=list)
    fitted_on = models.IntegerField(default=0, help_text="Posts judged by people; 0: the reader as it is.")
    fitted_at = models.DateTimeField(null=True)
    trained = ArrayField(models.CharField(max_length=5), default=list, db_default=[])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], condition=Q(fitted_on=0), name="reader_run_plain_once")
        ]


class Mention(models.Model):
    """One post about one brand. Probabilities and confidence are per mille; deciding words are made when asked.

    `intent` and `sentiment` hold the reading in force; a person's correction overwrites them and is
    kept whole in Correction. `signs` is `Reading.signs`. Not `is_about`: a person said that the post is not about the
    brand; it is neither listed nor counted, and stays so that it is not taken for one again.
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
        REQUEST = 4, pgettext_lazy("intent", "request")
        DEFENCE = 5, pgettext_lazy("intent", "defence of the brand")
        ATTACK = 6, pgettext_lazy("intent", "harsh criticism")
        BOYCOTT = 7, pgettext_lazy("intent", "call to boycott")
        PURCHASE = 8, pgettext_lazy("intent", "about to buy")
        SPAM = 9, pgettext_lazy("intent", "spam")
        NEWS = 10, pgettext_lazy("intent", "news")

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
    signs = models.BigIntegerField(default=0, db_default=0)
    is_about = models.BooleanField(default=True, db_default=True)
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


class Sampled(models.Model):
    """A post drawn at random in one week, to be judged by a person who is not shown what the reader said.

    `read` is the reader's sentiment by `run` when it was drawn; `sentiment` the person's, None while nobody judged it
    and of one that `is_passed` over. `week` is its Monday in the brand's zone.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    mention = models.OneToOneField(Mention, on_delete=models.CASCADE, related_name="+")
    week = models.DateField()
    language = models.CharField(max_length=5, blank=True)
    read = models.SmallIntegerField()
    run = models.ForeignKey(ReaderRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    sentiment = models.SmallIntegerField(null=True)
    is_passed = models.BooleanField(default=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["brand", "week"], name="sampled_week")]


class Rereading(models.Model):
    """How far an organisation's mentions of older readers were read anew by `run`: `done` of `total`, up to `after`."""

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("rereading", "offered")
        GOING = "going", pgettext_lazy("rereading", "going on")
        STOPPED = "stopped", pgettext_lazy("rereading", "stopped")
        DONE = "done", pgettext_lazy("rereading", "done")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(ReaderRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFERED)
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    after = models.BigIntegerField(default=0, help_text="The last mention that was looked at.")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="When it last moved.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "run"], name="rereading_once")]
