"""Who speaks, and where: the people that the story needs by name, a crowd around them, and the places."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from siach.world.data import Gender, House, Language, Person, Place, Role
from siach.world.words import called, rows, towns

BRAND = House("aluma", "אלומה", ("Aluma", "אלומה בייקרי", "ألوما", "Алума"), "@aluma_bakery")
RIVALS = (
    House("degnora", "דגנורה", ("Degnora", "ديغنورا", "Дегнора"), "@degnora"),
    House("tanurla", "תנורלה", ("Tanurla", "تنورلا", "Танурла"), "@tanurla_bread"),
)
AGENCY = "כיוון"
AGENCY_TEAM = "צוות אלומה"
#: What each language calls the houses.
WRITTEN: dict[Language, dict[str, str]] = {
    "he": {"aluma": "אלומה", "degnora": "דגנורה", "tanurla": "תנורלה"},
    "en": {"aluma": "Aluma", "degnora": "Degnora", "tanurla": "Tanurla"},
    "ar": {"aluma": "ألوما", "degnora": "ديغنورا", "tanurla": "تنورلا"},
    "ru": {"aluma": "Алума", "degnora": "Дегнора", "tanurla": "Танурла"},
}
#: Networks on which a person of the crowd is, and how likely.
_ON = {
    "facebook_group": 0.62,
    "facebook": 0.5,
    "instagram": 0.5,
    "tiktok": 0.24,
    "x": 0.22,
    "bluesky": 0.16,
    "mastodon": 0.07,
    "telegram": 0.18,
    "whatsapp_group": 0.35,
    "google_reviews": 0.3,
    "messenger": 0.4,
    "mail": 0.3,
    "feed": 0.14,
}
_LANGUAGES: tuple[Language, ...] = ("he", "en", "ru", "ar")
#: Of a hundred of the crowd, how many speak each, by the language in which the world is told.
_SHARES: dict[Language, tuple[int, ...]] = {"he": (81, 8, 7, 4), "en": (52, 37, 7, 4)}
#: Of a hundred of the crowd, how many are each.
_CROWD: tuple[tuple[Role, float], ...] = (
    ("passer", 47),
    ("customer", 48),
    ("parent", 1.6),
    ("advocate", 1.1),
    ("leader", 0.5),
    ("partner", 0.4),
    ("troll", 0.5),
)
#: Whoever plays such a part speaks the language in which the world is told.
_TOLD_ONLY = ("ring", "troll", "parent", "partner")
#: Accounts of one hand.
RING = 9
_LOUD = {"advocate": 7.0, "troll": 3.0, "leader": 4.0, "partner": 3.0, "parent": 2.0, "customer": 1.0, "passer": 0.6}
_INITIALS = "אבגדהוחטילמנסעפצקרשת"

#: key, name, gender, language, role, followers, home, handles
_NAMED: tuple[tuple[str, str, Gender, Language, Role, int, str, dict[str, str]], ...] = (
    (
        "ruti",
        "רותי מזרחי",
        "f",
        "he",
        "advocate",
        640,
        "dizengoff",
        {"facebook_group": "", "whatsapp_group": "", "facebook": ""},
    ),
    ("dana_cohen", "דנה כהן", "f", "he", "customer", 4120, "dizengoff", {"instagram": "dana_cohen", "messenger": ""}),
    ("michal", "מיכל א.", "f", "he", "parent", 310, "hod", {"facebook_group": "", "whatsapp_group": ""}),
    ("tomer_levi", "Tomer Levi", "m", "en", "customer", 220, "haifa", {"facebook": "", "google_reviews": ""}),
    ("avi", "אבי בן־דוד", "m", "he", "customer", 40, "haifa", {"google_reviews": "", "facebook": ""}),
    ("fatima", "فاطمة ح.", "f", "ar", "customer", 890, "haifa", {"instagram": "fatima.h", "messenger": ""}),
    ("smadar", "סמדר לב", "f", "he", "customer", 150, "modiin", {"facebook": "", "messenger": ""}),
    (
        "hungry",
        "רעבה בחיפה",
        "f",
        "he",
        "leader",
        18400,
        "haifa",
        {"instagram": "hungry_in_haifa", "tiktok": "hungry_in_haifa"},
    ),
    (
        "noa_eats",
        "נועה אוכלת",
        "f",
        "he",
        "leader",
        61200,
        "dizengoff",
        {"instagram": "noa.eats", "tiktok": "noa.eats"},
    ),
    ("yoker", "יוקר המחיה", "m", "he", "leader", 38700, "rishon", {"x": "yokerhamihya", "telegram": "yokerhamihya"}),
    ("yuval", "יובל ק.", "m", "he", "leader", 27300, "givatayim", {"tiktok": "yuval.k", "instagram": "yuval.k"}),
    (
        "oren",
        "אורן קמחוני",
        "m",
        "he",
        "journalist",
        15800,
        "jerusalem",
        {"x": "oren_kavhashuk", "bluesky": "oren.kavhashuk"},
    ),
    ("ziva", "ח״כ זיווה תלתן", "f", "he", "politician", 44100, "jerusalem", {"x": "ziva_tiltan", "facebook": ""}),
    ("witness", "סיון ד.", "f", "he", "customer", 90, "ramatayim", {"facebook_group": "", "facebook": ""}),
    (
        "kav",
        "קו השוק",
        "m",
        "he",
        "journalist",
        52000,
        "dizengoff",
        {"feed": "kav-hashuk", "x": "kavhashuk", "telegram": "kavhashuk"},
    ),
)
#: key, name, gender, role: those who answer for the brand, by its own accounts.
TEAM: tuple[tuple[str, str, Gender, Role], ...] = (
    ("noa", "נועה", "f", "staff"),
    ("ido", "עידו", "m", "agency"),
    ("yael", "יעל", "f", "staff"),
    ("merav", "מירב", "f", "staff"),
    ("gal", "גל", "m", "staff"),
)
_EVERYWHERE = (
    "facebook",
    "instagram",
    "tiktok",
    "x",
    "bluesky",
    "mastodon",
    "telegram",
    "google_reviews",
    "messenger",
    "mail",
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How a crowd is made. `roles`: of a hundred, how many are each; `ring` accounts of one hand on the networks
    `ring_on` come first; `key` and `handle` begin every key and handle."""

    roles: tuple[tuple[Role, float], ...] = _CROWD
    ring: int = RING
    ring_on: tuple[str, ...] = ("x", "telegram")
    key: str = "p"
    handle: str = ""


@dataclass(slots=True)
class _Pool:
    people: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)


class Cast:
    """The people of a world, and who of them would speak where."""

    def __init__(self, rng: Random, count: int, crowd: Crowd | None = None, language: Language = "he") -> None:
        """`count`: how large the crowd is; `crowd`: of which kind, by default that of the world; `language`: in which
        the world is told, and whoever the story needs by name speaks."""
        self.people: list[Person] = [*_named(language), *_houses(language), *_team(language)]
        self.number = {one.key: place for place, one in enumerate(self.people)}
        self._pools: dict[tuple[str, str, str], _Pool] = {}
        self.people += _crowd(rng, count, crowd or Crowd(), language)
        self.ring = [place for place, one in enumerate(self.people) if one.role == "ring"]
        for place, one in enumerate(self.people):
            if one.role not in ("brand", "rival"):
                self._enlist(place, one, rng)

    def _enlist(self, place: int, one: Person, rng: Random) -> None:
        weight = _LOUD.get(one.role, 0.0) * min(25.0, rng.paretovariate(1.3))
        for network in one.handles:
            for role in (one.role, "") if weight else (one.role,):
                pool = self._pools.setdefault((network, one.language, role), _Pool())
                pool.people.append(place)
                pool.weights.append(weight or 1.0)

    def pick(self, rng: Random, network: str, language: Language, role: str = "") -> int:
        """The number of a person who speaks this language there; of this role where there is one."""
        pool = self._pools.get((network, language, role)) or self._pools.get((network, language, ""))
        if pool is None:
            pool = self._pools[(network, "he", "")]
        if not pool.sums:
            pool.sums = list(accumulate(pool.weights))
        return pool.people[min(bisect(pool.sums, rng.random() * pool.sums[-1]), len(pool.people) - 1)]


def _named(told: Language) -> Iterable[Person]:
    names = called(told)
    for key, name, gender, language, role, followers, home, handles in _NAMED:
        written = {network: handle or key for network, handle in handles.items()}
        speaks = told if language == "he" else language
        yield Person(key, names.get(key, name), written, gender, speaks, role, followers, home)


def _houses(told: Language) -> Iterable[Person]:
    for one in (BRAND, *RIVALS):
        role: Role = "brand" if one is BRAND else "rival"
        handles = {
            network: one.handle.lstrip("@") for network in (*_EVERYWHERE, "facebook_group", "feed", "whatsapp_group")
        }
        yield Person(one.key, WRITTEN[told][one.key], handles, "f", told, role, 84000 if one is BRAND else 56000, "")


def _team(told: Language) -> Iterable[Person]:
    for key, name, gender, role in TEAM:
        yield Person(key, called(told).get(key, name), {}, gender, told, role, 0, "")


def _crowd(rng: Random, count: int, crowd: Crowd, told: Language) -> Iterable[Person]:
    hebrew = [(name, gender) for name, gender in rows("he/names.tsv")]
    names = {
        one: [(name, gender) for name, gender, language in rows("names.tsv") if language == one] for one in _LANGUAGES
    }
    names["he"] = hebrew
    words = rows("he/handles.tsv")
    roles, shares = zip(*crowd.roles, strict=True)
    for number in range(count):
        role: Role = "ring" if number < crowd.ring else rng.choices(roles, shares)[0]
        language: Language = told if role in _TOLD_ONLY else rng.choices(_LANGUAGES, _SHARES[told])[0]
        name, gender = rng.choice(names[language])
        tail = number % 997 if number % 3 else ""
        handle = f"{crowd.handle}{rng.choice(words)[0]}{rng.choice(('_', '.', ''))}{rng.choice(words)[1]}{tail}"
        on = [network for network, likely in _ON.items() if rng.random() < likely]
        followers = int(rng.paretovariate(0.9) * (900 if role == "leader" else 45))
        yield Person(
            f"{crowd.key}{number}",
            _shown(rng, name, language),
            dict.fromkeys(crowd.ring_on if role == "ring" else on or ("facebook_group",), handle),
            "f" if gender == "f" else "m",
            language,
            role,
            min(followers, 90_000),
            rng.choices(towns(), [one.weight for one in towns()])[0].key,
        )


def _shown(rng: Random, name: str, language: Language) -> str:
    if rng.random() < 0.16:
        return name
    letters = {"he": _INITIALS, "en": "ABCDEFGHKLMNPRST", "ru": "АБВГДЗКЛМНПРСТФШ", "ar": "أبتجحخدرسشعغفقكمنه"}[
        language
    ]
    return f"{name} {rng.choice(letters)}."


def places(language: Language = "he") -> tuple[Place, ...]:
    """Every place of a world, called as in the language in which it is told."""
    names, ours = called(language), WRITTEN[language]["aluma"]
    groups = (
        ("allergies", "facebook_group", "אלרגיות מזון, הורים מדברים", 41_000, ""),
        ("brunch", "facebook_group", "יוצאים לבראנץ׳", 68_000, ""),
        ("basket", "facebook_group", "הסל החכם של כולנו", 112_000, ""),
        ("flour", "facebook_group", "קמח על האף", 23_000, ""),
        ("pram", "facebook_group", "עגלה וקפה", 37_000, ""),
        ("door_ramatayim", "facebook_group", "הדלת ממול, רמתיים", 9_400, "ramatayim"),
        ("door_hod", "facebook_group", "הדלת ממול, הוד השרון", 14_800, "hod"),
        ("door_haifa", "facebook_group", "הדלת ממול, חיפה", 31_000, "haifa"),
        ("door_ashdod", "facebook_group", "הדלת ממול, אשדוד", 17_500, "ashdod"),
        ("door_beersheba", "facebook_group", "הדלת ממול, באר שבע", 15_100, "beersheba"),
        ("door_modiin", "facebook_group", "הדלת ממול, מודיעין", 19_900, "modiin"),
        ("parents_wa", "whatsapp_group", "הורים לאלרגיים, ותיקים", 214, ""),
        ("stairs", "whatsapp_group", "ועד הבית, כניסה ב׳", 38, "dizengoff"),
        ("class", "whatsapp_group", "כיתה ג׳2 הורים", 61, "kfar_saba"),
        ("work", "whatsapp_group", "קומה שלישית, אוכל", 27, "haifa"),
    )
    shut = ((key, net, names.get(key, name), size, town) for key, net, name, size, town in groups)
    found = [Place(key, net, name, "capture", True, size, town) for key, net, name, size, town in shut]
    found += [Place(f"page_{net}", net, "Aluma", "webhook") for net in ("facebook", "instagram", "tiktok", "messenger")]
    found += [Place(f"open_{net}", net, "", "listen") for net in ("bluesky", "mastodon")]
    found.append(Place("open_x", "x", "", "webhook"))
    found += [
        Place("deals", "telegram", names.get("deals", "מציאות בקטנה"), "webhook", False, 22_000),
        Place("cost", "telegram", names.get("cost", "יוקר המחיה"), "webhook", False, 38_700),
        Place("news", "feed", names.get("news", "קו השוק"), "feed"),
        Place("mailbox", "mail", "service@aluma.example", "mail", True),
    ]
    found += [
        Place(f"map_{one.key}", "google_reviews", f"{ours} {one.names[language]}", "webhook", False, 0, one.key)
        for one in towns()
    ]
    return tuple(found)
