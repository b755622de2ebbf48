"""Replies to approve on Today: one row with their case, counted for whoever is asked."""

from __future__ import annotations

from datetime import timedelta

from siach.care import actions as care
from siach.org.approval_rules import Draft, Step, set_rule
from siach.org.models import Membership
from siach.org.topics import keep_topic
from tests.insight.test_today import complain, kinds, look, plain
from tests.world import NOW, World


def test_a_reply_to_approve_is_one_row_with_its_case(world: World) -> None:
    late = complain(world, "late", at=NOW - timedelta(hours=3), by="late")
    grave = complain(world, "grave", at=NOW - timedelta(minutes=5), by="grave")
    told = {"name": "אלרגנים", "words": ["שומשום"], "is_value": False, "by": world.noam}
    topic = keep_topic(brand=world.brand, topic=None, at=NOW, **told)
    grave.priority, grave.topics = 1, [topic.pk]
    grave.save(update_fields=["priority", "topics"])
    step = Step(roles=["owner"], minutes=60)
    set_rule(brand=world.brand, draft=Draft("כלל", {"priority": 1}, (step,)), by=world.noam, at=NOW)
    care.answer(case=grave, post=grave.last_post, body="בודקים, ונחזור כאן בתוך שעה.", by=world.dana, at=NOW)
    hers, his = look(world, world.dana).waiting, look(world).waiting
    assert [(wait.kind, wait.case) for wait in his.rows] == [("approval", grave), ("case", late)]
    assert (his.total, his.cases, his.grave, his.approvals) == (2, 2, 1, 1)
    assert kinds(hers) == ["case", "case"] and hers.rows[0].case.is_asked
    assert "One case is about safety (אלרגנים), one approval" in plain(look(world), "en")
    page = world.client(world.noam).get("/").text
    assert "אלרגנים" in page and f"המענה של <bdi>{world.dana.name}</bdi> ממתין לאישור" in page


def test_a_reply_to_approve_counts_for_who_approves_though_its_case_is_somebody_elses(world: World) -> None:
    Membership.objects.filter(user=world.yael).update(role=Membership.Role.SPOKESPERSON)
    case = complain(world, "a", at=NOW - timedelta(hours=3), by="a")
    care.assign(case=case, to=world.dana, by=world.noam, at=NOW)
    step = Step(roles=["spokesperson"], minutes=60)
    set_rule(brand=world.brand, draft=Draft("כלל", {}, (step,)), by=world.noam, at=NOW)
    care.answer(case=case, post=case.last_post, body="בודקים, ונחזור כאן בתוך שעה.", by=world.dana, at=NOW)
    hers = look(world, world.yael).waiting
    assert [(wait.kind, wait.case) for wait in hers.rows] == [("approval", case)]
    assert (hers.total, hers.cases, hers.late, hers.approvals) == (1, 1, 1, 1)
