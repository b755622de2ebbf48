"""Sharing to Siach in a real browser: what is shared without a network or signed out waits in the browser, is shown,
and is handed in once; and the addresses behind it."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone, translation
from playwright.sync_api import Error

from siach.org.pages.worker import worker
from siach.talk.capture_form import CaptureForm
from siach.talk.models import HandedIn, Media, Post, Sighting
from siach.ui.csp import HEADERS
from tests.talk.test_capture import drawn, form
from tests.ui.site import until
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

SHARE = """([text, picture]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: "/capture/share/", enctype: "multipart/form-data" });
  const words = Object.assign(document.createElement("textarea"), { name: "text", value: text });
  const file = Object.assign(document.createElement("input"), { name: "pictures", type: "file" });
  if (picture) {
    const all = new DataTransfer();
    all.items.add(new File([Uint8Array.from(picture)], "shot.png", { type: "image/png" }));
    file.files = all.files;
  }
  form.append(words, file);
  document.body.append(form);
  form.submit();
}"""
CONTROLLED = "async () => { await navigator.serviceWorker.ready; return Boolean(navigator.serviceWorker.controller); }"


class House:
    """The pages that a browser meets, without a database: what it posted, and whether it can be reached."""

    def __init__(self) -> None:
        self.address, self.is_down, self.is_signed_in = "", False, True
        self.handed_in: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    house: House

    def log_message(self, format: str, *args: object) -> None:
        """A test says enough by itself."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.house.is_down:
            self.close_connection = True
            return
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            body = Path(str(found)).read_bytes() if found else b""
            self._say(body, guess_type(path)[0] or "font/woff2", 200 if found else 404)
        elif path == "/worker.js":
            answer = worker(RequestFactory().get(path))
            self._say(answer.content, "text/javascript")
        elif path == "/capture/outbox/send/" and not self.house.is_signed_in:
            self.send_response(302)
            self.send_header("Location", "/account/login/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/capture/outbox/send/":
            self._say(json.dumps({"owner": 7, "token": "t"}).encode(), "application/json")
        elif path == "/capture/outbox/":
            self._page("talk/outbox.html", {})
        elif path == "/capture/":
            form = CaptureForm([], initial={"key": "k"})
            self._page("talk/capture.html", {"form": form, "brands_here": [1], "places": []})
        else:
            self._say(b"<!doctype html><title>door</title>", "text/html")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.house.is_down:
            self.close_connection = True
            return
        assert self.headers["X-CSRFToken"] == "t" and self.path == "/capture/outbox/send/"
        self.house.handed_in.append(body)
        self._say(b"{}", "application/json")

    def _page(self, name: str, context: dict[str, object]) -> None:
        request = RequestFactory().get(self.path)
        request.user = AnonymousUser()
        request.user.pk = 7  # type: ignore[misc]
        with translation.override("he"):
            self._say(render_to_string(name, context, request).encode(), "text/html; charset=utf-8")

    def _say(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[House]:
    house = House()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"house": house}))
    server.daemon_threads = True
    house.address = f"http://localhost:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def house() -> Iterator[House]:
    with running() as found:
        yield found


def holds(page: Page, expression: str) -> None:
    """Waits until it is true in the page, whatever page that is by then. Playwright's own way would evaluate a string,
    which the policy refuses."""

    def is_true() -> object:
        page.wait_for_timeout(20)
        try:
            return page.evaluate(f"async () => {expression}")
        except Error:  # the page gave way to another in between
            return False

    assert until(is_true), expression


def share(page: Page, text: str, picture: bytes = b"") -> None:
    page.evaluate(SHARE, [text, list(picture)])
    page.wait_for_url(re.compile(r"\?shared="))


def test_what_is_shared_waits_and_is_handed_in_once(page: Page, house: House) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{house.address}/capture/")
    assert until(lambda: page.wait_for_timeout(20) or page.evaluate(CONTROLLED), 15)

    # With a network and signed in: straight into the form, words, link, picture and key.
    share(page, "https://www.facebook.com/groups/a/posts/1 המנורה", drawn())
    holds(page, "document.querySelector('#id_text').value !== ''")
    assert page.input_value("#id_text") == "המנורה"
    assert page.input_value("#id_url") == "https://www.facebook.com/groups/a/posts/1"
    assert page.evaluate("document.querySelector('#id_pictures').files.length") == 1
    key = page.url.partition("?shared=")[2]
    assert page.input_value("[name=key]") == key
    page.goto(f"{house.address}/capture/?done={key}")
    holds(page, f"!(await box.get('{key}'))")

    # Without one: the page that the browser keeps, with what waits.
    house.is_down = True
    share(page, "לומיקה, נשרפה", drawn())
    page.wait_for_selector("#outbox:not([hidden]) li")
    assert page.inner_text("#outbox .count") == "1" and "לומיקה, נשרפה" in page.inner_text("#outbox li")
    assert page.inner_text("h1") == "אין חיבור לשיח"
    page.go_back()
    share(page, "עוד משהו")
    page.wait_for_selector("#outbox li:nth-child(2)")
    page.click("#outbox li:first-child button")
    holds(page, "document.querySelectorAll('#outbox li').length === 1")

    # The network is back, and the session ended in between: nothing goes, nothing is lost.
    house.is_down, house.is_signed_in = False, False
    page.goto(f"{house.address}/capture/")
    page.wait_for_selector("#outbox:not([hidden]) li")
    assert not house.handed_in

    # Signed in again: it goes by itself, whole, and the outbox is empty.
    house.is_signed_in = True
    page.goto(f"{house.address}/capture/")
    assert until(lambda: page.wait_for_timeout(20) or house.handed_in)
    holds(page, "document.querySelector('#outbox')?.hidden && !(await box.all()).length")
    (body,) = house.handed_in
    assert "לומיקה, נשרפה".encode() in body and drawn() in body and b'name="key"' in body
    assert not said


def test_what_another_person_of_this_phone_shared_is_not_theirs(page: Page, house: House) -> None:
    page.goto(f"{house.address}/capture/")
    holds(page, "document.querySelector('#outbox').dataset.owner === '7'")
    page.evaluate("box.own('9')")
    page.evaluate("box.add({ key: 'a', at: 1, text: 'x', url: '', pictures: [] })")
    page.goto(f"{house.address}/capture/")
    page.wait_for_timeout(400)
    assert page.locator("#outbox li").count() == 0 and not house.handed_in
    assert page.evaluate("box.get('a').then(one => one.owner)") == "9"


# --- behind it --------------------------------------------------------------------------------------------------------


def test_the_manifest_shares_to_an_address_of_ours() -> None:
    manifest = json.loads(Path(str(finders.find("ui/manifest.webmanifest"))).read_text(encoding="utf-8"))
    target = manifest["share_target"]
    assert resolve(target["action"]).url_name == "capture_share"
    assert (target["method"], target["enctype"]) == ("POST", "multipart/form-data")
    assert target["params"]["files"] == [{"name": "pictures", "accept": ["image/*"]}]


def test_the_kept_page_holds_nothing_of_ours(db: None) -> None:
    answer = Client(headers={"accept-language": "he"}).get(reverse("outbox"))
    assert answer.status_code == 200 and 'data-owner=""' in answer.text
    assert "hx-headers" in answer.text and not answer.context["user"].is_authenticated


def test_the_outbox_is_handed_in_with_a_token_and_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    dana = world.client(world.dana)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = dana.cookies
    send = reverse("outbox_send")
    told = strict.get(send).json()
    assert told["owner"] == world.dana.pk
    thing = {"key": "11111111-1111-4111-8111-111111111111", "text": "לומיקה, נשרפה", "url": ""}

    def sent() -> int:
        body = thing | {"pictures": SimpleUploadedFile("0.png", drawn())}
        return strict.post(send, body, headers={"X-CSRFToken": told["token"]}).status_code

    assert strict.post(send, thing).status_code == 403
    assert sent() == sent() == 200
    waiting = HandedIn.objects.get(user=world.dana)
    assert waiting.told["text"] == "לומיקה, נשרפה" and len(waiting.pictures) == 1
    page = dana.get(reverse("capture"), {"shared": thing["key"]}).text
    assert f'name="waiting" value="{waiting.pk}"' in page or f'value="{waiting.pk}"' in page
    finish = form(brand=world.brand.pk, text=thing["text"], key=thing["key"])
    assert dana.post(reverse("capture"), finish).headers["Location"].endswith(f"done={thing['key']}")
    assert not HandedIn.objects.exists() and Post.objects.count() == 1
    assert sent() == 200 and not HandedIn.objects.exists() and Sighting.objects.count() == 1
    assert Media.objects.count() == 0
    assert Client().get(send).status_code == 302
