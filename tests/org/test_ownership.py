"""A forgotten password, a new email, the browsers signed in; and what none of them gives away."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.org import ownership
from siach.org.live import Hub
from siach.org.models import LedgerEntry, Mail, Org, User
from siach.org.sessions import end_sessions, stream_key
from tests.mailbox import Mailbox
from tests.world import PASSWORD, World

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

NEW = "an evening by the old lamp"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def nobody_tried_yet(db: None) -> None:
    cache.clear()


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.language = "en"
    user.save()
    return user


def work(mailbox: Mailbox) -> None:
    """Do what the worker would: look the addresses up, and send."""
    for job in ProcrastinateJob.objects.filter(task_name="forgotten").order_by("pk"):
        ownership.send_password_link(sealed=job.args["sealed"], at=timezone.now())
    mailbox.deliver(at=timezone.now())


def link_in(text: str) -> str:
    found = re.search(r"http://localhost:8000(\S+)", text)
    assert found
    return found[1]


def test_a_forgotten_password_is_set_anew_once(world: World, mailbox: Mailbox) -> None:
    dana = with_password(world.dana)
    elsewhere = world.client(dana)
    elsewhere.get("/")
    assert Client().post("/account/forgotten/", {"email": "DANA@example.test"}).status_code == 200
    assert not Mail.objects.exists(), "nothing is looked up while somebody waits"
    work(mailbox)
    assert mailbox.receivers == [dana.email]
    link = link_in(mailbox.texts[0])
    client = Client(headers={"accept-language": "en"})
    assert client.get(link).status_code == 200
    assert client.post(link, {"new": "short"}).status_code == 422
    assert client.post(link, {"new": NEW}).headers["Location"] == "/account/login/"
    assert "_auth_user_id" not in client.session
    assert client.post(link, {"new": "something else entirely"}).status_code == 422
    dana.refresh_from_db()
    assert dana.check_password(NEW)
    assert elsewhere.get("/").status_code == 302
    assert LedgerEntry.objects.filter(name="person.password_reset", by=dana).count() == 1


def test_the_page_tells_nobody_who_has_an_account(world: World, mailbox: Mailbox) -> None:
    answers = [Client().post("/account/forgotten/", {"email": one}) for one in (world.dana.email, "no@example.test")]
    shown = [re.sub(r'name="csrf[^>]+>|"X-CSRFToken": "[^"]+"', "", answer.text) for answer in answers]
    assert shown[0] == shown[1] and {answer.status_code for answer in answers} == {200}
    assert ProcrastinateJob.objects.filter(task_name="forgotten").count() == 2
    assert "example.test" not in str(list(ProcrastinateJob.objects.values_list("args", flat=True)))
    work(mailbox)
    assert mailbox.receivers == [world.dana.email]


def test_asking_is_limited_by_account_and_a_link_runs_out(
    world: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = [Client().post("/account/forgotten/", {"email": world.dana.email}).status_code for _try in range(6)]
    assert statuses == [200] * 5 + [429]
    work(mailbox)
    link = link_in(mailbox.texts[-1])
    assert Client().get(link).status_code == 200
    monkeypatch.setattr(
        "django.contrib.auth.tokens.PasswordResetTokenGenerator._now",
        lambda self: (timezone.now() + timedelta(minutes=61)).replace(tzinfo=None),
    )
    assert Client().get(link).status_code == 422


def test_a_forged_host_changes_no_link(world: World, mailbox: Mailbox, settings: SettingsWrapper) -> None:
    forged = Client(headers={"host": "elsewhere.example"})
    assert forged.post("/account/forgotten/", {"email": world.dana.email}).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    assert forged.post("/account/forgotten/", {"email": world.dana.email}).status_code == 200
    work(mailbox)
    assert "elsewhere" not in mailbox.texts[0] and "http://localhost:8000/" in mailbox.texts[0]


def test_sign_in_works_the_same_for_every_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: each try hashes exactly one password, whoever is asked for."""
    with_password(world.noam)
    hashed: list[str] = []
    verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode

    def count_verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        hashed.append("verify")
        return verify(self, password, encoded)

    def count_encode(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        hashed.append("encode")
        return encode(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", count_verify)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", count_encode)
    without_password, inactive = world.dana, with_password(world.yael)
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    tried = {}
    for email in (world.noam.email, "nobody@example.test", without_password.email, inactive.email):
        hashed.clear()
        page = Client(headers={"accept-language": "en"}).post(
            "/account/login/", {"login": email, "password": "a guess"}
        )
        tried[email] = (len(hashed), page.status_code, "The email or the password is wrong." in page.text)
    assert set(tried.values()) == {(1, 422, True)}, tried


def test_a_new_email_counts_once_it_is_proved(world: World, mailbox: Mailbox) -> None:
    dana = with_password(world.dana)
    client = world.client(dana)
    given = {"email": "Dana.New@example.test"}
    assert client.post("/account/email/", given).headers["Location"].startswith("/account/confirm/")
    client.post("/account/confirm/", {"password": PASSWORD})
    assert client.post("/account/email/", given).status_code == 302
    mailbox.deliver(at=timezone.now())
    assert mailbox.receivers == ["dana.new@example.test"]
    link = link_in(mailbox.texts[0])
    assert world.client(world.omer).get(link).status_code == 404
    assert world.client(world.omer).post(link).status_code == 404
    assert client.get(link).status_code == 200
    dana.refresh_from_db()
    assert dana.email == "dana@example.test", "opening the link changes nothing"
    assert client.post(link).status_code == 302
    dana.refresh_from_db()
    assert dana.email == "dana.new@example.test"
    mailbox.deliver(at=timezone.now())
    assert mailbox.receivers[-1] == "dana@example.test", "the address before it is told"
    assert client.post(link).status_code == 422


def test_somebody_elses_email_is_not_taken(world: World, mailbox: Mailbox) -> None:
    token = ownership.email_token(user=world.dana, email=world.omer.email)
    assert world.client(world.dana).post(f"/account/email/{token}/").status_code == 422
    assert world.client(world.dana).get("/account/email/forged/").status_code == 404


def test_browsers_are_listed_and_ended(world: World) -> None:
    world.dana.language = "en"
    world.dana.save()
    here, there, far = (world.client(world.dana) for _browser in range(3))
    here.get("/")
    there.get("/", headers={"user-agent": FIREFOX})
    far.get("/")
    page = here.get("/account/sign-in/")
    assert "Firefox" in page.text and "Linux" in page.text and page.text.count("place unknown") == 3
    one = UserSession.objects.get(session_key=there.session.session_key)
    assert world.client(world.omer).post("/account/sessions/end/", {"session": one.pk}).status_code == 302
    assert there.get("/").status_code == 200, "Omer ends nothing of hers"
    here.post("/account/sessions/end/", {"session": one.pk})
    assert there.get("/").headers["Location"].startswith("/account/login/")
    assert far.get("/").status_code == 200
    here.post("/account/sessions/end/")
    assert far.get("/").status_code == 302 and here.get("/").status_code == 200
    counts = LedgerEntry.objects.filter(name="person.sessions_ended", by=world.dana).order_by("pk")
    assert [entry.facts for entry in counts] == [{"count": 1}, {"count": 1}]
    assert here.post("/account/sessions/end/", {"session": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_live_stream_ends_with_its_session() -> None:
    user = User.objects.create_user("live@example.test", None, name="Live")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    key = client.session.session_key
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key=key, user_agent="")

    def end() -> None:
        end_sessions(user=user, at=timezone.now())
        connection.close()

    async def listen() -> list[str]:
        hub = Hub()
        mine, other = hub.stream(frozenset({1}), user.pk, stream_key(key)), hub.stream(frozenset({1}), 0, "other")
        assert await anext(other) and await anext(mine)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(end)
        rest = [event async for event in mine]
        await other.aclose()  # type: ignore[attr-defined]
        return rest

    # In a thread of its own: a browser of another test may hold this one's loop.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(asyncio.wait_for(listen(), 20))).result() == []
    Org.objects.all().delete()
