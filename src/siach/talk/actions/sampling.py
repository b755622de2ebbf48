"""Twenty posts of each brand a week, drawn at random, that people judge without seeing what the reader said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from siach.org.ledger import record
from siach.org.models import Brand
from siach.talk import bulk
from siach.talk.actions.marking import CannotMark, correct
from siach.talk.actions.reading import read_own
from siach.talk.actions.unlearning import judged_anew
from siach.talk.models import Mention, Sampled
from siach.talk.queries.days import day_bounds

if TYPE_CHECKING:
    from datetime import datetime

    from siach.org.models import Org, User

DRAWN = 20

# Each mention's place in the draw is the hash of its key and the week: uniform, and the same whenever it is drawn.
_DRAW = """
INSERT INTO talk_sampled (brand_id, mention_id, week, language, read, run_id, is_passed)
SELECT m.brand_id, m.id, %(week)s, p.language, m.sentiment, m.run_id, false
FROM talk_mention m JOIN talk_post p ON p.id = m.post_id
WHERE m.brand_id = %(brand)s AND m.said_at >= %(start)s AND m.said_at < %(end)s AND m.is_about AND p.state = 'heard'
AND m.corrected_by_id IS NULL AND NOT EXISTS (SELECT FROM talk_correction c WHERE c.mention_id = m.id)
AND NOT EXISTS (SELECT FROM talk_sampled s WHERE s.mention_id = m.id)
ORDER BY hashint8extended(m.id, %(seed)s), m.id LIMIT %(most)s
RETURNING 1
"""


def draw_due(*, at: datetime) -> int:
    """Draw last week's posts of every brand of ours for which that was not done yet. Returns how many posts."""
    drawn = 0
    for brand in Brand.objects.filter(kind=Brand.Kind.OWN).order_by("pk"):
        week = last_week(brand, at)
        with transaction.atomic():
            Brand.objects.select_for_update().get(pk=brand.pk)
            if not Sampled.objects.filter(brand=brand, week=week).exists():
                drawn += draw(brand, week)
    return drawn


def last_week(brand: Brand, at: datetime) -> date:
    """The Monday of the last week that is over, in the brand's zone."""
    today = at.astimezone(ZoneInfo(brand.zone)).date()
    return today - timedelta(days=today.weekday() + 7)


def draw(brand: Brand, week: date) -> int:
    """Twenty of the brand's mentions of the week that begins on this Monday, of those that nobody corrected."""
    start, end = day_bounds(brand, week)[0], day_bounds(brand, week + timedelta(days=6))[1]
    values = {"brand": brand.pk, "week": week, "start": start, "end": end, "seed": week.toordinal(), "most": DRAWN}
    return len(bulk.rows(_DRAW, values))


@transaction.atomic
def judge(*, sampled: Sampled, sentiment: int, by: User, at: datetime) -> Sampled:
    """A person's sentiment of a drawn post. One that is not the reader's corrects it."""
    if sentiment not in Mention.Sentiment.values:
        raise CannotMark(_("A reading cannot have this value."))
    sampled = _open(sampled)
    mention = Mention.objects.select_related("brand__org").get(pk=sampled.mention_id)
    sampled.sentiment, sampled.by, sampled.at = sentiment, by, at
    sampled.save(update_fields=["sentiment", "by", "at"])
    judged_anew([mention.pk])
    if sentiment == mention.sentiment:
        record("reading.confirmed", mention, by=by, at=at, org=mention.brand.org, brand=mention.brand)
    else:
        correct(mention=mention, field="sentiment", value=sentiment, by=by, at=at)
    return sampled


@transaction.atomic
def pass_over(*, sampled: Sampled, is_about: bool = True, by: User, at: datetime) -> Sampled:
    """Leave a drawn post unjudged, because nobody can tell, or because it is not about the brand at all."""
    sampled = _open(sampled)
    sampled.is_passed, sampled.by, sampled.at = True, by, at
    sampled.save(update_fields=["is_passed", "by", "at"])
    if not is_about:
        correct(mention=sampled.mention, field="about", value=0, by=by, at=at)
    return sampled


def _open(sampled: Sampled) -> Sampled:
    found = Sampled.objects.select_for_update(of=("self",)).select_related("mention").get(pk=sampled.pk)
    if found.sentiment is not None or found.is_passed:
        raise CannotMark(_("Somebody has checked this post meanwhile."))
    return found


@transaction.atomic
def take_back(*, sampled: Sampled, by: User, at: datetime) -> Sampled:
    """Ask of a drawn post anew. What its judgement corrected is again as the reader said."""
    found = Sampled.objects.select_for_update(of=("self",)).select_related("mention").get(pk=sampled.pk)
    if found.sentiment is not None and found.mention.sentiment == found.sentiment != found.read:
        correct(mention=found.mention, field="sentiment", value=found.read, by=by, at=at)
    if found.is_passed and not found.mention.is_about:
        correct(mention=found.mention, field="about", value=1, by=by, at=at)
    found.sentiment, found.is_passed, found.by, found.at = None, False, None, None
    found.save(update_fields=["sentiment", "is_passed", "by", "at"])
    judged_anew([found.mention_id])
    return found


def read_anew(org: Org) -> int:
    """What the reader in force says of the posts that were drawn, judged ones too: its accuracy counts from them."""
    drawn = {one.mention_id: one for one in Sampled.objects.filter(brand__org=org)}
    for mention, reading, run in read_own(list(drawn)):
        drawn[mention].read, drawn[mention].run = reading.sentiment, run
    Sampled.objects.bulk_update(drawn.values(), ["read", "run"], batch_size=500)
    return len(drawn)
