"""A drill: a storm comes in through the pretend network, bears its mark everywhere, is answered, and is scored."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from siach.background import PIPELINE, REMOVE
from siach.care.actions import answering
from siach.care.models import Case
from siach.demo import queries
from siach.demo.actions.drilling import begin, end_due, stop
from siach.demo.actions.founding import found
from siach.demo.actions.removing import ask, remove
from siach.demo.models import Drill
from siach.demo.queries import scores
from siach.org.actions import Refused
from siach.org.demos import note_loaded
from siach.org.models import Approval
from siach.talk.actions.approving import decide
from siach.talk.actions.carrying import carry_left
from siach.talk.actions.listening import listen
from siach.talk.actions.sending import send
from siach.talk.connections import FetchedAuthor, FetchedPost, Planned, stage_of
from siach.talk.models import Account, Outgoing, Post, Source, Thread
from siach.world.making import FEWEST
from siach.world.storm import Shape, heard_after, storm
from tests.demo.test_demo import kept, signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from siach.org.models import Org

pytestmark = pytest.mark.django_db

SHAPE = Shape(hours=2, posts=60, second_wave=1.2)
BEAT = timedelta(seconds=10)
ANSWERS = (
    "תודה שכתבת. אנחנו בודקים עם הסניף ונחזור לכאן היום.",
    "העוגיות הורדו מהמדפים לפני שעה; מי שקנה יקבל החזר מלא.",
    "נעים להכיר, כאן נועה מאלומה. אפשר לשלוח צילום של התווית בפרטי?",
    "המעבדה קיבלה דגימה, והתשובה שלה תתפרסם מחר בעמוד שלנו.",
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def loaded() -> Org:
    """A demo that says that it is loaded; a drill needs none of its posts."""
    org = found(end=NOW, posts=FEWEST, language="en", at=NOW)
    note_loaded(org=org, posts=0, at=NOW)
    return org


def begun(org: Org, *, seed: int = 3, **more: object) -> Drill:
    told = {"kind": "safety", "speed": 60, "shape": SHAPE, "has_trouble": False, "by": queries.owner_of(org)}
    return begin(org=org, seed=seed, at=timezone.now(), **(told | more))  # type: ignore[arg-type]


def hear(org: Org, clock: Clock) -> None:
    """What workers do, once."""
    for pk in Source.objects.filter(org=org, kind=Source.Kind.DRILL).values_list("pk", flat=True):
        Source.objects.filter(pk=pk).update(due_at=clock.now)
        listen(source_id=pk, at=clock.now)
    carry_left(PIPELINE, org_id=org.pk)


def answered(case: Case, words: str, clock: Clock) -> None:
    """The brand has answered there; what is grave was granted by its owner."""
    post, owner = Post.objects.get(pk=case.last_post_id), queries.owner_of(case.org)
    reply = answering.answer(case=case, post=post, body=words, by=owner, at=clock.now)
    for asked in Approval.objects.filter(subject_id=reply.outgoing_id):
        decide(approval=asked, place=1, grant=True, by=owner, at=clock.now)
    clock.now += timedelta(seconds=11)
    send(outgoing_id=reply.outgoing_id, at=clock.now)
    answering.answered(outgoing_id=reply.outgoing_id, at=clock.now)


def test_a_storm_is_heard_answered_marked_and_scored(clock: Clock) -> None:
    before = kept()
    org = loaded()
    drill = begun(org)
    client, done = signed_in(org), 0
    spoken = set(Account.objects.filter(org=org).values_list("network", flat=True))
    assert "The crisis is simulated" in client.get("/").text
    while clock.now < drill.ends_at + BEAT:
        hear(org, clock)
        asks = Case.objects.filter(org=org, answered_at=None, thread__network__in=spoken, post__key__in=drill.asks)
        case = asks.first()
        if case and done < len(ANSWERS):
            if not done:
                _bears_its_mark(client, case)
            answered(case, ANSWERS[done], clock)
            done += 1
        clock.now += BEAT
    assert end_due(at=clock.now) == 1 and end_due(at=clock.now) == 0
    drill.refresh_from_db()
    _was_heard_once_and_whole(drill, org)
    _score_is_right(drill, done)
    assert not Source.objects.filter(org=org, kind=Source.Kind.DRILL).exists()
    assert Case.objects.filter(org=org).exists() and not Case.objects.filter(org=org, due_at__isnull=False).exists()
    assert client.get("/inbox/").text.count('class="tag drill"') == 0
    page = client.get(f"/demo/drills/{drill.pk}/").text
    assert "No earlier drill with this scenario" in page and "A journalist asks" in page
    assert "The crisis is simulated" not in client.get("/").text
    assert ask(by=None, at=clock.now) == 2 and remove(steps=REMOVE, at=clock.now)
    assert not stage_of(org).path.exists() and not Drill.objects.exists()
    after = kept()
    del after["talk_readerrun"]  # which reader read, of no organisation
    assert after == before


def _bears_its_mark(client: Client, case: Case) -> None:
    """Wherever something of it is shown."""
    post = f"/stream/post/{case.post_id}/"
    pages = ("/", "/inbox/", f"/inbox/{case.pk}/", "/stream/", post, "/activity/", "/notices/", "/sources/")
    for address in pages:
        assert 'class="tag drill"' in client.get(address).text, address


def _was_heard_once_and_whole(drill: Drill, org: Org) -> None:
    """Every post of the storm, who thanked for an answer, and who asked again for want of one."""
    made = storm(drill.kind, drill.seed, begin=drill.begun_at, shape=SHAPE, language="en")
    heard = Counter(Post.objects.filter(org=org, author__is_ours=False).values_list("key", flat=True))
    wanted = {f"drill-{drill.pk}-{one.key}" for one in made.said}
    answers = set(Outgoing.objects.filter(org=org, state="sent").values_list("target__key", flat=True))
    for key, reaction in made.reactions.items():
        back = reaction.thanks if f"drill-{drill.pk}-{key}" in answers else reaction.again
        asked = next(one for one in made.said if one.key == key)
        in_time = asked.at + heard_after(asked) + made.patience < made.begin + timedelta(hours=2)
        if in_time or back is reaction.thanks:
            wanted.add(f"drill-{drill.pk}-{back.key}")
    assert not wanted - heard.keys() and set(heard.values()) == {1}
    assert heard.keys() - wanted <= {f"drill-{drill.pk}-{one.again.key}" for one in made.reactions.values()}
    ours = Post.objects.filter(org=org, author__is_ours=True)
    assert set(ours.values_list("key", flat=True)) == set(
        Outgoing.objects.filter(org=org, state="sent").values_list("external_id", flat=True)
    )
    assert not Thread.objects.filter(org=org, drill=None).exists()


def _score_is_right(drill: Drill, done: int) -> None:
    """As counted here by another way."""
    sheet = scores.sheet(drill)
    asks = list(Post.objects.filter(key__in=drill.asks))
    sent = dict(Outgoing.objects.filter(state="sent", target__key__in=drill.asks).values_list("target__key", "sent_at"))
    first = min(Case.objects.filter(org=drill.org).values_list("opened_at", flat=True))
    assert sheet.posts == Post.objects.filter(org=drill.org, author__is_ours=False).count()
    assert (sheet.asked, sheet.answered) == (len(asks), len(sent)) and 0 < sheet.answered <= done
    assert sheet.first_case == round((first - drill.begun_at).total_seconds() * 60)
    assert sheet.heard is not None and sheet.heard <= sheet.first_case
    late = timedelta(seconds=drill.patience / 60)
    assert sheet.in_time == sum(sent[one.key] - one.heard_at <= late for one in asks if one.key in sent)


def test_one_is_played_at_a_time_and_one_may_be_ended_early(world: World) -> None:
    org = loaded()
    owner, client = signed_in(org), world.client(world.noam, "en")
    for refused in ({"kind": "safety", "size": "small", "speed": 7}, {"kind": "flood", "size": "small", "speed": 10}):
        assert owner.post("/demo/drills/", refused).status_code == 422
    assert owner.post("/demo/drills/", {"kind": "safety", "size": "small", "speed": 10}).status_code == 302
    drill = Drill.objects.get()
    again = owner.post("/demo/drills/", {"kind": "safety", "size": "small", "speed": 10})
    assert again.status_code == 422 and "A drill is running now." in again.text
    for page in ("/demo/drills/", f"/demo/drills/{drill.pk}/"):
        assert owner.get(page).status_code == 200 and client.get(page).status_code == 404
    assert client.post(f"/demo/drills/{drill.pk}/stop/").status_code == 404
    ended = owner.post(f"/demo/drills/{drill.pk}/stop/", follow=True)
    assert "<span>early</span>" in ended.text and "Run another drill" in ended.text
    assert "none" in ended.text and "not yet" not in ended.text
    with pytest.raises(Refused):
        stop(drill=drill, by=None, at=NOW)
    third = begun(org)
    assert scores.before(third) is None  # one that was cut short is no rehearsal
    assert ask(by=None, at=NOW) == 2 and remove(steps=REMOVE, at=NOW)
    assert end_due(at=third.ends_at) == 0 and not stage_of(org).path.exists()


def test_nobody_ends_a_drill_whose_demo_goes() -> None:
    org = loaded()
    drill = begun(org)
    ask(by=None, at=NOW)
    assert end_due(at=drill.ends_at + timedelta(hours=1)) == 0


def test_what_a_beginning_left_that_was_undone_is_never_heard(clock: Clock) -> None:
    org = loaded()
    stage = stage_of(org)
    orphan = FetchedPost("orphan", "", "אלומה", NOW + timedelta(minutes=1), FetchedAuthor("a", "a"))
    stage.plan([Planned("x", "", orphan, orphan.said_at, orphan.said_at)])
    drill = begun(org)
    clock.now = drill.ends_at
    hear(org, clock)
    assert Post.objects.filter(org=org, network="x").exists() and not Post.objects.filter(key="orphan").exists()


def test_it_is_played_on_a_loaded_demo_alone(world: World) -> None:
    bare = found(end=NOW, posts=FEWEST, at=NOW)
    for org in (bare, world.org):
        with pytest.raises(Refused):
            begin(org=org, kind="safety", seed=1, speed=10, shape=SHAPE, has_trouble=False, by=None, at=NOW)
    assert signed_in(bare).get("/demo/drills/").headers["location"] == "/demo/"
    assert not Drill.objects.exists() and not Source.objects.filter(kind=Source.Kind.DRILL).exists()


def test_the_next_rehearsal_stands_beside_the_one_before(clock: Clock) -> None:
    org = loaded()
    first = begun(org)
    while not end_due(at=clock.now):
        hear(org, clock)
        clock.now += timedelta(seconds=40)
    second = begun(org, seed=4)
    clock.now += timedelta(seconds=70)
    first.refresh_from_db()
    first.score["answered"] = first.score["asked"] // 4
    first.save()
    assert scores.before(second) == first
    hear(org, clock)
    page = signed_in(org).get(f"/demo/drills/{second.pk}/").text
    _label, share = page.split("Answered, out of posts that deserved a reply")
    assert "not yet" in page and "previously:" in share and "worse" in share.split("</div>")[0]
