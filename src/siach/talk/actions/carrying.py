"""Carrying a batch through the pipeline: one step, one transaction; what cannot be taken is set aside."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, ProgrammingError, transaction
from django.utils import timezone

from siach.org.live import signal
from siach.talk.heard import Heard, heard
from siach.talk.jobs import defer
from siach.talk.models import Batch, SetAside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    Step = Callable[..., None]

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=1)
_OURS = (OperationalError, InterfaceError, ProgrammingError)


def carry(batch_id: int, steps: Sequence[tuple[str, Step]], *, at: datetime) -> None:
    """Bring a batch to its end from where it stands. Killed anywhere, the next call goes on from there."""
    while _one_step(batch_id, steps, at=at):
        pass


@transaction.atomic
def _one_step(batch_id: int, steps: Sequence[tuple[str, Step]], *, at: datetime) -> bool:
    """Run the batch's next step and move it on. False when nothing is left or another worker has it."""
    batch = (
        Batch.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("source__account")
        .filter(pk=batch_id, done_at__isnull=True)
        .first()
    )
    if batch is None:
        return False
    if batch.step >= len(steps):
        batch.done_at = at
        batch.save(update_fields=["done_at"])
        return False
    name, step = steps[batch.step]
    posts = _posts(batch)
    try:
        with transaction.atomic():
            step(batch, posts, at=at)
    except _OURS:
        raise  # the database is in trouble, not these posts: the batch waits and is taken up again
    except Exception:
        log.exception("step %s failed on batch %s, trying its posts one by one", name, batch.pk)
        _one_by_one(batch, name, step, posts, at=at)
    batch.step += 1
    batch.save(update_fields=["step"])
    return True


def _posts(batch: Batch) -> list[Heard]:
    """The batch's posts that no earlier step set aside, in the order they were said."""
    aside = set(batch.set_aside.filter(settled_at__isnull=True).values_list("post", flat=True))
    return heard([post for post in batch.posts if post not in aside])


def _one_by_one(batch: Batch, name: str, step: Step, posts: Sequence[Heard], *, at: datetime) -> None:
    for post in posts:
        try:
            with transaction.atomic():
                step(batch, [post], at=at)
        except _OURS:
            raise
        except Exception as error:
            SetAside.objects.create(
                post_id=post.pk, batch=batch, step=name, error=f"{type(error).__name__}: {error}", at=at
            )
    signal(batch.org_id, "sources")


def try_again(*, aside: SetAside, steps: Sequence[tuple[str, Step]], at: datetime) -> None:
    """Carry one post that was set aside through the step that failed and all after it."""
    with transaction.atomic():
        aside = (
            SetAside.objects.select_for_update(of=("self",)).select_related("batch__source__account").get(pk=aside.pk)
        )
        if aside.settled_at is not None:
            return
        posts = heard([aside.post_id])
        names = [name for name, _step in steps]
        for _name, step in steps[names.index(aside.step) :]:
            step(aside.batch, posts, at=at)
        aside.settled_at = at
        aside.save(update_fields=["settled_at"])


def carry_on(*, at: datetime) -> int:
    """Defer the batches that stand still: a fall between two steps, or a database that was away."""
    still = Batch.objects.filter(done_at__isnull=True, made_at__lte=at - PATIENCE).order_by("pk")
    ids = still.values_list("pk", flat=True)[:1000]
    return sum(defer("carry", queue="read", once=f"carry:{pk}", batch=pk) for pk in ids)


def carry_left(steps: Sequence[tuple[str, Step]], *, org_id: int) -> None:
    """Bring every open batch of an organisation to its end, here and now (for commands without a worker)."""
    for pk in Batch.objects.filter(org_id=org_id, done_at__isnull=True).order_by("pk").values_list("pk", flat=True):
        carry(pk, steps, at=timezone.now())
