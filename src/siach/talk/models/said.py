"""What was said: authors, threads, posts, their spread and media."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from siach.org.models import Brand, Org, User


class Part(models.TextChoices):
    """An author's part in the discourse about us."""

    BRAND = "brand", pgettext_lazy("part", "the brand")
    STAFF = "staff", pgettext_lazy("part", "staff")
    ADVOCATE = "advocate", pgettext_lazy("part", "advocate")
    CUSTOMER = "customer", pgettext_lazy("part", "customer")
    LEADER = "leader", pgettext_lazy("part", "opinion leader")
    MEDIA = "media", pgettext_lazy("part", "media")
    INTERESTED = "interested", pgettext_lazy("part", "interested party")
    SUSPECTED = "suspected", pgettext_lazy("part", "suspected coordination")
    UNKNOWN = "unknown", pgettext_lazy("part", "unknown")


class Author(models.Model):
    """Who said it, as the network names them. An author of a closed place is an alias of that thread."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    followers = models.BigIntegerField(null=True)
    is_ours = models.BooleanField(default=False, help_text="One of our own accounts.")
    is_closed = models.BooleanField(default=False, help_text="Heard in a closed place: never profiled.")
    part = models.CharField(max_length=12, choices=Part.choices, default=Part.UNKNOWN)
    part_evidence = models.TextField(blank=True)
    part_until = models.DateTimeField(null=True)
    part_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "network", "external_id"], name="author_once")]
        indexes: ClassVar = [models.Index(fields=["part_by"], name="author_marked", condition=Q(part_by__isnull=False))]

    def __str__(self) -> str:
        return self.name or self.handle or self.external_id


class Thread(models.Model):
    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    key = models.CharField(max_length=400, help_text="The root's external id, or the place of a capture.")
    place = models.CharField(max_length=200, blank=True, help_text="A group, a page, a channel.")
    is_closed = models.BooleanField(default=False)
    drill = models.BigIntegerField(null=True, help_text="The drill that played it; None of what people really said.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "network", "key"], name="thread_once")]
        indexes: ClassVar = [models.Index(fields=["drill"], name="thread_drill", condition=Q(drill__isnull=False))]


class ThreadMark(models.Model):
    """A plain fact that a higher room pushed down, such as "a case is open here". One row per kind."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="marks", db_index=False)
    kind = models.CharField(max_length=20)
    level = models.SmallIntegerField(default=0)
    url_name = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "kind"], name="mark_once_a_kind")]


class ServedThread(models.Model):
    """A thread in which a case of this brand ever stood, with the topics of its cases: pushed down like a mark."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="served", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    topics = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "brand"], name="served_once")]


class Post(models.Model):
    """One thing said. `key` is the public id, or what house.md 4 names where there is none.

    said_at: when its author said it; heard_at: when we could know (= said_at for history);
    taken_at: when it arrived here. `parent_key` waits for a parent that was not heard yet.
    """

    class State(models.TextChoices):
        HEARD = "heard", pgettext_lazy("post", "heard")
        GONE = "gone", pgettext_lazy("post", "gone at the network")
        ERASED = "erased", pgettext_lazy("post", "erased")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    key = models.CharField(max_length=400)
    url = models.CharField(max_length=1000, blank=True)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="posts", db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="posts", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="answers", db_index=False)
    parent_key = models.CharField(max_length=400, blank=True)
    source = models.ForeignKey("talk.Source", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    is_cut = models.BooleanField(default=False, help_text="Longer than 100,000 characters; the whole is in RawPost.")
    language = models.CharField(max_length=5, blank=True)
    reason = models.CharField(max_length=10, blank=True, help_text="Why the network told us: mention, reply ...")
    target = models.JSONField(default=dict, help_text="What the network needs to answer this very post.")
    is_live = models.BooleanField(help_text="False for history: it opens nothing.")
    is_late = models.BooleanField(default=False, help_text="Live, but heard well after it was said.")
    is_private = models.BooleanField(db_default=False, default=False, help_text="Said to some, not to everybody.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.HEARD)
    said_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True, help_text="When it was noticed that the network has it no more.")
    words = SearchVectorField(null=True, help_text="Lexemes made by language.clean, never by SQL.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "network", "key"], name="post_once")]
        indexes: ClassVar = [
            models.Index(fields=["thread", "said_at"], name="post_thread"),
            models.Index(fields=["author", "-said_at"], name="post_author"),
            models.Index(fields=["parent"], name="post_answers", condition=Q(parent__isnull=False)),
            models.Index(
                fields=["org", "network", "parent_key"],
                name="post_orphan",
                condition=Q(parent__isnull=True) & ~Q(parent_key=""),
            ),
            GinIndex(fields=["words"], name="post_words", fastupdate=False),
            BrinIndex(fields=["said_at"], name="post_said", pages_per_range=32, autosummarize=True),
            BrinIndex(fields=["taken_at"], name="post_taken", pages_per_range=32, autosummarize=True),
        ]


class Look(models.Model):
    """When a post is looked at again through the account that heard it. Apart from Post: it changes often."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="+")
    account = models.ForeignKey("talk.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    due_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "due_at"], name="look_due")]


class PostMetrics(models.Model):
    """Running totals of one post, kept when they change. `views` only where the network tells."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    at = models.DateTimeField()
    likes = models.BigIntegerField(default=0)
    shares = models.BigIntegerField(default=0)
    comments = models.BigIntegerField(default=0)
    views = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["post", "-at"], name="metrics_post")]


class Media(models.Model):
    """A picture that came with a post or was handed in; the bytes stand outside the database."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="media", db_index=False)
    sighting = models.ForeignKey("talk.Sighting", on_delete=models.SET_NULL, null=True, related_name="media")
    sha256 = models.CharField(max_length=64)
    look = models.BigIntegerField(null=True, help_text="Perceptual hash (dHash, 64 bits, signed).")
    kind = models.CharField(max_length=40, help_text="Sniffed MIME type.")
    size = models.IntegerField()
    keep_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "sha256"], name="media_once")]
