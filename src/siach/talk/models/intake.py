"""Posts on their way in: batches, files, what was set aside."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org, User
from siach.talk.models.said import Post
from siach.talk.models.sources import Source


class Batch(models.Model):
    """Up to a few thousand posts walking through PIPELINE together; `step` is the next step's index.

    `given` maps post ids to the brand that the file's own column named.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, related_name="+")
    posts = ArrayField(models.BigIntegerField())
    given = models.JSONField(default=dict)
    is_live = models.BooleanField()
    step = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["made_at"], name="batch_open", condition=models.Q(done_at__isnull=True))
        ]


class SetAside(models.Model):
    """A post that a step of the pipeline could not take. Its batch went on; a person may try it again."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="set_aside")
    step = models.CharField(max_length=40)
    error = models.TextField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)


class Import(models.Model):
    """A file of posts. `row` is the last row whose posts are committed: a fall resumes behind it."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("import", "to be checked")
        RUNNING = "running", pgettext_lazy("import", "running")
        DONE = "done", pgettext_lazy("import", "done")
        FAILED = "failed", pgettext_lazy("import", "failed")
        STOPPED = "stopped", pgettext_lazy("import", "stopped")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="imports")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, related_name="imports")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, related_name="+")
    network = models.CharField(max_length=40)
    name = models.CharField(max_length=200, help_text="The file's name as it was handed in.")
    path = models.CharField(max_length=500)
    digest = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, default=",")
    columns = models.JSONField(default=list, help_text="The names of the file's columns, in their order.")
    mapping = models.JSONField(default=dict, help_text="Field of a post -> column of the file.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    total = models.IntegerField(null=True, help_text="Rows in the file, header not counted.")
    row = models.IntegerField(default=0)
    taken = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)


class RefusedRow(models.Model):
    """A row that could not be taken, with the reason's code and the row as it stood."""

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refusals")
    row = models.IntegerField()
    reason = models.CharField(max_length=40)
    cells = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "row"], name="refusal_once")]
