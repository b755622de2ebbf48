"""The queue, its views and counts, and a case as one conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from siach.care import actions
from siach.care.models import Case
from siach.care.queries import badge, chips, conversation, customer_card, queue
from siach.talk.actions.taking import Place, take_in
from siach.talk.connections import FetchedAuthor, FetchedPost
from siach.talk.models import Source
from tests.care.conftest import COMPLAINT
from tests.world import NOW, said


def rows(desk, view="all", **more):
    return queue(brands=[desk.world.brand], view=view, user=desk.world.dana, at=NOW, **more)


def test_the_nearest_breach_stands_first(desk):
    calm = desk.case("לומיקה, יש לכם מנורה עומדת?", by="a")
    grave = desk.case("המנורה של לומיקה עלתה באש, סכנה!", by="b")
    complaint = desk.case(by="c")
    assert [row.case for row in rows(desk).rows] == [grave, complaint, calm]
    assert [row.clock.level for row in rows(desk).rows] == ["calm"] * 3
    late = queue(brands=[desk.world.brand], view="all", user=desk.world.dana, at=NOW + timedelta(minutes=12))
    assert late.rows[0].clock.level == "late"


def test_safety_stands_before_every_clock(desk):
    late = [desk.case(by=f"fan{n}") for n in range(3)]
    Case.objects.update(due_at=NOW - timedelta(hours=2))
    grave = desk.case("המנורה של לומיקה עלתה באש, סכנה!", by="b")
    assert grave.priority == 1
    pages, after = [], ""
    for _page in range(4):
        page = rows(desk, after=after, limit=1)
        pages, after = [*pages, *(row.case for row in page.rows)], page.after
    assert pages == [grave, *late] and not after


def test_pages_of_the_queue_hold_every_case_once(desk):
    made = [desk.case(by=f"fan{n}") for n in range(7)]
    for view, cases in (("all", made), ("waiting", []), ("ended", [])):
        seen, after = [], ""
        while True:
            page = rows(desk, view, after=after, limit=3)
            seen += [row.case.pk for row in page.rows]
            after = page.after
            if not after:
                break
        assert sorted(seen) == sorted(case.pk for case in cases)
    for case in made:
        actions.resolve(case=case, by=desk.world.dana, at=NOW + timedelta(minutes=case.pk % 3))
    first = rows(desk, "ended", limit=3)
    second = rows(desk, "ended", limit=9, after=first.after)
    assert {row.case.pk for row in (*first.rows, *second.rows)} == {case.pk for case in made}


@pytest.mark.parametrize(
    "after", ["nonsense", "~", "2026~x", "2026-13-45T00:00:00~5", "p1~", "p1~x~1", "~99999999999999999999"]
)
def test_a_cursor_that_nobody_gave_out_starts_at_the_beginning(desk, after):
    desk.case()
    assert len(rows(desk, after=after).rows) == 1


def test_views_chips_and_the_number_in_the_menu(desk):
    world = desk.world
    mine, theirs, free, ended = (desk.case(by=name) for name in "abcd")
    actions.assign(case=mine, to=world.dana, by=world.dana, at=NOW)
    actions.assign(case=theirs, to=world.ido, by=world.ido, at=NOW)
    actions.resolve(case=ended, by=world.dana, at=NOW)
    desk.deliver(desk.answer(free))
    assert [row.case for row in rows(desk, "mine").rows] == [mine]
    assert [row.case for row in rows(desk, "waiting").rows] == [free]
    assert [row.case for row in rows(desk, "ended").rows] == [ended]
    found = {chip.view: chip.count for chip in chips(brands=[world.brand], user=world.dana)}
    assert found == {"all": 2, "mine": 1, "unassigned": 0, "waiting": 1, "ended": None}
    assert badge(brands=[world.brand], user=world.dana) == 1
    assert badge(brands=[world.brand], user=world.noam, manages=True) == 2
    assert badge(brands=[world.other_brand], user=world.omer) == 0


def test_the_queue_tells_of_an_answer_in_trouble(desk):
    from siach.talk.connections import NetworkError

    case = desk.case()
    desk.network.fault = NetworkError("no", "never")
    desk.deliver(desk.answer(case))
    assert rows(desk).rows[0].reply == "failed"


def test_our_answer_stands_once_when_the_network_tells_it_back(desk):
    case = desk.case()
    reply = desk.deliver(desk.answer(case))
    desk.world.hear(
        said(reply.outgoing.external_id, reply.outgoing.body, by="lumika", parent=case.post.key, root=case.post.key),
        said("by-app", "נכתב מהטלפון", by="lumika", parent=case.post.key, root=case.post.key),
        said("else", "מישהו אחר", by="other", parent=case.post.key, root=case.post.key),
    )
    actions.note(case=case, text="בדקתי", by=desk.world.dana, at=NOW)
    talk = conversation(case, user=desk.world.dana, at=NOW)
    kinds = [item.kind for item in talk.items if item.kind not in ("day", "moment")]
    assert sorted(kinds) == ["note", "ours", "post", "post", "reply"]
    assert [item.said for item in talk.items if item.kind == "ours"] == ["נכתב מהטלפון"]
    assert [post.pk for post in talk.posts] == [case.post_id]
    assert [item.entry.name for item in talk.items if item.kind == "moment"] == ["case.opened"]


def test_days_are_cut_in_the_zone_of_the_page(desk):
    late = NOW.replace(hour=21, minute=50)
    case = desk.case(at=late)
    desk.hear("ומתי?", under=case.post, at=late + timedelta(minutes=20))
    with timezone.override("Asia/Jerusalem"):
        assert len([item for item in conversation(case, user=desk.world.dana, at=NOW).items if item.kind == "day"]) == 2
    with timezone.override("America/New_York"):
        assert len([item for item in conversation(case, user=desk.world.dana, at=NOW).items if item.kind == "day"]) == 1


def test_a_long_thread_keeps_the_posts_that_the_case_stands_on(desk):
    case = desk.case()
    crowd = [
        said(f"c{n}", f"תגובה {n}", by=f"x{n}", parent=case.post.key, root=case.post.key, at=NOW + timedelta(minutes=n))
        for n in range(1, 131)
    ]
    desk.world.hear(*crowd, at=NOW + timedelta(hours=3))
    talk = conversation(Case.objects.get(pk=case.pk), user=desk.world.dana, at=NOW)
    assert talk.left_out
    assert next(item.post for item in talk.items if item.post).pk == case.post_id
    assert [post.pk for post in talk.posts] == [case.post_id]


def test_someone_heard_in_a_closed_place_has_no_profile(desk):
    world = desk.world
    group = Source.objects.create(
        org=world.org, brand=world.brand, network="facebook", kind="capture", connected_at=world.source.connected_at
    )
    post = FetchedPost(
        external_id="cap", url="", text=COMPLAINT, said_at=NOW, author=FetchedAuthor("alias", "", "יעל מ.")
    )
    taken = take_in([post], source=group, at=NOW, place=Place("הורים", True))
    world.carry(taken.batches)
    card = customer_card(Case.objects.get(), brands=[world.brand], user=world.dana)
    assert (card.earlier, card.dots) == ((), ())


def test_where_nothing_can_be_posted_the_page_says_where_to_reply(desk):
    world = desk.world
    facts = {"org": world.org, "brand": world.brand, "connected_at": world.source.connected_at}
    group = Source.objects.create(network="facebook_group", kind="capture", **facts)
    there = "https://facebook.example/groups/1/posts/2"
    post = FetchedPost(external_id="cap", url=there, text=COMPLAINT, said_at=NOW, author=FetchedAuthor("a", "", "יעל"))
    world.carry(take_in([post], source=group, at=NOW, place=Place("הורים", True)).batches)
    address = f"/inbox/{Case.objects.get().pk}/"
    assert "שיח לא מפרסם בקבוצות פייסבוק." in world.client(world.dana).get(address).text
    world.dana.language = "en"
    world.dana.save()
    page = world.client(world.dana).get(address).text
    assert "Siach cannot post in Facebook groups. Reply there" in page
    assert f'href="{there}" target="_blank" rel="noopener nofollow">Open the post there</a>' in page
    assert '<details class="way say-inside" name="compose" open>' in page, "the note is at hand"


def test_the_gravest_is_called_what_it_is_about(desk):
    case = desk.case("לומיקה, האהיל עלה באש, סכנה!")
    page = desk.world.client(desk.world.dana).get("/inbox/").text
    assert case.priority == 1 and "<bdi>P1</bdi> בטיחות</span>" in page


def test_the_card_shows_earlier_cases_and_tone(desk):
    first = desk.case()
    actions.resolve(case=first, by=desk.world.dana, at=NOW)
    second = desk.case("לומיקה, שוב שירות גרוע", at=NOW + timedelta(hours=2))
    card = customer_card(second, brands=[desk.world.brand], user=desk.world.dana)
    assert card.earlier == (first,)
    assert [dot.tone for dot in card.dots] == ["neg", "neg"]
    assert customer_card(second, brands=[desk.world.other_brand], user=desk.world.dana).earlier == ()
