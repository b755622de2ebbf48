"""Invitations: one link, one address, one use; what a stranger, a second use and a changed form get."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from siach.org import inviting
from siach.org.actions import Refused
from siach.org.models import Invitation, LedgerEntry, Mail, Membership, Team, User
from tests.mailbox import Mailbox
from tests.world import PASSWORD, World

NEW = "maya@example.test"
GIVEN = {"name": "מאיה", "password": PASSWORD}


@pytest.fixture(autouse=True)
def nobody_tried_yet(db: None) -> None:
    cache.clear()


def team_of(world: World) -> Team:
    return Team.objects.get(org=world.org)


def link_for(world: World, email: str = NEW, role: str = "agent") -> str:
    _row, link = inviting.invite(team=team_of(world), role=role, email=email, by=world.noam, at=timezone.now())
    return link.removeprefix("http://localhost:8000")


def names() -> list[str]:
    return list(
        LedgerEntry.objects.filter(name__startswith="invitation.").order_by("pk").values_list("name", flat=True)
    )


@pytest.mark.parametrize(("language", "words"), [("he", "העתקה"), ("en", "Copy")])
def test_without_mail_the_link_stands_on_the_page_once(world: World, language: str, words: str) -> None:
    world.noam.language = language
    world.noam.save()
    client = world.client(world.noam)
    given = {"email": f" {NEW.upper()} ", "role": "lead", "team": team_of(world).pk}
    page = client.post("/settings/invitations/", given)
    link = re.search(r'value="http://localhost:8000(/invitation/[^"]+)"', page.text)
    assert page.status_code == 200 and words in page.text and link
    assert page.headers["Cache-Control"] == "no-store"
    assert link[1] not in client.get("/settings/invitations/").text
    row = Invitation.objects.get()
    assert (row.email, row.role, row.by) == (NEW, "lead", world.noam)
    assert row.expires_at - row.made_at == timedelta(days=7)
    assert link[1].split("/")[2] not in str(Invitation.objects.values().get())
    assert NEW not in world.client(world.omer).get("/settings/invitations/").text


def test_with_mail_it_is_mailed_and_shown_to_nobody_else(world: World, mailbox: Mailbox) -> None:
    client = world.client(world.noam, "en")
    given = {"email": NEW, "role": "agent", "team": team_of(world).pk}
    assert client.post("/settings/invitations/", given).headers["Location"] == "/settings/invitations/"
    assert "/invitation/" not in client.get("/settings/invitations/").text
    mailbox.deliver(at=timezone.now())
    assert mailbox.receivers == [NEW]
    (text,) = mailbox.texts
    assert "http://localhost:8000/invitation/" in text and "Noam" in text and "לומיקה" in text
    Mail.objects.update(state="failed", error="550 no such mailbox")
    assert "550 no such mailbox" in client.get("/settings/invitations/").text


def test_a_new_person_comes_in_with_the_role_of_the_invitation_only(world: World) -> None:
    """Role, team, address and rights in the form are nobody's to choose."""
    link, other = link_for(world), Team.objects.get(org=world.other_org)
    client = Client(headers={"accept-language": "en"})
    page = client.get(link)
    assert page.status_code == 200 and "Noam" in page.text and NEW in page.text
    more = {"role": "owner", "team": other.pk, "email": "x@example.test", "is_superuser": "1", "is_staff": "1"}
    assert client.post(link, GIVEN | more).headers["Location"] == "/"
    maya = User.objects.get(email=NEW)
    (member,) = Membership.objects.filter(user=maya)
    assert (member.team, member.role, maya.is_superuser) == (team_of(world), "agent", False)
    assert client.session["_auth_user_id"] == str(maya.pk)
    assert not User.objects.filter(email="x@example.test").exists()
    assert names() == ["invitation.made", "invitation.accepted"]


def test_a_link_is_used_once(world: World) -> None:
    link = link_for(world)
    assert Client().post(link, GIVEN).status_code == 302
    for answer in (Client().get(link), Client().post(link, GIVEN | {"name": "Omer"})):
        assert answer.status_code == 422 and NEW not in answer.text and "לומיקה" not in answer.text
    assert User.objects.filter(email=NEW).count() == 1


def test_what_ended_says_so_and_tells_nothing_else(world: World) -> None:
    link = link_for(world)
    row = Invitation.objects.get()
    inviting.revoke(invitation=row, by=world.noam, at=timezone.now())
    english = Client(headers={"accept-language": "en"})
    assert "was withdrawn" in english.get(link).text
    Invitation.objects.update(revoked_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert "has expired" in english.get(link).text
    guessed = english.get("/invitation/guess/").text
    assert "does not open an invitation" in guessed and "לומיקה" not in guessed
    assert not User.objects.filter(email=NEW).exists()
    with pytest.raises(Refused):
        inviting.accept(token=link.split("/")[2], **GIVEN, at=timezone.now())


def test_inviting_again_ends_the_link_before_it(world: World) -> None:
    old = link_for(world)
    client = world.client(world.noam, "en")
    given = {"email": NEW, "role": "agent", "team": team_of(world).pk}
    refused = client.post("/settings/invitations/", given)
    assert refused.status_code == 422 and Invitation.objects.count() == 1
    page = client.post(f"/settings/invitations/{Invitation.objects.get().pk}/again/")
    new = re.search(r"/invitation/[^\"]+", page.text)
    assert new and Client().get(old).status_code == 422 and Client().get(new[0]).status_code == 200
    assert names() == ["invitation.made", "invitation.made_again"]


def test_whoever_is_here_signs_in_and_joins(world: World) -> None:
    link = link_for(world, world.omer.email)
    signed_out = Client(headers={"accept-language": "en"}).get(link).text
    assert f'href="/account/login/?next={link}"' in signed_out and 'name="password"' not in signed_out
    assert Client().post(link, GIVEN).status_code == 200, "a password for somebody else's account"
    assert world.client(world.dana).post(link).status_code == 422
    assert world.client(world.omer).post(link).headers["Location"] == "/"
    assert Membership.objects.filter(user=world.omer, team=team_of(world), role="agent").exists()


def test_a_weak_password_is_refused_and_nothing_is_spent(world: World) -> None:
    link = link_for(world)
    page = Client(headers={"accept-language": "en"}).post(link, {"name": "Maya", "password": "short"})
    assert page.status_code == 422 and "too short" in page.text
    assert Client().post(link, {"name": "", "password": PASSWORD}).status_code == 422
    assert Client().post(link, GIVEN).status_code == 302


def test_guessing_links_ends_after_a_few_attempts(world: World) -> None:
    statuses = [Client().get(f"/invitation/guess-{n}/").status_code for n in range(22)]
    assert statuses[0] == 422 and statuses[-1] == 429
    cache.clear()
    statuses = [Client().post(f"/enter/guess-{n}/").status_code for n in range(22)]
    assert statuses[0] == 422 and statuses[-1] == 429


def test_only_who_manages_the_organisation_invites(world: World) -> None:
    link_for(world)
    pk = Invitation.objects.get().pk
    for person in (world.dana, world.yael, world.omer):
        client = world.client(person)
        for deed in ("again", "revoke"):
            assert client.post(f"/settings/invitations/{pk}/{deed}/").status_code == 404
    given = {"email": "x@example.test", "role": "owner", "team": team_of(world).pk}
    assert world.client(world.yael).post("/settings/invitations/", given).status_code == 404
    assert world.client(world.omer).post("/settings/invitations/", given).status_code == 422
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("address", ["/settings/invitations/", "/invitation/x/", "/enter/x/"])
def test_no_form_is_sent_from_another_site(world: World, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.noam, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address, {}).status_code == 403


def test_ended_invitations_are_forgotten(world: World) -> None:
    link_for(world)
    assert inviting.drop_old(at=timezone.now() + timedelta(days=96)) == 0
    assert inviting.drop_old(at=timezone.now() + timedelta(days=98)) == 1


def test_activity_tells_it(world: World) -> None:
    link = link_for(world)
    Client().post(link, GIVEN)
    page = world.client(world.noam).get("/activity/").text
    assert NEW in page and "מאיה" in page
