"""Posts that an older reader read are read anew: offered, in batches, stopped, killed, gone on with."""

import argparse
import re
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.commands import reread as command
from siach.language.readers import linear
from siach.org.models import LedgerEntry
from siach.talk.actions import rereading, sampling
from siach.talk.actions.counting import fold, recount_dirty
from siach.talk.actions.marking import correct
from siach.talk.models import Mention, Rereading, Sampled
from siach.talk.queries.counts import tally
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Ten posts, one of them corrected; then a reader of a next version, which finds everything good."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(rereading, "AT_ONCE", 3)
    world.hear(*(said(str(n), f"ראיתי מנורה של לומיקה {n}") for n in range(10)))
    fold(at=NOW)
    assert rereading.offer(at=NOW) == 0
    first = Mention.objects.order_by("pk")[0]
    correct(mention=first, field="sentiment", value=-1, by=world.dana, at=NOW)
    last = Mention.objects.order_by("pk").last()
    run = first.run
    Sampled.objects.create(
        brand=world.brand, mention=last, week=NOW.date(), read=0, run=run, language="he", sentiment=1
    )
    whole = linear.read

    def glad(texts, about, domains=()):  # type: ignore[no-untyped-def]
        return [replace(one, sentiment=1, p=(0.1, 0.1, 0.8), confidence=0.8) for one in whole(texts, about)]

    monkeypatch.setattr(linear, "VERSION", "next")
    monkeypatch.setattr(linear, "read", glad)
    return world


def test_it_is_offered_goes_on_after_a_kill_stops_and_ends(newer: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, board = newer.client(newer.noam), reverse("sources")
    assert rereading.offer(at=NOW) == 1 and rereading.offer(at=NOW) == 0
    row = Rereading.objects.get(run__version="next", org=newer.org)
    assert "סיווג מחדש של 9 פוסטים" in re.sub(r"</?bdi[^>]*>", "", client.get(board).text)
    begin, stop = (reverse("reread", args=[row.pk, deed]) for deed in ("begin", "stop"))
    assert newer.client(newer.dana).post(begin).status_code == newer.client(newer.omer).post(begin).status_code == 404
    client.post(begin)
    assert ProcrastinateJob.objects.filter(task_name="reread", args__rereading=row.pk).exists()

    calls: list[int] = []
    whole = rereading.reread

    def falls(rows):  # type: ignore[no-untyped-def]
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return whole(rows)

    monkeypatch.setattr(rereading, "reread", falls)
    with pytest.raises(RuntimeError):
        rereading.run(rereading_id=row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.done) == ("going", 3) and Mention.objects.filter(sentiment=1).count() == 3
    ProcrastinateJob.objects.all().delete()
    assert rereading.resume_left(at=NOW) == 0 and rereading.resume_left(at=NOW + 2 * rereading.SILENT) == 1
    client.post(stop)
    assert rereading.run(rereading_id=row.pk, at=NOW) is False and Mention.objects.filter(sentiment=1).count() == 3
    assert "המשך" in client.get(board).text
    client.post(begin)
    assert rereading.run(rereading_id=row.pk, at=NOW) is True
    recount_dirty(at=NOW)
    counted = tally([newer.brand.pk], NOW.date(), NOW.date())
    assert (counted.positive, counted.negative) == (9, 1)  # what a person said stays
    assert Mention.objects.exclude(run__version="next").get().corrected_by == newer.dana
    assert Sampled.objects.get().read == 1 and Sampled.objects.get().run.version == "next"
    assert "reread-" not in client.get(board).text
    told = list(LedgerEntry.objects.filter(name__endswith="_anew").order_by("pk").values_list("name", flat=True))
    assert told == ["reading.begun_anew", "reading.stopped_anew", "reading.begun_anew"]
    activity = client.get(reverse("activity")).text
    assert "סיווג מחדש של" in activity and "עצירת הסיווג מחדש" in activity
    assert sampling.read_anew(newer.org) == 1


def test_the_command_does_it_at_once_and_says_so(
    newer: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(command, "django_setup", lambda: None)
    assert command.run(argparse.Namespace(json=False)) == 0
    assert "9 of 9 posts read anew" in capsys.readouterr().out
    assert Mention.objects.filter(sentiment=1).count() == 9
    assert command.run(argparse.Namespace(json=False)) == 0
    assert "Every post was read" in capsys.readouterr().out
