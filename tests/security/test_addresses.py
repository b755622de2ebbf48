"""What nobody types in good faith: numbers beyond any row, NULs, endless queries, odd methods, torn cursors."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from django.core.cache import cache

from tests.house import PUBLIC
from tests.org.test_routes import patterns
from tests.security.walking import address, asked_names, browser, forms, names, rows

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from tests.org.test_routes import Lumika

NUMBERS = ("0", "9" * 19, "9" * 5000)
ODD = (
    "\0",
    "a\0b",
    "9" * 30,
    "-1",
    "1e309",
    "NaN",
    "٣٤",  # digits, but not of ASCII: int() takes them
    "' OR 1=1 --",
    "%s%n{0.__class__}",
    "../../../etc/passwd",
    "0001-01-01",
    "9999-12-31",
    "2026-13-45T99:99",
    "😀" * 50,
    "\u202e\u2066",
    "[]",
    '{"$gt": ""}',
    "x" * 20_000,
)


def calm(answer: HttpResponse, what: object) -> None:
    """No answer of these is a fault of ours; 503 is what /health says of a Siach without a worker."""
    assert answer.status_code < 500 or answer.status_code == 503, (what, answer.status_code)


@pytest.fixture
def client(lumika: Lumika) -> Client:
    found = browser(lumika.world.noam)
    found.raise_request_exception = False
    return found


def test_a_number_beyond_any_row_is_not_there(lumika: Lumika, client: Client) -> None:
    checked = 0
    for found in patterns():
        name = str(found.name)
        kinds = {key: type(value).__name__ for key, value in found.pattern.converters.items()}
        for key in (key for key, kind in kinds.items() if kind == "IntConverter"):
            for number in NUMBERS:
                url = address(lumika, name).replace(f"/{lumika.arguments[name][key]}/", f"/{number}/")
                assert client.get(url).status_code in {404, 405}, (name, number[:40])
                assert client.post(url).status_code in {404, 405}, (name, number[:40])
                checked += 1
    assert checked > 50


def test_a_name_that_is_no_name_is_not_there(lumika: Lumika, client: Client) -> None:
    for found in patterns():
        name = str(found.name)
        for key, converter in found.pattern.converters.items():
            if type(converter).__name__ == "IntConverter" or name in PUBLIC or key not in lumika.arguments[name]:
                continue
            for odd in ("%00", "..", "%2e%2e", "a" * 3000, "%F0%9F%98%80", "%ff%fe", "'"):
                url = address(lumika, name).replace(f"/{lumika.arguments[name][key]}/", f"/{odd}/")
                assert client.get(url).status_code in {404, 405}, (name, odd[:20])


def test_a_query_of_any_kind_is_answered(lumika: Lumika, client: Client) -> None:
    """Every name that a page reads, with a value that it does not expect: each route gets several in turn."""
    asked = asked_names()
    assert {"before", "after", "q", "brand", "next", "to", "draft"} <= set(asked)
    dice = random.Random(8108)
    for name in names():
        for value in dice.sample(ODD, 2):
            calm(client.get(f"{address(lumika, name)}?{urlencode(dict.fromkeys(asked, value))}"), (name, value[:40]))


@pytest.mark.parametrize("name", ["stream", "stream_new", "activity", "inbox", "case", "connect_network"])
def test_the_lists_take_any_cursor(lumika: Lumika, client: Client, name: str) -> None:
    for value in ODD:
        for key in ("before", "after", "account"):
            calm(client.get(f"{address(lumika, name)}?{urlencode({key: value})}"), (name, key, value[:40]))


def test_a_query_that_is_no_text_is_answered(lumika: Lumika, client: Client) -> None:
    for name in names():
        for query in ("q=%ff%fe&before=%ed%a0%80&after=%00", "&&==&=&a[]=1&a[b]=2&%", "next=" + "a" * 60_000):
            calm(client.get(f"{address(lumika, name)}?{query}"), (name, query[:30]))


def test_fields_of_any_kind_are_refused_in_words(lumika: Lumika, client: Client) -> None:
    """Every form of every page, each of its fields filled with what nobody types."""
    dice = random.Random(8109)
    seen = 0
    for form in forms(lumika, client):
        for value in dice.sample(ODD, 2):
            calm(client.post(form.action, dict.fromkeys({*form.fields, *form.choices, *form.files}, value)), form.key)
            cache.clear()
            seen += 1
    assert seen > 30


def test_fields_beyond_any_form_are_answered(lumika: Lumika, client: Client) -> None:
    """The names that pages read one by one, where no form of ours would send them."""
    asked = [name for name in asked_names() if name not in {"language"}]
    dice = random.Random(8110)
    for name in names():
        value = dice.choice(ODD[:-1])
        if name != "account_logout":
            calm(client.post(address(lumika, name), dict.fromkeys(asked, value)), (name, value[:40]))


def test_an_unknown_method_does_nothing(lumika: Lumika, client: Client) -> None:
    before = rows()
    for number, name in enumerate(names()):
        for method in ("TRACE", ("CONNECT", "PROPFIND", "PUT", "DELETE", "PATCH", "QUERY", "BREW")[number % 7]):
            answer = client.generic(method, address(lumika, name))
            calm(answer, name)
            assert "message/http" not in answer.headers.get("Content-Type", ""), name
    assert rows() == before


def test_thousands_of_fields_are_refused(lumika: Lumika, client: Client) -> None:
    answer = client.post("/brand-in-view/", {f"f{n}": "1" for n in range(2100)})
    assert answer.status_code == 400


def test_a_body_that_is_no_form_is_answered(lumika: Lumika, client: Client) -> None:
    bodies = (
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a"),
        ("multipart/form-data", b"nothing"),
        ("application/json", b'{"a":' * 50_000),
        ("application/x-www-form-urlencoded", b"%" * 1000),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    )
    for number, name in enumerate(names()):
        kind, body = bodies[number % len(bodies)]
        calm(client.generic("POST", address(lumika, name), body, content_type=kind), (name, kind))
