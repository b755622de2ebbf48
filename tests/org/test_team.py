"""Settings, team: teams, roles, leaving, and the owner who stays. Topics and the view of a role stand here too."""

from __future__ import annotations

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.care import actions as care
from siach.care.models import Case
from siach.org import teams
from siach.org.actions import Refused
from siach.org.models import LedgerEntry, Mandate, Membership, Team, Topic
from siach.org.rights import brands_for
from siach.org.topics import keep_topic, remove_topic
from tests.world import NOW, World, said


def member(world: World, name: str) -> Membership:
    return Membership.objects.get(user=getattr(world, name))


def test_the_page_shows_every_team_and_the_agencies(world: World) -> None:
    page = world.client(world.noam).get(reverse("team")).text
    for word in ("Dana", "Yael", "מוקד ארגמן", "Ido"):
        assert word in page
    assert "Omer" not in page
    theirs = world.client(world.omer).get(reverse("team")).text
    assert "Dana" not in theirs and "ארגמן" not in theirs


def test_a_role_changes_at_once(world: World) -> None:
    client = world.client(world.noam)
    address = reverse("member_role", args=[member(world, "dana").pk])
    assert client.post(address, {"role": "reader"}).status_code == 302
    assert not brands_for(world.dana, "case.answer").exists()
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.name, entry.facts) == ("member.role_changed", {"was": "agent", "now": "reader"})
    client.post(address, {"role": "emperor"})
    assert member(world, "dana").role == "reader"
    assert "Dana" in client.get("/activity/").text


def test_who_leaves_gives_the_cases_back(world: World) -> None:
    world.hear(said("c", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="a"))
    case = Case.objects.get()
    care.assign(case=case, to=world.dana, by=world.noam, at=NOW)
    assert care.release(user=world.dana.pk, at=NOW) == 0
    client = world.client(world.noam)
    assert client.post(reverse("member_remove", args=[member(world, "dana").pk])).status_code == 302
    assert world.client(world.dana).get("/inbox/").status_code == 404
    assert ProcrastinateJob.objects.filter(task_name="release_cases", args__user=world.dana.pk).exists()
    assert care.release(user=world.dana.pk, at=NOW) == 1
    case.refresh_from_db()
    assert case.assignee is None and LedgerEntry.objects.filter(name="case.released").count() == 1
    assert "Dana" in client.get(reverse("case", args=[case.pk])).text and "Dana" in client.get("/activity/").text


def test_an_owner_ends_a_members_sign_ins(world: World) -> None:
    noam, dana, phone = world.client(world.noam), world.client(world.dana), world.client(world.dana)
    for browser in (noam, dana, phone):
        assert browser.get("/account/sign-in/").status_code == 200
    address = reverse("member_sign_out", args=[member(world, "dana").pk])
    for other in (world.yael, world.omer):
        assert world.client(other).post(address).status_code == 404
    assert dana.get("/inbox/").status_code == 200
    noam.post(address)
    for browser in (dana, phone):
        assert browser.get("/inbox/").status_code == 302, "out of both, and may sign in again"
    entry = LedgerEntry.objects.latest("pk")
    assert (entry.name, entry.subject_id, entry.facts) == ("member.signed_out", world.dana.pk, {"count": 2})
    assert "Dana" in noam.get("/activity/").text
    noam.post(address)
    assert LedgerEntry.objects.latest("pk") == entry, "nobody was left to sign out"
    noam.post(reverse("member_sign_out", args=[member(world, "noam").pk]))
    assert noam.get("/inbox/").status_code == 200, "the browser that asks stays"


def test_the_last_owner_stays(world: World) -> None:
    noam = member(world, "noam")
    client = world.client(world.noam)
    client.post(reverse("member_role", args=[noam.pk]), {"role": "agent"})
    client.post(reverse("member_remove", args=[noam.pk]))
    assert member(world, "noam").role == Membership.Role.OWNER
    teams.change_role(member=member(world, "yael"), role="owner", by=world.noam, at=NOW)
    teams.remove(member=noam, by=world.noam, at=NOW)
    with pytest.raises(Refused):
        teams.remove(member=member(world, "yael"), by=world.yael, at=NOW)
    with pytest.raises(Refused):
        teams.remove(member=noam, by=world.yael, at=NOW)


def test_teams_are_added_once_by_name(world: World) -> None:
    client = world.client(world.noam)
    address = reverse("team_new", args=[world.org.pk])
    for name in ("לילה", "לילה", "  "):
        assert client.post(address, {"name": name}).status_code == 302
    assert Team.objects.filter(org=world.org, name="לילה").count() == 1


@pytest.mark.parametrize("who", ["omer", "yael", "dana", "ido"])
def test_only_owners_change_their_own_house(world: World, who: str) -> None:
    client = world.client(getattr(world, who))
    dana = member(world, "dana")
    assert client.post(reverse("member_role", args=[dana.pk]), {"role": "owner"}).status_code == 404
    assert client.post(reverse("member_remove", args=[dana.pk])).status_code == 404
    assert client.post(reverse("team_new", args=[world.org.pk]), {"name": "x"}).status_code == 404
    assert member(world, "dana").role == "agent"


def test_topics_are_kept_changed_and_removed(world: World) -> None:
    client = world.client(world.yael)
    address = reverse("topics", args=[world.brand.pk])
    given = {"new-name": "משלוחים", "new-words": "משלוח\nשליח", "new-is_value": "on"}
    assert client.post(address, given).status_code == 302
    topic = Topic.objects.get()
    assert topic.words == ["משלוחים", "משלוח", "שליח"] and topic.is_value
    assert client.post(address, given).status_code == 422
    change = {f"t{topic.pk}-name": "הובלה", f"t{topic.pk}-words": "הובלות"}
    assert client.post(reverse("topic_change", args=[topic.pk]), change).status_code == 302
    topic.refresh_from_db()
    assert (topic.name, topic.words, topic.is_value) == ("הובלה", ["הובלה", "הובלות"], False)
    assert client.post(reverse("topic_change", args=[topic.pk]), {}).status_code == 422
    assert "הובלות" in client.get(address).text and "הובלה" in client.get("/activity/").text
    assert client.post(reverse("topic_remove", args=[topic.pk])).status_code == 302
    assert not Topic.objects.exists()


def test_a_topic_of_a_living_mandate_cannot_go(world: World) -> None:
    topic = keep_topic(brand=world.brand, topic=None, name="x", words=[], is_value=False, by=world.yael, at=NOW)
    Mandate.objects.filter(pk=world.mandate.pk).update(topics=[topic.pk])
    with pytest.raises(Refused):
        remove_topic(topic=topic, by=world.yael, at=NOW)
    world.client(world.yael).post(reverse("topic_remove", args=[topic.pk]))
    assert Topic.objects.exists()


@pytest.mark.parametrize("who", ["omer", "dana", "ido"])
def test_nobody_else_touches_topics(world: World, who: str) -> None:
    topic = Topic.objects.create(brand=world.brand, name="x")
    client = world.client(getattr(world, who))
    for name, pk in (("topics", world.brand.pk), ("topic_change", topic.pk), ("topic_remove", topic.pk)):
        assert client.post(reverse(name, args=[pk]), {"new-name": "y"}).status_code == 404


def test_the_stream_is_filtered_by_topic(world: World) -> None:
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    world.hear(said("a", "המשלוח של לומיקה מקסים"), said("b", "לומיקה נהדרת"))
    page = world.client(world.dana).get(f"/stream/?topic={topic.pk}&period=90").text
    assert "המשלוח של לומיקה מקסים" in page and "לומיקה נהדרת" not in page
    assert page.count('dots"><bdi>משלוחים</bdi>') == 1
