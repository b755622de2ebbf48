"""A file becomes history: each row once, whatever is in it and whatever happens on the way."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.care.models import Case
from siach.org.models import Brand, LedgerEntry
from siach.talk.actions import importing
from siach.talk.actions.importing import CannotImport
from siach.talk.models import Batch, Import, Mention, Post, PostMetrics, RefusedRow, Source
from siach.talk.rows import RowReader, file_of
from siach.talk.tabular import Row
from tests.talk.files import HEADER, begun, complaints, handed_in, imported, table
from tests.world import NOW, World

pytestmark = pytest.mark.django_db


def reasons(job: Import) -> dict[int, str]:
    return dict(RefusedRow.objects.filter(job=job).values_list("row", "reason"))


@pytest.mark.parametrize("encoding", ["cp1255", "utf-16", "utf-8-sig"])
def test_hebrew_of_every_encoding_is_matched(world: World, encoding: str) -> None:
    job = imported(world, table(complaints(3), encoding=encoding))
    assert (job.state, job.row, job.taken, job.known, job.refused) == ("done", 3, 3, 0, 0)
    assert set(Mention.objects.values_list("brand", "via")) == {(world.brand.pk, Mention.Via.NAMED)}
    assert Post.objects.order_by("pk").first().text == "לומיקה, תלונה מספר 1"


def test_history_opens_nothing(world: World) -> None:
    recent = [(1, f"{NOW:%Y-%m-%d %H:%M}", "fan", "@lumika.test לומיקה זה שירות מזעזע, דחוף!")]
    imported(world, table(recent))
    post = Post.objects.get()
    assert (post.is_live, post.heard_at) == (False, post.said_at)
    assert not Case.objects.exists()
    assert not LedgerEntry.objects.exclude(name__in=("import.started", "brand.added")).exists()


def test_broken_rows_are_refused_with_their_reasons(world: World) -> None:
    good = complaints(2)
    data = table([good[0], (10, "soon", "a", "לומיקה"), (11, "2026-11-01", "a", " \u200f "), (12,), good[1]])
    data += b'13,2026-11-01,a,"never closed\n14,2030-01-01,a,tomorrow\n'
    job = imported(world, data)
    assert (job.row, job.taken, job.refused) == (7, 2, 5)
    assert reasons(job) == {2: "time", 3: "text", 4: "cells", 6: "cells", 7: "time"}
    assert RefusedRow.objects.get(row=2).cells == ["10", "soon", "a", "לומיקה"]


def test_nasty_cells(world: World) -> None:
    nasty = "לומיקה \0 \u202e <script>alert(1)</script>"
    long = "לומיקה " + "א" * 10_000_000
    job = imported(world, table([(1, "2026-11-01", "a\0", nasty), (2, "2026-11-01", "b" * 400, long)]))
    assert (job.taken, job.refused) == (2, 0)
    one, two = Post.objects.order_by("key").select_related("author")
    assert one.text == nasty.replace("\0", "\ufffd")
    assert (len(two.text), two.is_cut) == (100_000, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(payload->>'text') FROM talk_rawpost WHERE post_id = %s", [two.pk])
        assert cursor.fetchone() == (len(long),)
    assert len(two.author.external_id) < 300


def test_a_file_twice_changes_nothing(world: World) -> None:
    data = table([*complaints(30), *complaints(5)])
    first = imported(world, data)
    assert (first.taken, first.known) == (30, 5)
    posts, metrics = list(Post.objects.order_by("pk").values()), PostMetrics.objects.count()
    again = imported(world, data)
    assert (again.taken, again.known, again.refused) == (0, 35, 0)
    assert (list(Post.objects.order_by("pk").values()), PostMetrics.objects.count()) == (posts, metrics)
    assert Mention.objects.count() == 30
    assert Source.objects.filter(kind=Source.Kind.IMPORT).count() == 1


def test_rows_without_an_id_are_known_by_who_when_and_what(world: World) -> None:
    rows = [("2026-11-01", "a", "לומיקה"), ("2026-11-01", "a", "לומיקה"), ("2026-11-01", "b", "לומיקה")]
    job = imported(world, table(rows, ("time", "author", "text")))
    assert (job.taken, job.known) == (2, 1)
    assert all(key.startswith("row:") for key in Post.objects.values_list("key", flat=True))


def test_a_row_that_names_no_brand_gets_the_files(world: World) -> None:
    rows = [
        (1, "2026-11-01", "a", "הם לא עונים"),
        (2, "2026-11-01", "a", "ברוניל עדיפים"),
        (3, "2026-11-01", "a", "לומיקה"),
    ]
    imported(world, table(rows))
    assert list(Mention.objects.order_by("post__key").values_list("brand", "via")) == [
        (world.brand.pk, Mention.Via.GIVEN),
        (world.rival.pk, Mention.Via.NAMED),
        (world.brand.pk, Mention.Via.NAMED),
    ]


def test_a_column_of_brands_stands_alone_and_makes_what_is_missing(world: World) -> None:
    rows = [
        (1, "2026-11-01", "a", "ברוניל", "לומיקה"),
        (2, "2026-11-01", "a", "hi", " New  Lamps "),
        (3, "2026-11-01", "a", "hi", ""),
        (4, "2026-11-01", "a", "hi", "lumika"),
    ]
    job = imported(world, table(rows, (*HEADER, "brand")), by_column="brand")
    made = Brand.objects.get(name="New Lamps")
    assert (made.org, made.kind) == (world.org, Brand.Kind.OWN)
    assert dict(Mention.objects.values_list("post__key", "brand")) == {
        "1": world.brand.pk,
        "2": made.pk,
        "4": world.brand.pk,
    }
    assert reasons(job) == {3: "brand"}


def test_a_column_that_is_no_column_of_brands_makes_none(world: World) -> None:
    before = Brand.objects.count()
    job = imported(world, table(complaints(80)), by_column="text")
    assert (job.state, job.row, Brand.objects.count(), Post.objects.count()) == ("failed", 0, before, 0)
    assert "50" in job.error


def test_cells_of_a_post(world: World) -> None:
    header = (
        "post id",
        "date",
        "user name",
        "full name",
        "text",
        "link",
        "likes",
        "shares",
        "comments",
        "lang",
        "reply to",
    )
    row = (
        "7",
        "24/11/2026 09:00",
        "@rina",
        "רינה כהן",
        "לומיקה",
        "javascript:alert(1)",
        "1,204",
        "1.2K",
        "x",
        "he-IL",
        "6",
    )
    imported(world, table([row], header), author_name="full name", parent="reply to")
    post = Post.objects.select_related("author", "thread").get()
    assert (post.author.external_id, post.author.handle, post.author.name) == ("@rina", "rina", "רינה כהן")
    assert (post.url, post.language, post.parent_key, post.thread.key) == ("", "he", "6", "6")
    seen = PostMetrics.objects.get()
    assert (seen.likes, seen.shares, seen.comments) == (1204, 1200, 0)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)


@pytest.mark.usefixtures("small")
def test_a_fall_between_chunks_resumes_behind_the_last_row(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    job = begun(world, table(complaints(45)))
    whole, calls = importing._take_chunk, []

    def fall(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) in (3, 5):
            raise OperationalError("the database is gone")
        return whole(*args, **kwargs)

    monkeypatch.setattr(importing, "_take_chunk", fall)
    for row in (20, 30):
        with pytest.raises(OperationalError):
            importing.run(job_id=job.pk, at=NOW)
        job.refresh_from_db()
        assert (job.state, job.row, job.taken) == ("running", row, row)
    with django_capture_on_commit_callbacks(execute=True):
        importing.run(job_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.state, job.row, job.taken, job.known) == ("done", 45, 45, 0)
    assert Post.objects.count() == sum(len(batch.posts) for batch in Batch.objects.all()) == 45
    assert not file_of(job).exists()


def test_a_lost_job_is_given_again_once(world: World) -> None:
    job = begun(world, table(complaints(3)))
    jobs = ProcrastinateJob.objects.filter(task_name="import_file")
    assert importing.resume_left(at=NOW) == 0
    assert importing.resume_left(at=NOW + timedelta(minutes=2)) == 1
    assert importing.resume_left(at=NOW + timedelta(minutes=3)) == 0
    assert [found.args for found in jobs] == [{"job": job.pk}]


@pytest.mark.usefixtures("small")
def test_two_runners_share_one_file(world: World) -> None:
    """A command and a worker on the same import: rows that the other took are passed over."""
    job = begun(world, table(complaints(35)))
    importing._prepared(job.pk, at=NOW)
    seen: list[int] = []

    def other(moved: Import) -> None:
        seen.append(moved.row)
        if len(seen) == 1:
            importing.run(job_id=job.pk, at=NOW)

    importing.run(job_id=job.pk, at=NOW, tell=other)
    job.refresh_from_db()
    assert (job.state, job.taken, job.known, Post.objects.count()) == ("done", 35, 0, 35)


@pytest.mark.usefixtures("small")
def test_stopping_and_resuming(world: World) -> None:
    job = begun(world, table(complaints(35)))

    def stop(moved: Import) -> None:
        if moved.row == 20:
            importing.stop(job=job, by=world.yael, at=NOW)

    importing.run(job_id=job.pk, at=NOW, tell=stop)
    job.refresh_from_db()
    assert (job.state, job.row, Post.objects.count()) == ("stopped", 20, 20)
    importing.run(job_id=job.pk, at=NOW)
    assert Post.objects.count() == 20
    importing.resume(job=job, by=world.yael, at=NOW)
    importing.run(job_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.state, job.taken, Post.objects.count()) == ("done", 35, 35)
    told = LedgerEntry.objects.filter(name__startswith="import.").order_by("pk").values_list("name", flat=True)
    assert list(told) == ["import.started", "import.stopped", "import.resumed"]
    with pytest.raises(CannotImport):
        importing.resume(job=job, by=world.yael, at=NOW)


@pytest.mark.usefixtures("small")
def test_a_row_that_the_database_refuses_is_found_and_set_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = importing.take_in

    def take_in(posts: Any, **kwargs: Any) -> Any:
        if any("poison" in post.text for post in posts):
            raise DataError("no")
        return whole(posts, **kwargs)

    monkeypatch.setattr(importing, "take_in", take_in)
    job = imported(world, table([*complaints(12), (99, "2026-11-01", "a", "poison"), *complaints(4, start=20)]))
    assert (job.state, job.taken, reasons(job)) == ("done", 16, {13: "fault"})


def test_a_fault_is_said_and_can_be_resumed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job = begun(world, table(complaints(3)))

    def fault(self: RowReader, row: Row) -> str:
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr(RowReader, "read", fault)
        importing.run(job_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", importing.FAULT)
    importing.resume(job=job, by=world.yael, at=NOW)
    importing.run(job_id=job.pk, at=NOW)
    assert Post.objects.count() == 3


def test_a_file_that_is_gone_is_said(world: World) -> None:
    job = begun(world, table(complaints(3)))
    file_of(job).unlink()
    importing.run(job_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", importing.GONE)


@pytest.mark.parametrize(
    ("change", "network"),
    [
        ({"time": ""}, "facebook"),
        ({"text": "no such"}, "facebook"),
        ({"wings": "id"}, "facebook"),
        ({}, " "),
        ({}, "x" * 60),
    ],
)
def test_what_cannot_begin(world: World, change: dict[str, str], network: str) -> None:
    job = handed_in(world, table(complaints(1)))
    mapping = {**job.mapping, **change}
    with pytest.raises(CannotImport):
        importing.begin(job=job, mapping=mapping, network=network, brand=world.brand, by=world.yael, at=NOW)
    with pytest.raises(CannotImport):
        importing.begin(job=job, mapping=job.mapping, network="facebook", brand=None, by=world.yael, at=NOW)
    job.refresh_from_db()
    assert job.state == "draft"


def test_what_is_no_table_leaves_no_file(world: World) -> None:
    with pytest.raises(CannotImport):
        importing.start(org=world.org, network="", name="x", file=io.BytesIO(b"hello"), by=None, at=NOW)
    assert not [path for path in importing.folder().glob("*") if path.read_bytes() == b"hello"]


def test_files_that_nobody_finished_are_forgotten(world: World) -> None:
    job = handed_in(world, table(complaints(1)))
    importing.drop_files(at=NOW + timedelta(days=29))
    assert file_of(job).exists()
    importing.drop_files(at=NOW + timedelta(days=31))
    assert not file_of(job).exists()
    assert not Import.objects.exists()


def test_rows_are_read_faster_than_they_are_stored(world: World) -> None:
    """3,000 rows a second is the least for the import's own part; half of it on a machine that does other work."""
    job = begun(world, table(complaints(6_000)))
    reader = RowReader(job, HEADER, brands={}, at=NOW)
    rows = [Row(number, [str(cell) for cell in cells], False) for number, cells in enumerate(complaints(6_000), 1)]
    began = time.process_time()
    read = [reader.read(row) for row in rows]
    assert len(read) / (time.process_time() - began) > 3_000
    assert all(one[0].external_id != two[0].external_id for one, two in pairwise(read))
