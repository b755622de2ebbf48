"""The filters of the Inbox, and its views under a name: one's own or the team's, beside those of the Stream."""

from __future__ import annotations

import re

from siach.care.models import Case
from siach.org.models import LedgerEntry, Mandate, Topic
from siach.talk.actions.leaving import drop_wishes_of
from siach.talk.models import SavedView
from tests.care.conftest import Desk
from tests.world import NOW

GRAVE = {"name": "דחופות שלי", "view": "mine", "priority": "2"}


def rows(page: str) -> set[str]:
    return set(re.findall(r'id="row-(\d+)"', page))


def test_each_filter_narrows_the_queue_and_its_counts(desk: Desk) -> None:
    late = Topic.objects.create(brand=desk.world.brand, name="משלוחים", words=["המנורה"])
    lamp = desk.case(by="a")
    asks = desk.case("לומיקה, יש לכם אהיל לסלון?", by="b")
    danger = desk.case("לומיקה, האהיל עלה באש, סכנה!", by="c")
    dana = desk.world.client(desk.world.dana)
    every = {str(case.pk) for case in (lamp, asks, danger)}
    assert rows(dana.get("/inbox/").text) == every
    for asked, case in (
        ("priority=1", danger),
        (f"intent={asks.intent}", asks),
        (f"topic={late.pk}", lamp),
        (f"priority=3&topic={late.pk}", lamp),
    ):
        page = dana.get(f"/inbox/?{asked}").text
        assert rows(page) == {str(case.pk)}, asked
        counts = re.search(r'id="view-all"[^>]*>(.*?)</a>', page)
        assert counts and re.sub(r"<[^>]*>", "", counts[1]).endswith(" 1"), counts
        link = f'href="/inbox/{case.pk}/?view=all&amp;{asked.replace("&", "&amp;")}"'
        assert link in page, "a row leads to its case with the filters"
        assert rows(dana.get(f"/inbox/?{asked}&part=queue").text) == {str(case.pk)}
    assert rows(dana.get(f"/inbox/?network={lamp.thread.network}").text) == every
    empty = dana.get("/inbox/?priority=1&view=mine").text
    assert "אין פנייה שמתאימה לסינון" in empty and 'href="/inbox/?view=mine"' in empty
    for nonsense in ("priority=9", "intent=x", "topic=1e9", "view=no", "network=%00"):
        assert rows(dana.get(f"/inbox/?{nonsense}").text) == every, nonsense


def test_the_filters_stay_through_a_case_and_its_deeds(desk: Desk) -> None:
    case = desk.case()
    dana = desk.world.client(desk.world.dana)
    page = dana.get(f"/inbox/{case.pk}/?priority=3&view=all").text
    assert f'action="/inbox/{case.pk}/resolve/?view=all&amp;priority=3"' in page
    done = dana.post(f"/inbox/{case.pk}/note/?view=all&priority=3", {"text": "בדקתי"})
    assert done.headers["Location"] == f"/inbox/{case.pk}/?view=all&priority=3"


def test_a_view_of_the_inbox_is_kept_listed_and_leads_back(desk: Desk) -> None:
    world = desk.world
    case = desk.case("לומיקה, האהיל עלה באש, סכנה!")
    Case.objects.update(assignee=world.dana)
    dana = world.client(world.dana)
    assert "שמירת התצוגה" not in dana.get("/inbox/").text, "nothing is asked"
    assert "שמירת התצוגה" in dana.get("/inbox/?view=mine&priority=2").text
    back = dana.post("/inbox/views/keep/", GRAVE)
    assert back.headers["Location"] == "/inbox/?view=mine&priority=2"
    view = SavedView.objects.get()
    assert (view.screen, view.address, view.is_shared) == ("inbox", "view=mine&priority=2", False)
    page = dana.get("/inbox/").text
    chip = re.search(r'<a class="chip" href="\?view=mine&amp;priority=2" data-command="([^"]*)"[^>]*>(.*?)</a>', page)
    assert chip and GRAVE["name"] in chip[1] and GRAVE["name"] in chip[2], "a chip, and in the palette"
    assert re.sub(r"<[^>]*>", "", chip[2]).endswith(" 1"), "counted"
    assert rows(dana.get("/inbox/?view=mine&priority=2").text) == {str(case.pk)}
    assert GRAVE["name"] not in dana.get("/stream/").text, "each page has its own"
    listed = dana.get("/stream/views/").text
    assert 'href="/inbox/?view=mine&amp;priority=2"' in listed and 'id="of-inbox"' in listed
    dana.post("/inbox/views/keep/", GRAVE)
    assert "כבר" in dana.get("/inbox/").text and SavedView.objects.count() == 1, "one name once"
    dana.post("/stream/views/keep/", {"name": GRAVE["name"], "sentiment": "-1"})
    assert SavedView.objects.count() == 2, "the Stream may have a view of the same name"
    dana.post(f"/stream/views/{view.pk}/change/", {"name": "בוערות"})
    assert "בוערות" in dana.get("/inbox/").text
    dana.post(f"/stream/views/{view.pk}/remove/")
    assert not SavedView.objects.filter(screen="inbox").exists()


def test_a_shared_view_of_the_inbox_is_of_those_who_read_it(desk: Desk) -> None:
    world = desk.world
    world.client(world.dana).post("/inbox/views/keep/", GRAVE | {"share": "1"})
    ruth, reader = world.join("ruth", "agent"), world.join("rami", "reader")
    for user, sees in ((ruth, True), (reader, False), (world.ido, False), (world.omer, False)):
        assert (GRAVE["name"] in world.client(user).get("/stream/views/").text) is sees, user
    assert GRAVE["name"] in world.client(ruth).get("/inbox/").text
    assert world.client(reader).post("/inbox/views/keep/", GRAVE).status_code == 404
    assert LedgerEntry.objects.filter(name="view.shared").count() == 1


def test_what_narrows_to_a_client_goes_with_the_mandate(desk: Desk) -> None:
    """Of an agency's views those of the client go, though its people share them."""
    world = desk.world
    theirs, ours = (Topic.objects.create(brand=one, name="משלוחים") for one in (world.brand, world.led_brand))
    ido = world.client(world.ido)
    for name, topic, share in (("לבד", theirs, ""), ("יחד", theirs, "1"), ("שלנו", ours, "1")):
        asked = {"name": name, "share": share, "priority": "2", "topic": str(topic.pk)}
        assert ido.post("/inbox/views/keep/", asked).status_code == 302
    assert "יחד" in ido.get("/inbox/").text
    drop_wishes_of(user=world.ido, at=NOW)
    assert set(SavedView.objects.values_list("name", flat=True)) >= {"יחד", "שלנו"}, "the mandate is in force"
    Mandate.objects.filter(brand=world.brand).update(ended_at=NOW)
    drop_wishes_of(user=world.ido, at=NOW)
    assert list(SavedView.objects.values_list("name", flat=True)) == ["שלנו"]
