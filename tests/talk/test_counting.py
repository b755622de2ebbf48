"""Counts: folded from deltas, recounted when dirty, cut in the brand's own days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from siach.talk.actions.counting import drop_old, fold, recount_day, recount_dirty
from siach.talk.actions.marking import correct
from siach.talk.models import CountDay, CountDelta, CountFive, CountHour, DirtyHour, Mention
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db


def total(model: type, **where: object) -> int:
    return sum(model.objects.filter(**where).values_list("n", flat=True))


def test_deltas_fold_into_three_grains_and_only_once(world: World) -> None:
    world.hear(*(said(f"p{i}", "לומיקה נהדרת", at=NOW - timedelta(minutes=i)) for i in range(30)))
    assert total(CountDelta) == 30
    assert fold(at=NOW) > 0
    assert fold(at=NOW) == 0
    assert total(CountFive) == total(CountHour) == total(CountDay) == 30
    assert CountFive.objects.count() >= 6 and CountDay.objects.get().day == date(2026, 11, 24)


def test_a_late_evening_in_utc_is_the_next_day_in_jerusalem(world: World) -> None:
    world.hear(said("a", "לומיקה", at=datetime(2026, 11, 23, 22, 30, tzinfo=UTC)))
    fold(at=NOW)
    assert CountDay.objects.get().day == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 26, 22, 30, tzinfo=UTC), date(2026, 3, 27)),  # the night the clock jumps ahead
        (datetime(2026, 3, 27, 21, 30, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), date(2026, 10, 25)),  # the night it falls back
        (datetime(2026, 10, 25, 21, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_days_are_cut_right_on_the_nights_the_clock_changes(world: World, moment: datetime, day: date) -> None:
    world.hear(said("a", "לומיקה", at=moment))
    fold(at=NOW)
    assert CountDay.objects.get().day == day
    recount_day(brand=world.brand, day=day, at=NOW)
    assert CountDay.objects.get().day == day and total(CountDay) == 1


def test_a_corrected_reading_moves_the_counts(world: World) -> None:
    world.hear(said("a", "לומיקה מזעזעת, שירות גרוע"), said("b", "לומיקה נהדרת"))
    fold(at=NOW)
    assert total(CountDay, sentiment=-1) == 1
    correct(mention=Mention.objects.get(post__key="a"), field="sentiment", value=1, by=world.dana, at=NOW)
    assert DirtyHour.objects.count() == 1
    assert recount_dirty(at=NOW) == 1
    for model in (CountFive, CountHour, CountDay):
        assert total(model, sentiment=-1) == 0 and total(model, sentiment=1) == 2, model
    assert not DirtyHour.objects.exists()


def test_a_recount_swallows_what_was_not_folded_yet(world: World) -> None:
    world.hear(said("a", "לומיקה"))
    recount_day(brand=world.brand, day=date(2026, 11, 24), at=NOW)
    fold(at=NOW)
    assert total(CountDay) == total(CountHour) == total(CountFive) == 1


def test_old_talk_is_counted_by_the_day_only(world: World) -> None:
    world.hear(said("a", "לומיקה", at=NOW - timedelta(days=500)), said("b", "לומיקה", at=NOW - timedelta(days=50)))
    fold(at=NOW)
    assert (total(CountFive), total(CountHour), total(CountDay)) == (0, 1, 2)
    drop_old(at=NOW + timedelta(days=380))
    assert (total(CountHour), total(CountDay)) == (0, 2)
