"""The second factor: set up, asked for by every way in, good once, and never gone round."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from siach.org import factors
from siach.org.actions import Refused, sign_in_link
from siach.org.models import LedgerEntry, Mandate, Membership, Org, Team, User
from tests.alone import no_loop
from tests.world import PASSWORD, World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def nobody_tried_yet(db: None) -> None:
    cache.clear()


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))


def guarded(user: User) -> User:
    """With a password and an app."""
    user.set_password(PASSWORD)
    user.language = "en"
    user.save()
    factors.add_app(user=user, secret=SECRET, at=timezone.now())
    return user


def past_the_password(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD, "next": "/settings/"})
    assert answer.headers["Location"] == "/account/second-step/"
    assert "_auth_user_id" not in client.session
    return client


def names(user: User) -> list[str]:
    return list(LedgerEntry.objects.filter(by=user).order_by("pk").values_list("name", flat=True))


@pytest.mark.parametrize("language", ["he", "en"])
def test_an_app_is_set_up_by_its_picture_and_first_code(world: World, language: str) -> None:
    world.dana.language = language
    world.dana.save()
    client = world.client(world.dana)
    page = client.get("/account/factor/app/")
    assert page.status_code == 200 and 'src="data:image/svg+xml;base64,' in page.text
    secret = client.session["mfa.totp.secret"]
    assert secret in page.text
    assert client.post("/account/factor/app/", {"code": "000000"}).status_code == 422
    assert not factors.has_factor(world.dana)
    assert client.post("/account/factor/app/", {"code": code(secret)}).headers["Location"] == "/account/codes/"
    kept = Authenticator.objects.get(user=world.dana, type="totp")
    assert secret not in str(kept.data), "sealed with the key ring"
    shown = re.findall(r"<code>(\d{8})</code>", client.get("/account/codes/").text)
    assert len(set(shown)) == 10
    file = client.get("/account/codes/file/")
    assert all(one in file.text for one in shown) and "attachment" in file.headers["Content-Disposition"]
    assert names(world.dana) == ["person.factor_added"]
    assert world.client(world.dana).get("/account/codes/").headers["Location"] == "/account/sign-in/", "shown once"


def test_the_password_alone_opens_nothing(world: World) -> None:
    client = past_the_password(guarded(world.noam))
    for address in ("/", "/settings/", "/account/sign-in/"):
        assert client.get(address).status_code in {302, 404}, address
    with no_loop():
        assert client.get("/live/").status_code == 404
    before = client.session.session_key
    assert client.post("/account/second-step/", {"code": "123456"}).status_code == 422
    answer = client.post("/account/second-step/", {"code": code()})
    assert answer.headers["Location"] == "/settings/"
    assert client.session["_auth_user_id"] == str(world.noam.pk)
    assert client.session.session_key != before, "a session key from before the second step is worth nothing"


def test_a_one_time_link_is_asked_for_it_too(world: World) -> None:
    guarded(world.noam)
    client = Client()
    link = sign_in_link(at=timezone.now(), address="http://testserver")
    assert client.post(link).headers["Location"] == "/account/second-step/"
    assert "_auth_user_id" not in client.session
    assert client.post("/account/second-step/", {"code": code()}).headers["Location"] == "/"


def test_a_code_is_good_once(world: World) -> None:
    noam, used = guarded(world.noam), code()
    assert past_the_password(noam).post("/account/second-step/", {"code": used}).status_code == 302
    again = past_the_password(noam).post("/account/second-step/", {"code": used})
    assert again.status_code == 422
    recovery = factors.codes_of(noam)[0]
    assert past_the_password(noam).post("/account/second-step/", {"code": recovery}).status_code == 302
    assert past_the_password(noam).post("/account/second-step/", {"code": recovery}).status_code == 422
    assert recovery not in factors.codes_of(noam) and len(factors.codes_of(noam)) == 9


def test_guessing_codes_ends_after_a_few_attempts(world: World) -> None:
    """By person, so that many addresses and many sessions guess no more than one."""
    noam = guarded(world.noam)
    for guess in range(6):
        page = past_the_password(noam).post("/account/second-step/", {"code": f"{guess:06}"})
    assert page.status_code == 422 and "Too many attempts" in page.text
    assert past_the_password(noam).post("/account/second-step/", {"code": code()}).status_code == 422


def test_nobody_takes_the_second_step_without_the_first(world: World) -> None:
    guarded(world.noam)
    for answer in (Client().get("/account/second-step/"), Client().post("/account/second-step/", {"code": code()})):
        assert answer.headers["Location"] == "/account/login/"


def test_changing_the_ways_in_asks_again_who_it_is(world: World) -> None:
    """Whoever finds a browser open must not make it theirs."""
    noam = guarded(world.noam)
    client, pk = world.client(noam, "en"), Authenticator.objects.get(user=noam, type="totp").pk
    for address in ("/account/factor/app/", "/account/factor/passkey/", f"/account/factor/{pk}/remove/"):
        assert client.get(address).headers["Location"].startswith("/account/confirm/?next="), address
    for address in (f"/account/factor/{pk}/remove/", "/account/codes/new/"):
        assert client.post(address).headers["Location"].startswith("/account/confirm/"), address
    assert factors.has_factor(noam) and len(factors.codes_of(noam)) == 10
    page = client.post("/account/confirm/", {"password": "not this one", "next": "/account/factor/passkey/"})
    assert page.status_code == 422 and "Wrong password." in page.text
    away = {"password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/account/confirm/", away).headers["Location"] == "/account/sign-in/"
    assert client.get("/account/factor/passkey/").status_code == 200


def test_confirming_by_code_and_its_limit(world: World) -> None:
    client = world.client(guarded(world.noam), "en")
    assert client.post("/account/confirm/", {"code": code()}).status_code == 302
    assert client.get("/account/factor/passkey/").status_code == 200
    statuses = [client.post("/account/confirm/", {"password": f"guess {n}"}).status_code for n in range(11)]
    assert statuses[-1] == 429


def test_the_last_factor_takes_its_codes_along(world: World) -> None:
    client = world.client(guarded(world.noam))
    client.post("/account/confirm/", {"password": PASSWORD})
    pk = Authenticator.objects.get(user=world.noam, type="totp").pk
    assert client.get(f"/account/factor/{pk}/remove/").status_code == 200
    assert client.post(f"/account/factor/{pk}/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=world.noam).exists()
    assert names(world.noam)[-1] == "person.factor_removed"
    with pytest.raises(Refused):
        factors.remake_codes(user=world.noam, at=timezone.now())


def test_new_codes_end_the_old_ones(world: World) -> None:
    noam = guarded(world.noam)
    old = factors.codes_of(noam)
    client = world.client(noam)
    client.post("/account/confirm/", {"password": PASSWORD})
    assert client.post("/account/codes/new/").headers["Location"] == "/account/codes/"
    assert not set(old) & set(factors.codes_of(noam))
    assert past_the_password(noam).post("/account/second-step/", {"code": old[0]}).status_code == 422


def test_a_role_that_must_have_one_is_led_to_it_from_every_page(world: World) -> None:
    owner = world.client(world.noam, "en")
    given = {"org": world.org.pk, "roles": ["agent", "lead"]}
    assert owner.post("/settings/ways-in/", given).headers["Location"] == "/settings/ways-in/"
    world.org.refresh_from_db()
    assert world.org.factor_roles == ["lead", "agent"]
    dana = world.client(world.dana)
    for address in ("/", "/inbox/", "/stream/", "/live/", "/account/password/x"):
        assert dana.get(address).status_code in {302, 404}, address
    assert dana.get("/inbox/").headers["Location"] == "/account/sign-in/"
    assert dana.post("/capture/", {"text": "x"}).headers["Location"] == "/account/sign-in/"
    page = dana.get("/account/sign-in/")
    assert page.status_code == 200 and "לומיקה" not in page.text
    factors.add_app(user=world.dana, secret=SECRET, at=timezone.now())
    assert dana.get("/inbox/").status_code == 200
    assert owner.get("/").status_code == 200, "an owner is not asked"


@pytest.mark.parametrize(
    ("mandate", "is_asked"),
    [
        ({}, True),
        ({"data_scope": Mandate.Scope.CASES}, True),
        ({"ended_at": timezone.now()}, False),
        ({"until": timezone.now() - timedelta(minutes=1)}, False),
        ({"since": timezone.now() + timedelta(days=1)}, False),
        ({"accepted_at": None}, False),
    ],
    ids=["in force", "on cases alone", "ended", "ran out", "not begun", "only offered"],
)
def test_a_client_asks_it_of_an_agencys_people_while_a_mandate_is_in_force(
    world: World, mandate: dict, is_asked: bool
) -> None:
    Mandate.objects.filter(pk=world.mandate.pk).update(**mandate)
    factors.ask_factor(org=world.org, roles=["lead"], by=world.noam, at=timezone.now())
    ido = world.client(world.ido)
    if not is_asked:
        assert ido.get("/account/notices/").status_code == 200
        return
    assert ido.get("/inbox/").headers["Location"] == "/account/sign-in/"
    page = ido.get("/account/sign-in/").text
    assert "דורש אימות דו־שלבי" in page and "לומיקה" not in page
    factors.add_app(user=world.ido, secret=SECRET, at=timezone.now())
    assert ido.get("/inbox/").status_code == 200


def test_a_client_asks_it_of_the_role_in_the_team_that_holds_its_mandate(world: World) -> None:
    """Neither of other roles there, nor of other teams of the agency."""
    factors.ask_factor(org=world.org, roles=["agent"], by=world.noam, at=timezone.now())
    elsewhere = Team.objects.create(org=world.agency, name="צוות אחר")
    Membership.objects.create(user=world.ido, team=elsewhere, role="agent")
    assert not factors.must_add_factor(world.ido), "a lead on the client's brand, an agent elsewhere"
    Membership.objects.filter(user=world.ido, team=world.agency_team).update(role="agent")
    assert factors.must_add_factor(world.ido)
    assert not factors.must_add_factor(world.omer)


def test_only_an_owner_asks_and_only_in_their_own_organisation(world: World) -> None:
    for person, status in ((world.dana, 404), (world.yael, 404), (world.omer, 404)):
        answer = world.client(person).post("/settings/ways-in/", {"org": world.org.pk, "roles": ["owner"]})
        assert answer.status_code == status
    given = {"org": world.org.pk, "roles": ["emperor"]}
    assert world.client(world.noam).post("/settings/ways-in/", given).status_code == 422
    assert Org.objects.get(pk=world.org.pk).factor_roles == []


def test_whoever_runs_siach_takes_a_lost_factor_away(world: World) -> None:
    guarded(world.dana)
    assert factors.drop_factors(user=world.dana, at=timezone.now()) == 2
    assert factors.drop_factors(user=world.dana, at=timezone.now()) == 0
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.name, entry.by, entry.facts) == ("person.factor_removed", None, {"kind": "all"})
    assert "Dana" in world.client(world.noam).get("/activity/").text


def test_nobody_touches_another_persons_factor(world: World) -> None:
    guarded(world.noam)
    pk = Authenticator.objects.get(user=world.noam, type="totp").pk
    for person in (world.omer, world.dana):
        client = world.client(person)
        assert client.post(f"/account/factor/{pk}/remove/").status_code == 404
        assert client.post(f"/account/factor/{pk}/name/", {"name": "x"}).status_code == 404
    assert factors.has_factor(world.noam)


FORMS = ["confirm/", "factor/app/", "factor/passkey/", "codes/new/", "sessions/end/", "email/", "second-step/"]
FORMS += ["passkey/", "forgotten/", "sso/", "login/", "password/"]


@pytest.mark.parametrize("address", [f"/account/{form}" for form in FORMS] + ["/settings/ways-in/"])
def test_no_form_is_sent_from_another_site(world: World, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.noam, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address, {"code": "1"}).status_code == 403


def test_a_lost_key_ring_is_told_and_lets_nobody_in(world: World) -> None:
    noam = guarded(world.noam)
    for row in Authenticator.objects.filter(user=noam):
        row.data = {name: "lost" if isinstance(value, str) else value for name, value in row.data.items()}
        row.save()
    page = past_the_password(noam).post("/account/second-step/", {"code": code()})
    assert page.status_code == 422 and "is lost" in page.text


def test_a_scout_may_have_one_too(world: World) -> None:
    Membership.objects.filter(user=world.dana).update(role=Membership.Role.SCOUT)
    assert world.client(world.dana).get("/account/factor/app/").status_code == 200


def test_what_must_be_seen_soon_is_gone_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client(world.dana)
    client.get("/account/factor/app/")
    client.post("/account/factor/app/", {"code": code(client.session["mfa.totp.secret"])})
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr("siach.org.pages.factor.time.time", later.timestamp)
    assert client.get("/account/codes/file/").headers["Location"] == "/account/sign-in/"
