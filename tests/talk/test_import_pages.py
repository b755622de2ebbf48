"""Importing in the browser: hand in, name the columns, watch, mend what was refused."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.talk.actions import importing
from siach.talk.models import Import, Post
from tests.talk.files import HEADER, begun, complaints, handed_in, imported, table
from tests.world import World

pytestmark = pytest.mark.django_db


def uploaded(data: bytes, name: str = "posts.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "text/csv")


def test_from_the_file_to_the_posts(world: World) -> None:
    yael = world.client(world.yael)
    there = yael.post(reverse("import_file"), {"file": uploaded(table(complaints(3), encoding="cp1255"))})
    job = Import.objects.get()
    assert there.url == reverse("import_job", args=[job.pk])
    shown = yael.get(there.url)
    assert "לומיקה, תלונה מספר 1" in shown.content.decode()
    chosen = {f"map_{field}": column for field, column in job.mapping.items()}
    started = yael.post(there.url, {"network": "Facebook", "brand": world.brand.pk, **chosen})
    assert started.status_code == 302
    waiting = ProcrastinateJob.objects.get(task_name="import_file")
    importing.run(job_id=waiting.args["job"], at=world.at)
    job.refresh_from_db()
    assert (job.state, job.taken, job.network, job.encoding) == ("done", 3, "facebook", "cp1255")
    assert "Windows-1255" in yael.get(there.url).content.decode()


def test_the_preview_follows_the_choice(world: World) -> None:
    job = handed_in(world, table([(1, "2026-11-01", "rina", "לומיקה")], ("a", "b", "c", "d")))
    address = reverse("import_job", args=[job.pk])
    page = world.client(world.yael, "en").get(address, {"network": "x", "map_text": "d", "map_time": "a"})
    assert "No readable time" in page.content.decode() or "אין מועד" in page.content.decode()
    page = world.client(world.yael).get(address, {"network": "x", "map_text": "d", "map_time": "b"})
    assert "01.11.2026" in page.content.decode()


@pytest.mark.parametrize("change", [{"map_time": ""}, {"network": ""}, {"brand": ""}, {"map_text": "nothing"}])
def test_what_is_missing_is_said(world: World, change: dict[str, str]) -> None:
    job = handed_in(world, table(complaints(1)))
    told = {"network": "x", "brand": str(world.brand.pk), "map_text": "text", "map_time": "time", **change}
    page = world.client(world.yael).post(reverse("import_job", args=[job.pk]), told)
    job.refresh_from_db()
    assert (page.status_code, job.state) == (422, "draft")
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("data", [b"one sentence", b"\0\0\0", b" "])
def test_a_file_that_is_no_table(world: World, data: bytes) -> None:
    page = world.client(world.yael).post(reverse("import_file"), {"file": uploaded(data)})
    assert page.status_code == 422
    assert not Import.objects.exists()


def test_refused_rows_come_back_as_a_harmless_file(world: World) -> None:
    job = imported(world, table([(1, "soon", '=HYPERLINK("http://evil")', "@לומיקה"), *complaints(1, start=5)]))
    answer = world.client(world.yael, "en").get(reverse("refused_rows", args=[job.pk]))
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "1"
    assert rows[1][2:] == ["1", "soon", '\'=HYPERLINK("http://evil")', "'@לומיקה"]


def given_back(world: World, job: Import) -> bytes:
    return world.client(world.yael, "en").get(reverse("refused_rows", args=[job.pk])).content


def test_a_mended_file_says_what_its_rows_said(world: World) -> None:
    """The guard that we put before what a spreadsheet would run goes again, and no other apostrophe."""
    said = ["=לומיקה שווה כל שקל", "'=לומיקה במירכאה", "'twas a Lumika lamp", "+1 ללומיקה", "לומיקה רגילה"]
    job = imported(world, table([(number, "soon", "@fan", text) for number, text in enumerate(said)]))
    data = given_back(world, job)
    assert data.decode("utf-8-sig").splitlines()[0] == "siach-row,סיבת הדחייה,id,time,author,text"
    mended = imported(world, data.replace(b"soon", b"2026-11-02 10:00"))
    assert (mended.taken, mended.refused) == (5, 0)
    assert set(Post.objects.values_list("text", flat=True)) == set(said)
    assert [name for name in Post.objects.values_list("author__external_id", flat=True) if name.startswith("'")] == []


def test_a_row_that_is_refused_again_comes_back_in_the_same_columns(world: World) -> None:
    job = imported(world, table([(1, "soon", "fan", "=לומיקה"), (2, "later", "fan", "לומיקה")]))
    again = imported(world, given_back(world, job).replace(b"soon", b"2026-11-02 10:00"))
    assert (again.taken, again.refused) == (1, 1)
    rows = list(csv.reader(io.StringIO(given_back(world, again).decode("utf-8-sig"))))
    assert rows[0] == ["siach-row", "סיבת הדחייה", "id", "time", "author", "text"]
    assert rows[1][2:] == ["2", "later", "fan", "לומיקה"]


def test_a_file_of_somebody_else_keeps_its_apostrophes(world: World) -> None:
    imported(world, table([(1, "2026-11-02 10:00", "fan", "'=לומיקה")]))
    assert Post.objects.get().text == "'=לומיקה"


def test_stop_resume_and_throw_away(world: World) -> None:
    yael = world.client(world.yael)
    job = begun(world, table(complaints(1)))
    for deed, state in (("stop", "stopped"), ("resume", "running")):
        yael.post(reverse("change_import", args=[job.pk, deed]))
        job.refresh_from_db()
        assert job.state == state
    draft = handed_in(world, table(complaints(1)))
    yael.post(reverse("change_import", args=[draft.pk, "drop"]))
    yael.post(reverse("change_import", args=[job.pk, "drop"]))
    assert list(Import.objects.all()) == [job]
    assert yael.post(reverse("change_import", args=[job.pk, "explode"])).status_code == 404


@pytest.mark.parametrize("language", ["he", "en"])
def test_every_state_in_both_languages(world: World, language: str) -> None:
    world.yael.language = language
    world.yael.save()
    yael = world.client(world.yael)
    jobs = [handed_in(world, table(complaints(2)), name="<b>a</b>.csv"), begun(world, table(complaints(2)))]
    jobs.append(imported(world, table([*complaints(2), (9, "", "", "")])))
    Import.objects.filter(pk=jobs[1].pk).update(state="failed", error=importing.GONE)
    for address in [reverse("import_file"), *(reverse("import_job", args=[job.pk]) for job in jobs)]:
        page = yael.get(address)
        assert page.status_code == 200
        assert f'dir="{"rtl" if language == "he" else "ltr"}"' in page.content.decode()
        assert "<b>a</b>" not in page.content.decode()
    failed = yael.get(reverse("import_job", args=[jobs[1].pk])).content.decode()
    assert ("Hand it in again" in failed) == (language == "en")


def test_an_outsider_and_an_agent_find_nothing(world: World) -> None:
    job = imported(world, table([*complaints(1), (1,)], HEADER))
    omer, dana = world.client(world.omer), world.client(world.dana)
    for name in ("import_job", "refused_rows"):
        assert omer.get(reverse(name, args=[job.pk])).status_code == 404
        assert dana.get(reverse(name, args=[job.pk])).status_code == 404
    assert omer.post(reverse("change_import", args=[job.pk, "stop"])).status_code == 404
    assert dana.get(reverse("import_file")).status_code == 404
    assert dana.post(reverse("change_import", args=[job.pk, "stop"])).status_code == 404
