"""Who the demo is: Aluma with its team, its agency with a mandate, its brands, topics and goals."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from siach.demo.queries import demo_org
from siach.org.actions import DEFAULT_GOALS, Refused, add_brand, set_goal
from siach.org.approval_rules import Step, offered, set_rule
from siach.org.demos import note_founded
from siach.org.jobs import defer
from siach.org.keeping import tell_privacy
from siach.org.mandates import Terms, accept, offer
from siach.org.models import Brand, Goal, Mandate, Membership, Org, Team, User
from siach.org.on_call.planning import add_shift
from siach.org.topics import keep_topic
from siach.world.cast import AGENCY, AGENCY_TEAM, BRAND, RIVALS, TEAM, WRITTEN
from siach.world.making import FEWEST, POSTS, SEED
from siach.world.words import called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siach.world.data import House, Language

_LOCK = 71003
#: How long before its end the world begins.
SPAN = timedelta(days=122)
ROLES = {
    "noa": Membership.Role.OWNER,
    "yael": Membership.Role.MANAGER,
    "merav": Membership.Role.AGENT,
    "gal": Membership.Role.SPOKESPERSON,
    "ido": Membership.Role.OWNER,
}
#: What the agency may do: hear, bring, answer and correct, on the whole brand.
LENT = (
    *("stream.read", "source.read", "report.read", "inbox.read"),
    *("case.open", "case.answer", "reading.correct", "capture.add"),
)
#: What it aims at otherwise than a brand does at first: much is said of it, and its people sleep, though nights and
#: Shabbat count.
GOALS: dict[str, int] = {Goal.Layer.PRESERVE: 450, Goal.Layer.IMPROVE: 25, Goal.Layer.SERVE: 75}
#: Who grants words of safety and of the gravest cases: one of them, and the owner her own too, so that whoever looks
#: around alone is not stopped.
GRANT = Step(roles=(Membership.Role.SPOKESPERSON, Membership.Role.OWNER), minutes=60)
#: Name in Hebrew and in English, the ways of saying it, whether it is a value of the brand.
TOPICS: tuple[tuple[tuple[str, str], tuple[str, ...], bool], ...] = (
    (
        ("אלרגנים", "Allergens"),
        (
            "אלרגיה",
            "אלרגי",
            "אלרגית",
            "אלרגיים",
            "שומשום",
            "אגוזים",
            "גלוטן",
            "allergy",
            "allergic",
            "allergies",
            "sesame",
            "gluten",
        ),
        False,
    ),
    (
        ("מחירים", "Prices"),
        ("מחיר", "המחיר", "יקר", "יקרים", "התייקרות", "שקל", "price", "expensive", "цена", "дорого"),
        False,
    ),
    (
        ("שירות", "Service"),
        ("יחס", "התור", "תור", "המוכרת", "המוכר", "בקופה", "service", "queue", "обслуживание"),
        False,
    ),
    (("טריות", "Freshness"), ("טרי", "טרייה", "טריים", "יבש", "יבשה", "מאתמול", "fresh", "stale", "свежий"), True),
    (("בלי בזבוז", "No waste"), ("פח", "הפח", "זרקו", "לזרוק", "תרומה", "תורמים", "waste", "donate"), True),
)


#: Who is on call from eight to eight, and who stands in: on the day before the world ends and on each day of the week
#: behind it. Whoever looks around is the owner, so she is on first.
DUTY = (*[("noa", "merav")] * 4, *[("merav", "noa")] * 2, ("yael", "noa"))
_CHANGE = time(8)


def found(*, seed: int = SEED, end: datetime, posts: int = POSTS, language: Language = "he", at: datetime) -> Org:
    """Found the demo, still without a post, and have a worker load it. `language`: he or en, of whoever looks at it, in
    which its people, topics and houses are named and its world is told.

    The four months end at `end`. Refused while a demo stands, and for a world that cannot be made.
    """
    if posts < FEWEST:
        raise Refused(_("A demo has at least %(n)s posts.") % {"n": FEWEST})
    if end > at:
        raise Refused(_("The demo cannot end in the future."))
    with transaction.atomic(), override(language):
        _alone()
        org = _found(end=end, language=language)
        note_founded(org=org, seed=seed, posts=posts, end=end, language=language, at=at)
        defer("demo_load", queue="slow", once=f"demo_load:{org.pk}", org=org.pk)
    return org


def _alone() -> None:
    """One at a time, and only one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if demo_org() is not None:
        raise Refused(_("The demo is already here."))


def _found(*, end: datetime, language: Language) -> Org:
    begun = end - SPAN
    is_english = language == "en"
    own, *rivals = (_named(house, is_english=is_english) for house in (BRAND, *RIVALS))
    org = Org.objects.create(name=own.name, is_demo=True)
    team = Team.objects.create(org=org, name=own.name)
    names = called(language)
    kivun, its_team = names.get("agency", AGENCY), names.get("agency_team", AGENCY_TEAM)
    agency = Org.objects.create(name=kivun, kind=Org.Kind.AGENCY, is_demo=True)
    helpers = Team.objects.create(org=agency, name=its_team, kind=Team.Kind.AGENCY)
    people = {}
    for key, name, _gender, role in TEAM:
        side = helpers if role == "agency" else team
        shown = names.get(key, name)
        people[key] = User.objects.create_user(_email(key, role), None, name=shown, language=language)
        Membership.objects.create(user=people[key], team=side, role=ROLES[key])
    owner = people["noa"]
    brand = _brand(org, own, Brand.Kind.OWN, by=owner, at=begun)
    for rival in rivals:
        _brand(org, rival, Brand.Kind.RIVAL, by=owner, at=begun)
    for written, words, is_value in TOPICS:
        name = written[is_english]
        keep_topic(brand=brand, topic=None, name=name, words=words, is_value=is_value, by=owner, at=begun)
    for layer, (_measure, target) in DEFAULT_GOALS.items():
        set_goal(brand=brand, layer=layer, target=GOALS.get(layer, target), by=owner, at=begun)
    set_rule(brand=brand, draft=replace(offered()[0], steps=(GRANT,), own_forbidden=False), by=owner, at=begun)
    _duty(brand, people, end)
    tell_privacy(org=org, contact={}, access=_coordinator(people["merav"]), words={}, by=owner, at=begun)
    _mandate, code = offer(brand=brand, terms=_terms(begun), by=owner, at=begun)
    accept(code=code, team=helpers, by=people["ido"], at=begun)
    return org


def _named(house: House, *, is_english: bool) -> House:
    """A house by its name in Hebrew or in English; the other one stays among its names."""
    if not is_english:
        return house
    name = WRITTEN["en"][house.key]
    return replace(house, name=name, names=tuple(one for one in (house.name, *house.names) if one != name))


def _duty(brand: Brand, people: Mapping[str, User], end: datetime) -> None:
    """Seven weekly shifts since the world began."""
    first = timezone.localdate(end, ZoneInfo(brand.zone)) - timedelta(days=1)
    weeks = SPAN // timedelta(weeks=1)
    for number, (who, deputy) in enumerate(DUTY):
        add_shift(
            brand=brand,
            user=people[who],
            deputy=people[deputy],
            day=first + timedelta(days=number, weeks=-weeks),
            hours=(_CHANGE, _CHANGE),
            is_weekly=True,
            until=None,
            by=people["noa"],
            at=end - SPAN,
        )


def _coordinator(person: User) -> dict[str, str]:
    """Whom the accessibility statement names."""
    return {"name": person.name, "mail": f"access@{BRAND.key}.example", "phone": ""}


def _email(key: str, role: str) -> str:
    """An address that is nobody's: the ending is kept for examples (RFC 2606)."""
    return f"{key}@{'kivun' if role == 'agency' else BRAND.key}.example"


def _brand(org: Org, house: House, kind: str, *, by: User, at: datetime) -> Brand:
    names = (*house.names, house.handle)
    return add_brand(org=org, name=house.name, names=names, kind=kind, languages=["he", "en"], by=by, at=at)


def _terms(begun: datetime) -> Terms:
    return Terms(
        mode=Mandate.Mode.HELPS,
        rights=list(LENT),
        topics=[],
        reply_approval=Mandate.Approval.NONE,
        data_scope=Mandate.Scope.BRAND,
        since=begun,
        until=None,
        agreement=_("Processor agreement of the demo"),
        agreed_on=begun.date(),
    )
