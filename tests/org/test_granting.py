"""A mandate's life: offered by a link, accepted, changed, ended with a proof; and who may do each."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from siach.background import PURGES
from siach.care import actions as care
from siach.care.models import Case
from siach.insight.models import Visit
from siach.org import ending, mandates
from siach.org.actions import Refused
from siach.org.mandates import Terms
from siach.org.models import LedgerEntry, Mandate, MandateProof, Membership, Notice, Org, Team, Topic, User
from siach.org.rights import brands_for
from siach.talk.actions.muting import mute
from siach.talk.models import Mute
from tests.world import NOW, World, said

TERMS = {
    "mode": "helps",
    "data_scope": "brand",
    "rights": ["inbox.read", "case.answer"],
    "reply_approval": "all",
    "since": "2026-11-01",
    "until": "",
    "agreement": "DPA-17",
    "agreed_on": "2026-10-01",
}


def terms(**more: object) -> Terms:
    told: dict = TERMS | {"topics": [], "since": NOW, "until": None, "agreed_on": date(2026, 10, 1)}
    return Terms(**(told | more))


@pytest.fixture
def gil(world: World) -> User:
    """Owns the agency."""
    gil = User.objects.create_user("gil@example.test", None, name="Gil")
    Membership.objects.create(user=gil, team=world.agency_team, role=Membership.Role.OWNER)
    world.mandate.delete()
    return gil


def offered(world: World, **more: object) -> str:
    """The code of an offer that Noam made on the page."""
    page = world.client(world.noam).post(reverse("mandate_new"), TERMS | {"brand": world.brand.pk} | more)
    assert page.status_code == 200, page.text
    link = page.text.partition("/offers/")[2]
    return link.partition("/")[0]


def test_an_offer_is_accepted_once_by_an_owner_of_an_agency(world: World, gil: User) -> None:
    code = offered(world)
    assert not brands_for(world.ido, "inbox.read").filter(pk=world.brand.pk).exists()
    address = reverse("offer", args=[code])
    page = world.client(gil).get(address).text
    assert "לומיקה" in page and "DPA-17" in page and "dana@" not in page
    assert world.client(world.ido).post(address, {"team": world.agency_team.pk}).status_code == 404
    assert world.client(world.omer).post(address, {"team": world.agency_team.pk}).status_code == 404
    assert world.client(gil).post(address, {"team": world.agency_team.pk}).status_code == 302
    assert brands_for(world.ido, "inbox.read").filter(pk=world.brand.pk).exists()
    again = world.client(gil).get(address)
    assert again.status_code == 404 and "לומיקה" not in again.text
    assert Client().post(address, {}).status_code == 404
    made = list(LedgerEntry.objects.filter(name__startswith="mandate.").order_by("pk").values_list("name", "by", "org"))
    assert made == [("mandate.offered", world.noam.pk, world.org.pk), ("mandate.accepted", gil.pk, world.org.pk)]


def test_an_agency_that_is_new_begins_with_the_offer(world: World, gil: User) -> None:
    address = reverse("offer", args=[offered(world)])
    browser = Client(headers={"accept-language": "he"})
    assert browser.get(address).status_code == 200
    told = {"agency": "סוכנות חדשה", "name": "תמר", "email": "tamar@example.test", "password": "123"}
    assert browser.post(address, told).status_code == 422
    assert not Org.objects.filter(name="סוכנות חדשה").exists()
    assert browser.post(address, told | {"password": "a quiet morning paper"}).status_code == 302
    org = Org.objects.get(name="סוכנות חדשה")
    assert org.kind == Org.Kind.AGENCY
    tamar = User.objects.get(email="tamar@example.test")
    assert list(brands_for(tamar, "inbox.read")) == [world.brand]
    page = browser.get(reverse("mandates")).text
    assert "לומיקה" in page and reverse("mandate_new") not in page
    assert "dana@example.test" not in browser.get(reverse("team")).text


def test_an_offer_that_ran_out_or_was_withdrawn_opens_nothing(world: World, gil: User) -> None:
    old, taken = offered(world), offered(world)
    Mandate.objects.filter(code_digest=mandates.digest_of(old)).update(code_until=timezone.now())
    withdrawn = Mandate.objects.get(code_digest=mandates.digest_of(taken))
    address = reverse("mandate_end", args=[withdrawn.pk])
    assert world.client(world.noam).post(address, {"reason": "נשלח בטעות"}).status_code == 302
    for code in (old, taken, "nonsense"):
        page = world.client(gil).get(reverse("offer", args=[code]))
        assert page.status_code == 404 and "לומיקה" not in page.text
        with pytest.raises(Refused):
            mandates.accept(code=code, team=world.agency_team, by=gil, at=timezone.now())
    assert not MandateProof.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"rights": ["org.manage"]},
        {"rights": ["import.run"]},
        {"rights": ["case.answer"]},
        {"data_scope": "cases", "rights": ["source.read"]},
        {"topics": [999_999]},
        {"until": NOW - timedelta(days=1)},
        {"agreement": "  "},
        {"agreed_on": date(2027, 1, 1)},
    ],
)
def test_terms_that_lend_too_much_are_refused(world: World, more: dict) -> None:
    with pytest.raises(Refused):
        mandates.offer(brand=world.brand, terms=terms(**more), by=world.noam, at=NOW)
    with pytest.raises(Refused):
        mandates.change(mandate=world.mandate, terms=terms(**more), by=world.noam, at=NOW)
    with pytest.raises(Refused):
        mandates.offer(brand=world.rival, terms=terms(), by=world.noam, at=NOW)


def test_a_narrow_page_keeps_what_was_typed(world: World) -> None:
    told = TERMS | {"brand": world.brand.pk, "data_scope": "cases", "rights": ["source.read"]}
    page = world.client(world.noam).post(reverse("mandate_new"), told)
    assert page.status_code == 422 and "DPA-17" in page.text


def test_other_terms_hold_at_once(world: World) -> None:
    topic = Topic.objects.create(brand=world.brand, name="משלוחים", words=["משלוח"])
    client = world.client(world.noam)
    address = reverse("mandate", args=[world.mandate.pk])
    assert "משלוחים" in client.get(address).text
    told = TERMS | {"brand": world.brand.pk, "topics": [topic.pk], "until": "2199-12-31", "rights": ["inbox.read"]}
    assert client.post(address, told).status_code == 302
    world.mandate.refresh_from_db()
    assert world.mandate.topics == [topic.pk] and world.mandate.rights == ["inbox.read", "today.read"]
    assert world.mandate.until.isoformat() == "2199-12-31T22:00:00+00:00"
    assert not brands_for(world.ido, "case.answer").filter(pk=world.brand.pk).exists()
    assert ProcrastinateJob.objects.filter(task_name="release_cases", args__brand=world.brand.pk).exists()


def end(world: World) -> MandateProof:
    """Noam ends the mandate on its page, and the job behind it runs."""
    address = reverse("mandate_end", args=[world.mandate.pk])
    assert world.client(world.noam).post(address, {"reason": "ההסכם הסתיים"}).status_code == 302
    assert ProcrastinateJob.objects.filter(task_name="mandate_ended", args__mandate=world.mandate.pk).count() == 1
    return ending.close(mandate_id=world.mandate.pk, purges=PURGES, at=timezone.now())


def test_the_end_closes_gives_back_purges_and_proves(world: World) -> None:
    world.hear(said("c", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="a"))
    case = Case.objects.get()
    care.assign(case=case, to=world.ido, by=world.dana, at=timezone.now())
    care.note(case=case, text="בבדיקה", by=world.ido, at=timezone.now())
    care.keep_draft(case=case, kind="reply", text="שלום", by=world.ido, at=timezone.now())
    assert Notice.objects.filter(user=world.ido, org=world.org).count() == 1
    ido = world.client(world.ido)
    assert ido.get(reverse("case", args=[case.pk])).status_code == ido.get("/").status_code == 200
    mute(user=world.ido, author=case.author, at=timezone.now())
    assert Visit.objects.filter(user=world.ido).count() == 2
    proof = end(world)
    assert ido.get(reverse("case", args=[case.pk])).status_code == 404
    case.refresh_from_db()
    assert case.assignee is None and case.state == Case.State.OPEN
    assert not Notice.objects.filter(user=world.ido, org=world.org).exists()
    assert proof.content["purged"] == {"cases": 1, "drafts": 1, "notices": 1, "wishes": 1, "visits": 1}
    assert Visit.objects.get(user=world.ido).brand == world.led_brand and not Mute.objects.exists()
    assert proof.content["work"] == {"case.noted": 1}
    assert ending.close(mandate_id=world.mandate.pk, purges=PURGES, at=timezone.now()) == proof
    assert "לומיקה" not in ido.get(reverse("my_roles")).text + ido.get("/inbox/").text
    assert "Ido" in world.client(world.noam).get(reverse("case", args=[case.pk])).text, "the moment names who had it"


def test_the_proof_can_be_checked_by_anybody(world: World) -> None:
    proof = end(world)
    client = world.client(world.noam)
    address = reverse("mandate_proof", args=[world.mandate.pk])
    page = client.get(address).text
    assert proof.digest in page and "סוכנות ארגמן" in page and "ההסכם הסתיים" in page
    answer = client.get(address + "?form=json")
    told = json.loads(answer.content)
    written = json.dumps(told["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(written.encode()).hexdigest() == told["sha256"] == proof.digest
    lines = json.dumps(told["lines"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(lines.encode()).hexdigest() == told["content"]["work_sha256"]
    assert "attachment" in answer["Content-Disposition"]


def test_a_failed_purge_leaves_no_proof(world: World) -> None:
    def fails(**given: object) -> int:
        raise RuntimeError("not now")

    mandates.end(mandate=world.mandate, reason="x", by=world.noam, at=timezone.now())
    with pytest.raises(RuntimeError):
        ending.close(mandate_id=world.mandate.pk, purges=[*PURGES, ("odd", fails)], at=timezone.now())
    assert not MandateProof.objects.exists()
    assert not brands_for(world.ido, "inbox.read").filter(pk=world.brand.pk).exists()


def test_who_works_on_the_brand_in_another_way_keeps_what_is_theirs(world: World) -> None:
    home = Team.objects.get(org=world.org)
    Membership.objects.create(user=world.ido, team=home, role=Membership.Role.AGENT)
    world.hear(said("c", "המנורה של לומיקה הגיעה שבורה, שירות גרוע", by="a"))
    case = Case.objects.get()
    care.assign(case=case, to=world.ido, by=world.dana, at=NOW)
    assert set(end(world).content["purged"].values()) == {0}
    case.refresh_from_db()
    assert case.assignee == world.ido


def test_a_mandate_whose_time_ran_out_ends_by_itself(world: World) -> None:
    Mandate.objects.filter(pk=world.mandate.pk).update(until=timezone.now() - timedelta(minutes=1))
    assert mandates.end_lapsed(at=timezone.now()) == 1
    assert mandates.end_lapsed(at=timezone.now()) == 0
    world.mandate.refresh_from_db()
    assert world.mandate.ended_at and world.mandate.ended_by is None
    assert ProcrastinateJob.objects.filter(task_name="mandate_ended", args__mandate=world.mandate.pk).exists()
    ending.close(mandate_id=world.mandate.pk, purges=PURGES, at=timezone.now())
    page = world.client(world.noam).get(reverse("mandate_proof", args=[world.mandate.pk]))
    assert page.status_code == 200


def test_an_ended_mandate_takes_no_more_deeds(world: World) -> None:
    end(world)
    client = world.client(world.noam)
    assert client.post(reverse("mandate_end", args=[world.mandate.pk]), {"reason": "x"}).status_code == 422
    told = TERMS | {"brand": world.brand.pk}
    assert client.post(reverse("mandate", args=[world.mandate.pk]), told).status_code == 422
    assert client.get(reverse("mandate", args=[world.mandate.pk])).status_code == 200


@pytest.mark.parametrize("who", ["omer", "ido", "dana", "yael"])
def test_nobody_else_grants_changes_or_ends(world: World, who: str) -> None:
    client = world.client(getattr(world, who))
    for name in ("mandate", "mandate_end", "mandate_proof"):
        assert client.post(reverse(name, args=[world.mandate.pk]), {"reason": "x"}).status_code in {404, 405}
        page = client.get(reverse(name, args=[world.mandate.pk]))
        assert page.status_code in {404, 405} and "לומיקה" not in page.text
    if who == "omer":
        told = TERMS | {"brand": world.brand.pk}
        assert client.post(reverse("mandate_new"), told).status_code == 422
    world.mandate.refresh_from_db()
    assert world.mandate.ended_at is None


def test_the_agency_s_people_see_for_whom_they_work_and_until_when(world: World, gil: User) -> None:
    code = offered(world, until="2199-12-31")
    mandates.accept(code=code, team=world.agency_team, by=gil, at=timezone.now())
    page = world.client(world.ido).get(reverse("my_roles")).text
    assert "לומיקה" in page and "תמרינה" in page and "01.01.2200" in page
    assert "לומיקה" not in world.client(world.omer).get(reverse("my_roles")).text
    assert "לומיקה" in world.client(gil).get(reverse("mandates")).text
