"""What strangers write is text on every page: no tag, handler or link of theirs comes alive, on a page or in a file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models

from siach.talk.models import Import, Post, RefusedRow
from tests.security.walking import ROOMS, address, browser, names
from tests.world import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.org.test_routes import Lumika

MARK = "zzq"
HOSTILE = (
    f"\"'><{MARK}-tag onload={MARK}(1)><script>{MARK}(1)</script><img src={MARK} onerror={MARK}(1)>{{{{7|{MARK}}}}}"
)
SCHEMES = (
    f"javascript:{MARK}(1)",
    f"JavaScript:{MARK}(1)",
    f"\x01javascript:{MARK}(1)",
    f" data:text/html,{MARK}",
    MARK,
)
FORMULA = f'=HYPERLINK("http://{MARK}.example";"{MARK}")'
# Codes and keys: our own words, which no stranger writes.
CODES = {
    "kind", "state", "network", "role", "language", "zone", "layer", "measure", "room", "name_key", "step", "reason",
    "subject_kind", "key", "digest", "sha256", "path", "external_id", "email", "password", "session_key", "encoding",
    "delimiter", "url", "link", "scope", "channel", "part", "folded", "code", "right", "token", "search", "plain",
}  # fmt: skip


class Alive(HTMLParser):
    """Gathers what a browser would run or follow, where it bears the mark."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag:
            self.found.append((tag, attrs))
        for name, value in attrs:
            text = (value or "").strip().lower()
            runs = name.startswith("on") or text.startswith(("javascript:", "data:text", "vbscript:"))
            if MARK in name or (runs and name != "value") or (name == "src" and MARK in text):
                self.found.append((tag, (name, value)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and MARK in data:
            self.found.append(("script", data))


def plant(text: str) -> int:
    """Put this text into every free text of every table of the rooms. Returns into how many columns."""
    done = 0
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            free = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.unique
            if not free or field.name in CODES or model._meta.label_lower == "org.ledgerentry":
                continue
            value = text[: field.max_length] if field.max_length else text
            for pk in model._default_manager.exclude(**{field.name: ""}).values_list("pk", flat=True):
                model._default_manager.filter(pk=pk).update(**{field.name: _own(value, pk, field.max_length)})
                done += 1
    return done


def _own(value: str, pk: object, longest: int | None) -> str:
    """The same text with its row's number behind it, so that names stay distinct."""
    tail = f" {pk}"
    return value[: (longest or 10_000) - len(tail)] + tail


def seen_by_noam(lumika: Lumika) -> dict[str, HttpResponse]:
    client = browser(lumika.world.noam)
    return {name: client.get(address(lumika, name)) for name in names() if name != "picture"}


def test_hostile_words_stay_words(lumika: Lumika) -> None:
    assert plant(HOSTILE) > 10
    shown = 0
    for name, answer in seen_by_noam(lumika).items():
        assert answer.status_code != 500, name
        if "html" not in answer.headers.get("Content-Type", "") or answer.status_code != 200:
            continue
        alive = Alive()
        alive.feed(answer.text)
        assert alive.found == [], name
        shown += MARK in answer.text
    assert shown > 5


def test_a_link_that_runs_is_not_taken(lumika: Lumika) -> None:
    """A network, or whoever stands in for one, may send any address with a post."""
    for number, link in enumerate(SCHEMES):
        lumika.world.hear(replace(said(f"link{number}", "המנורה של לומיקה יפה"), url=link))
        post = Post.objects.get(key=f"link{number}")
        assert post.url == "", link
        page = browser(lumika.world.noam).get(f"/stream/post/{post.pk}/")
        assert page.status_code == 200 and MARK not in page.text
    lumika.world.hear(replace(said("fine", "המנורה של לומיקה יפה"), url="HTTPS://social.example/fine"))
    assert Post.objects.get(key="fine").url == "HTTPS://social.example/fine"


def test_no_cell_of_any_file_is_a_formula(lumika: Lumika) -> None:
    job = Import.objects.get()
    RefusedRow.objects.create(job=job, row=1, reason="no_text", cells=[FORMULA, "+1", "-1", "@x", "\t=1", "\r=1", "ok"])
    plant(FORMULA)
    files = 0
    client = browser(lumika.world.noam)
    for name in names():
        if "csv" not in address(lumika, name):
            continue
        for query in ("", "?days=30"):
            answer = client.get(address(lumika, name) + query)
            if not answer.headers.get("Content-Type", "").startswith("text/csv"):
                continue
            files += 1
            text = answer.getvalue().decode("utf-8-sig")
            for row in csv.reader(io.StringIO(text, newline="")):
                assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))], name
    assert files > 1
