"""How the attacks reach every route by themselves: addresses, the fields that the source reads, the forms of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.test import Client
from django.urls import resolve, reverse

from tests.house import PUBLIC, SOURCE
from tests.org.test_routes import STREAMS, patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siach.org.models import User
    from tests.org.test_routes import Lumika

ROOMS = ("org", "talk", "care", "insight")
# That somebody looked is written down by looking: when one was last on Today, and who read what of a person.
# The keys of pushes are made when a page first needs them.
MARKS_OF_READING = {"insight.Visit", "org.ReadLog", "org.PushKeys"}
_ASKED = re.compile(r"""(?:GET|POST|asked|data|query)(?:\.get\(|\.getlist\(|\[)\s*f?["'](\w+)["']""")
_FIELD = re.compile(r"""^\s+(\w+) = (?:forms\.)?\w*(?:Field|Lines|Pictures)\(""", re.M)


def names() -> list[str]:
    """Every route but the stream of signals, whose answer has no end."""
    return sorted(str(found.name) for found in patterns() if found.name not in STREAMS)


def address(lumika: Lumika, name: str) -> str:
    """The address of a route, with Lumika's own things where it takes arguments."""
    if name in PUBLIC and (needed := _arguments(name)):
        return urljoin("/", _public(name, needed))
    return lumika.url(name)


def _arguments(name: str) -> set[str]:
    return set(next(found for found in patterns() if found.name == name).pattern.converters)


def _public(name: str, needed: set[str]) -> str:
    return reverse(name, kwargs=dict.fromkeys(needed, "you"))


def browser(user: User, *, csrf: bool = False, language: str = "en", **headers: str) -> Client:
    """A browser in which this person is signed in; with `csrf` it must bring tokens as a real one."""
    client = Client(enforce_csrf_checks=csrf, headers={"accept-language": language, **headers})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def rows() -> dict[str, int]:
    """How many rows each table of the rooms has; sessions, attempts, jobs and looks live by being read."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label in ROOMS and model._meta.managed and model._meta.label not in MARKS_OF_READING
    }


def asked_names() -> list[str]:
    """Every name under which some page reads a field of a query or a form."""
    found: set[str] = set()
    for file in SOURCE.glob("*/**/*.py"):
        text = file.read_text(encoding="utf-8")
        found.update(_ASKED.findall(text), _FIELD.findall(text))
    return sorted(found)


@dataclass
class Form:
    """A form of a page that is sent: where to, its fields as they stand, and what each may choose among."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @property
    def route(self) -> str:
        return resolve(urlsplit(self.action).path).url_name or ""

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.route, tuple(sorted(self.fields))


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method", "").lower() == "post":
            self._open = Form(urljoin(self.page, told.get("action", "")))
            self.forms.append(self._open)
        elif self._open is not None and (name := told.get("name") or self._select):
            self._field(self._open, tag, name, told)

    def _field(self, form: Form, tag: str, name: str, told: dict[str, str]) -> None:
        if tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "input":
            _input(form, name, told)
        elif tag in {"option", "button"}:
            form.choices.setdefault(name, []).append(told.get("value", ""))
            if tag == "option" and ("selected" in told or name not in form.fields):
                form.fields[name] = told.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._open = None


def _input(form: Form, name: str, told: dict[str, str]) -> None:
    kind = told.get("type")
    if kind == "file":
        form.files.add(name)
    elif kind not in {"checkbox", "radio"} or "checked" in told:
        form.fields[name] = told.get("value", "")
    else:
        form.choices.setdefault(name, []).append(told.get("value", ""))


def forms_of(page: str, text: str) -> list[Form]:
    """The forms of a page that are sent by POST."""
    parser = _Forms(page)
    parser.feed(text)
    for form in parser.forms:
        form.fields.pop("csrfmiddlewaretoken", None)
    return parser.forms


def forms(lumika: Lumika, client: Client) -> Iterator[Form]:
    """Every form on every page of this person, each shape once."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for name in names():
        url = address(lumika, name)
        answer = client.get(url)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in forms_of(url, answer.text):
            if form.key not in seen and form.route not in {"account_logout", ""}:
                seen.add(form.key)
                yield form
