"""The weekly twenty of the demo: drawn as everywhere, and checked by its people, so that the reader's accuracy is one
that was counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from siach.demo.queries import team
from siach.talk.actions.sampling import draw, judge, last_week, pass_over
from siach.talk.models import Sampled
from siach.talk.queries.days import day_bounds

if TYPE_CHECKING:
    from siach.org.models import Brand
    from siach.world.data import World

#: So many weeks were checked; the last one that is over waits for whoever looks around.
WEEKS = 15
#: Who checked, turn by turn, when on the Monday behind the week, and how long one post took them.
_BY = ("yael", "merav")
_FROM, _EACH = timedelta(hours=10), timedelta(seconds=20)


def check_weeks(brand: Brand, world: World) -> None:
    """Draw the weeks before the world's end and say of each post what it truly is. A second call finds them drawn."""
    truths, people = {one.key: one for one in world.truth}, team()
    newest = last_week(brand, world.end)
    for number in range(WEEKS, -1, -1):
        week = newest - timedelta(weeks=number)
        if Sampled.objects.filter(brand=brand, week=week).exists():
            continue
        draw(brand, week)
        if week == newest:
            return
        at, by = day_bounds(brand, week + timedelta(days=7))[0] + _FROM, people[_BY[number % len(_BY)]]
        drawn = Sampled.objects.filter(brand=brand, week=week).select_related("mention__post").order_by("pk")
        for turn, one in enumerate(drawn):
            truth, moment = truths[one.mention.post.key], at + turn * _EACH
            if truth.target in ("brand", "both"):
                judge(sampled=one, sentiment=truth.sentiment, by=by, at=moment)
            else:
                pass_over(sampled=one, is_about=False, by=by, at=moment)
