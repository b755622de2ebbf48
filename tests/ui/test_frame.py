"""The frame, its places, the tags, the error pages and the headers of every answer."""

import datetime
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import get_resolver, resolve
from django.utils import timezone, translation

from siach.ui import frame
from siach.ui.csp import POLICY, ContentPolicy
from siach.ui.frame import Place

NOW = datetime.datetime(2026, 11, 24, 9, 12, tzinfo=datetime.UTC)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_resolver().url_patterns  # reading the urls fills the real places, once
    found = [
        Place("set_language", "Second", "stream", order=20, key="S"),
        Place("account_login", "First", "today", order=10, key="T"),
        Place("account_logout", "Hidden", "settings", order=5, group=2, right="settings.write"),
        Place("no_such_page", "Nowhere", "inbox", order=1),
    ]
    monkeypatch.setattr(frame, "PLACES", found)


def request_to(path: str, **known: Any) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.resolver_match = resolve(path)
    for name, value in known.items():
        setattr(request, name, value)
    return request


@pytest.mark.usefixtures("places")
def test_places_are_those_of_the_readers_rights_in_order() -> None:
    known = frame.frame(request_to("/account/login/", rights=frozenset(), counters={"set_language": 3}))
    assert [(p.label, p.current, p.count) for p in known["places"]] == [("First", True, 0), ("Second", False, 3)]
    everyone = frame.frame(request_to("/account/login/", rights={"settings.write"}))
    assert [[p.label for p in group] for group in everyone["place_groups"]] == [["First", "Second"], ["Hidden"]]


@pytest.mark.usefixtures("places")
def test_a_view_may_say_under_which_place_it_stands() -> None:
    known = frame.frame(request_to("/health", rights=frozenset(), under="set_language"))
    assert [(p.label, p.current) for p in known["places"]] == [("First", False), ("Second", True)]


@pytest.mark.parametrize(("path", "is_me"), [("/account/factor/app/", True), ("/settings/", False)])
def test_my_account_is_marked_on_every_page_of_it(path: str, is_me: bool) -> None:
    known = frame.frame(request_to(path, rights=frozenset({"self.manage"})))
    assert (known["is_me"], known["me_url"]) == (is_me, "/account/roles/")


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_a_page_in_the_frame(language: str, side: str) -> None:
    with translation.override(language):
        html = render_to_string("ui/frame.html", request=request_to("/account/login/", rights=frozenset()))
    assert f'<html lang="{language}" dir="{side}">' in html
    assert 'hx-headers:inherited=\'{"X-CSRFToken": "' in html
    assert html.count('aria-current="page"') == 2
    assert not re.search(r"\sstyle=|<style|\son\w+=", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    _closed(html)


@pytest.mark.usefixtures("places")
def test_brands_are_switched_where_there_are_two() -> None:
    two = [SimpleNamespace(pk=1, name="אלומה"), SimpleNamespace(pk=2, name="<Lumika>")]
    html = render_to_string(
        "ui/frame.html", request=request_to("/account/login/", rights=frozenset(), brands=two, brand=two[0])
    )
    assert 'name="brand" value="2"' in html
    assert "&lt;Lumika&gt;" in html
    alone = render_to_string(
        "ui/frame.html", request=request_to("/account/login/", rights=frozenset(), brands=two[:1], brand=two[0])
    )
    assert 'name="brand"' not in alone and "אלומה" in alone


@pytest.mark.parametrize("template", ["404.html", "403.html", "403_csrf.html", "500.html"])
@pytest.mark.parametrize(("language", "side"), [("he", "rtl"), ("en", "ltr")])
def test_error_pages_stand_in_both_languages_without_a_request(template: str, language: str, side: str) -> None:
    with translation.override(language):
        html = render_to_string(template)
    assert f'lang="{language}" dir="{side}"' in html
    assert html.count("<h1>") == 1
    _closed(html)


def test_the_content_policy_is_one_constant_on_every_answer() -> None:
    assert POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'"
    )
    answer = ContentPolicy(lambda request: HttpResponse("x"))(RequestFactory().get("/"))
    assert isinstance(answer, HttpResponse)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


class Asked(forms.Form):
    name = forms.CharField(help_text="As people write it")
    email = forms.EmailField(required=False)
    layers = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    agree = forms.BooleanField(required=False)


def test_a_field_ties_its_label_help_and_error_together() -> None:
    form = Asked({"name": "", "email": "x"})
    html = _drawn("{% for one in form %}{% field one %}{% endfor %}", form=form)
    name = next(tag for tag in re.findall(r"<input[^>]*>", html) if 'name="name"' in tag)
    assert 'aria-describedby="id_name-help id_name-error"' in name
    assert 'aria-invalid="true"' in name and 'dir="auto"' in name
    assert '<label class="field-label" for="id_name">' in html
    assert 'id="id_name-help"' in html and 'id="id_name-error"' in html
    email = next(tag for tag in re.findall(r"<input[^>]*>", html) if 'name="email"' in tag)
    assert 'dir="ltr"' in email
    assert html.count("<fieldset") == 1
    _closed(html)


def test_only_what_is_written_says_that_it_is_optional() -> None:
    class Free(forms.Form):
        email = forms.EmailField(required=False)
        roles = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False)

    drawn = [_drawn("{% field one %}", one=one) for one in Free()]
    assert ["field-opt" in html for html in drawn] == [True, False]


@pytest.mark.parametrize(
    ("template", "he", "en"),
    [
        ("{{ at|ago:now }}", "לפני 14 דקות", "14 min ago"),
        ("{{ now|ago:at }}", "בעוד 14 דקות", "in 14 min"),
        ("{{ now|ago:now }}", "עכשיו", "now"),
        ("{{ 60|duration }}", "דקה", "1 min"),
        ("{{ 7200|duration }}", "שעתיים", "2 h"),
        ("{{ 20|duration }}", "20 שניות", "20 sec"),
        ("{{ long|ago:now }}", "14.11.2026", "14.11.2026"),
        ("{{ days|ago:now }}", "לפני יומיים", "2 days ago"),
        ("{{ now|when }}", "24.11.2026 11:12", "24.11.2026 11:12"),
        ("{{ now|hour }}", "11:12", "11:12"),
        ("{{ now.date|when }}", "24.11.2026", "24.11.2026"),
        ("{{ none|when }}", "–", "–"),
        ("{{ 93784|duration }}", "יום", "one day"),
        ("{{ 12345|num }}", "12,345", "12,345"),
        ("{{ 0.414|percent }}", "41%", "41%"),
        ("{{ 12|signed }}", "+12", "+12"),
        ("{{ minus|signed:1 }}", "\u22123.5", "\u22123.5"),
        ("{{ tiny|signed }}", "0", "0"),
        ("{{ '@dana_cohen'|initials }}", "DA", "DA"),
        ("{{ 'דנה כהן'|initials }}", "דכ", "דכ"),
        ("{{ '\u202e🥐'|initials }}", "·", "·"),
    ],
)
def test_times_figures_and_names(template: str, he: str, en: str) -> None:
    known = {
        "now": NOW,
        "at": NOW - datetime.timedelta(minutes=14),
        "days": NOW - datetime.timedelta(days=2, hours=1),
        "long": NOW - datetime.timedelta(days=10),
        "none": None,
        "minus": -3.5,
        "tiny": -0.2,
    }
    for language, wanted in (("he", he), ("en", en)):
        with translation.override(language), timezone.override("Asia/Jerusalem"):
            shown = _drawn(template, **known)
        assert re.sub(r"<[^>]+>", "", shown) == wanted


def test_measures_say_in_words_what_they_draw() -> None:
    with translation.override("en"):
        assert "heat 5 of 5" in _drawn("{% heat 9 %}")
        assert _drawn("{% heat 2 %}").count('class="heat-on"') == 2
        assert 'aria-label="&quot;&lt;b&gt;"' in _drawn("{% bar 0.5 label %}", label='"<b>')
        assert 'stroke-dasharray="25.13 50.27"' in _drawn("{% ring 0.5 'soon' %}")
        assert "ring-fill" not in _drawn("{% ring 0 'late' %}")


def _drawn(template: str, **known: Any) -> str:
    return Template("{% load siach_ui %}" + template).render(Context(known))


def _closed(html: str) -> None:
    """Every element that is opened is closed, in order."""
    reader = _Reader()
    reader.feed(html)
    assert reader.open == []


class _Reader(HTMLParser):
    void = frozenset({"meta", "link", "input", "br", "img", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag


@pytest.fixture(autouse=True)
def _plain_language() -> Iterator[None]:
    with translation.override("he"):
        yield
