"""What people's judgements make of a source's readings."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from siach.talk.models.meaning import ReaderRun
from siach.talk.models.sources import Source


class Rejudged(models.Model):
    """A source of whose posts something was judged, or judged no more, since it was last set right. `n` counts, so that
    what comes while it is being set right is not missed."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, primary_key=True, related_name="+")
    n = models.BigIntegerField(default=1)


class Training(models.Model):
    """What training on the judged posts of a source came to, by language: the last time, which made `run`.

    It may not help there, or forget the language, or be dropped when a post that it learnt from goes. In force: `head`
    is what `language.learning.packed` made, and `taught` the mentions that it was made from, so that it goes with any
    of them. `before` and `after` are the shares read right by calibration alone and by the trained one, as
    cross-validated; None where that was not asked.
    """

    class Outcome(models.TextChoices):
        IN_FORCE = "force"
        NO_HELP = "no_help"
        FORGOT = "forgot"
        DROPPED = "dropped"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="trainings", db_index=False)
    language = models.CharField(max_length=5)
    run = models.ForeignKey(ReaderRun, on_delete=models.CASCADE, related_name="trainings")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    judged = models.IntegerField(help_text="Posts judged by people that it was tried on.")
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    head = models.BinaryField(null=True)
    taught = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "language"], name="training_once")]

    @property
    def right(self) -> int:
        """Of a hundred posts, how many the trained reader reads right."""
        return round(100 * (self.after or 0))

    @property
    def right_before(self) -> int:
        return round(100 * (self.before or 0))
