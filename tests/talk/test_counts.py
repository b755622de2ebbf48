"""Counts as pages read them: folded or not, cut in the brand's day, the same as the mentions."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siach.talk.actions.counting import fold
from siach.talk.models import Mention
from siach.talk.queries.counts import (
    DayCount,
    Slice,
    counts_by_day,
    counts_by_intent,
    counts_by_network,
    hours_today,
    net_sentiment,
    tally,
    tally_since,
    usual_band,
)
from tests.world import NOW, World, said

pytestmark = pytest.mark.django_db

JERUSALEM = ZoneInfo("Asia/Jerusalem")
TODAY = date(2026, 11, 24)
TEXTS = ("לומיקה נהדרת", "לומיקה זה שירות מזעזע", "לומיקה פתוח היום")


def spread(moments: Iterable[datetime], prefix: str = "p") -> list:
    return [said(f"{prefix}{i}", TEXTS[i % 3], at=moment) for i, moment in enumerate(moments)]


def recounted(world: World) -> dict[date, Counter]:
    days: dict[date, Counter] = {}
    for mention in Mention.objects.filter(brand=world.brand):
        days.setdefault(mention.said_at.astimezone(JERUSALEM).date(), Counter())[mention.sentiment] += 1
    return days


def test_days_equal_the_mentions_before_during_and_after_the_fold(world: World) -> None:
    world.hear(*spread(NOW - timedelta(hours=5 * i) for i in range(30)))
    start = TODAY - timedelta(days=9)

    def counted() -> dict[date, Counter]:
        days = counts_by_day([world.brand.pk], start, TODAY)
        assert [day.day for day in days] == [start + timedelta(days=step) for step in range(10)]
        found = {d.day: Counter({-1: d.negative, 0: d.neutral, 1: d.positive}) for d in days if d.total}
        return {day: +tones for day, tones in found.items()}

    assert counted() == recounted(world)
    fold(at=NOW)
    assert counted() == recounted(world)
    world.hear(*spread((NOW - timedelta(minutes=i) for i in range(10)), "late"))
    assert counted() == recounted(world)
    assert tally([world.brand.pk], start, TODAY).total == 40


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 3, 26, 21, 59, tzinfo=UTC), date(2026, 3, 26)),
        (datetime(2026, 3, 26, 22, 0, tzinfo=UTC), date(2026, 3, 27)),
        (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_day_is_cut_in_the_brands_zone(world: World, moment: datetime, day: date, folded: bool) -> None:
    world.hear(said("a", TEXTS[0], at=moment))
    if folded:
        fold(at=NOW)
    near = counts_by_day([world.brand.pk], day - timedelta(days=1), day + timedelta(days=1))
    assert [count.total for count in near] == [0, 1, 0]


def test_counts_are_cut_by_network_tone_and_intent(world: World) -> None:
    world.hear(*spread([NOW] * 9))
    ids = [world.brand.pk]
    assert counts_by_network(ids, TODAY, TODAY) == {"bluesky": 9}
    assert sum(counts_by_intent(ids, TODAY, TODAY).values()) == 9
    assert tally(ids, TODAY, TODAY, Slice(networks=("forum",))).total == 0
    positive = tally(ids, TODAY, TODAY, Slice(sentiments=(1,)))
    assert positive.total == positive.positive == Mention.objects.filter(sentiment=1).count() > 0


def test_brands_add_up_and_a_stranger_counts_nothing(world: World) -> None:
    world.hear(said("a", "לומיקה או ברוניל"), said("b", "ברוניל"))
    both = [world.brand.pk, world.rival.pk]
    assert counts_by_day(both, TODAY, TODAY) == [
        DayCount(
            *(
                sum(getattr(counts_by_day([one], TODAY, TODAY)[0], tone) for one in both)
                for tone in ("negative", "neutral", "positive")
            ),
            day=TODAY,
        )
    ]
    assert counts_by_day([world.other_brand.pk], TODAY, TODAY)[0].total == 0
    assert counts_by_day([], TODAY, TODAY)[0].total == 0


def test_the_hours_of_today_run_to_the_hour_at_hand(world: World) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=JERUSALEM)
    world.hear(*spread([midnight - timedelta(minutes=1), midnight, midnight + timedelta(hours=3, minutes=59), NOW]))
    hours = hours_today(world.brand, NOW)
    assert [hour.hour for hour in hours] == list(range(12))
    assert {hour.hour: hour.total for hour in hours if hour.total} == {0: 1, 3: 1, 11: 1}
    fold(at=NOW)
    assert hours_today(world.brand, NOW) == hours


def test_the_hour_that_is_repeated_holds_both(world: World) -> None:
    first = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    world.hear(*spread([first, first + timedelta(hours=1)]))
    hours = hours_today(world.brand, datetime(2026, 10, 25, 20, 0, tzinfo=UTC))
    assert {hour.hour: hour.total for hour in hours if hour.total} == {1: 2}


def test_the_last_hours_are_counted_to_five_minutes(world: World) -> None:
    world.hear(*spread(NOW - timedelta(minutes=7 * i) for i in range(12)))
    since = NOW - timedelta(minutes=31)
    heard = tally_since([world.brand.pk], since, NOW + timedelta(minutes=5))
    fold(at=NOW)
    slot = since.replace(minute=10)
    assert heard == tally_since([world.brand.pk], since, NOW + timedelta(minutes=5))
    assert heard.total == Mention.objects.filter(said_at__gte=slot).count() == 5


def test_the_usual_range_needs_two_weeks(world: World) -> None:
    world.hear(*spread(NOW - timedelta(days=days) for days in range(8, 13)))
    fold(at=NOW)
    assert usual_band(world.brand, NOW) is None
    world.hear(*spread((NOW - timedelta(days=7 * weeks) for weeks in (1, 2, 3, 4) for _ in range(6)), "same"))
    fold(at=NOW)
    band = usual_band(world.brand, NOW)
    assert band is not None and [hour for hour, _low, _high in band] == list(range(24))
    loudest = max(band, key=lambda row: row[2])
    assert loudest[0] == 11 and loudest[2] > 0 and band[20][1:] == (0, 0)


def test_net_sentiment_of_a_brand_over_days(world: World) -> None:
    assert net_sentiment(world.brand, TODAY, TODAY).value is None
    world.hear(*spread([NOW] * 30))
    value, n, low, high = net_sentiment(world.brand, TODAY, TODAY)
    tones = Counter(Mention.objects.values_list("sentiment", flat=True))
    assert n == tones[1] + tones[-1] > 0
    assert value == pytest.approx(100 * (tones[1] - tones[-1]) / n) and low < value < high
