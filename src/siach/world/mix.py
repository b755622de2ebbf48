"""What is said on a plain day, and where: shares of networks, places and kinds."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

from siach.world.data import Language, Place
from siach.world.rhythm import Day

NETWORKS = {
    "facebook_group": 23.0,
    "facebook": 9.0,
    "instagram": 14.0,
    "tiktok": 6.0,
    "x": 10.0,
    "bluesky": 9.0,
    "mastodon": 4.0,
    "telegram": 3.5,
    "whatsapp_group": 4.0,
    "google_reviews": 8.0,
    "messenger": 6.0,
    "mail": 3.5,
}
PRIVATE = ("messenger", "mail")
_LANGUAGES: tuple[Language, ...] = ("he", "en", "ru", "ar")
#: How often each is spoken in the open, and what else than it in groups, by the language in which the world is told.
_TONGUES: dict[Language, tuple[float, ...]] = {"he": (84.0, 7.5, 5.0, 3.5), "en": (44.0, 48.0, 5.0, 3.0)}
_IN_GROUPS: dict[Language, tuple[float, ...]] = {"he": (96.0, 0.0, 4.0, 0.0), "en": (56.0, 40.0, 4.0, 0.0)}
_GROUPS = ("facebook_group", "whatsapp_group", "telegram")
_COMPLAINTS = {
    "wait": 5.0,
    "stale": 5.0,
    "thing": 1.3,
    "late": 4.5,
    "wrong": 2.6,
    "rude": 3.4,
    "price": 4.0,
    "closed": 2.6,
    "label": 1.2,
    "app": 2.2,
    "charge": 1.4,
    "dirty": 1.3,
    "soldout": 2.4,
    "small": 1.7,
    "phone": 1.7,
    "waste": 0.5,
}
_PRAISE = {"taste": 13.0, "staff": 5.0, "recovered": 1.6, "place": 3.4}
_QUESTIONS = {
    "hours": 4.0,
    "kosher": 2.0,
    "allergy": 1.6,
    "vegan": 2.4,
    "order": 3.6,
    "price_q": 1.6,
    "where": 3.0,
    "recipe": 2.2,
    "jobs": 1.2,
}
_CHAT = {
    "morning": 9.0,
    "rank": 4.0,
    "memory": 3.0,
    "photo": 6.0,
    "plans": 4.5,
    "rival_talk": 3.5,
    "rival_bad": 2.0,
    "rival_good": 1.6,
    "both": 1.6,
    "bread": 6.0,
    "value_post": 1.8,
    "job_ad": 1.0,
    "spam": 1.2,
}
_FEAST = {"holiday_talk": 22.0, "holiday_praise": 14.0, "holiday_bad": 8.0, "holiday_q": 14.0}
#: How much of each a place holds: complaints, praise, questions, chat.
_HOLDS = {
    "google_reviews": (1.3, 1.5, 0.0, 0.0),
    "messenger": (1.4, 0.2, 1.9, 0.0),
    "mail": (2.2, 0.3, 1.0, 0.0),
    "facebook_group": (1.0, 0.7, 1.8, 0.8),
    "whatsapp_group": (0.8, 0.6, 1.4, 1.1),
    "facebook": (1.5, 1.0, 1.5, 0.5),
    "instagram": (0.5, 1.7, 0.5, 1.4),
    "tiktok": (0.5, 1.4, 0.3, 1.6),
    "telegram": (1.1, 0.4, 0.7, 0.9),
}
#: What nobody writes in a review or to a mailbox.
_TALK = {"price", "small", "rumour_q", "video_q", "where", "recipe", "waste"}
#: Kinds of which whoever answers for the brand's own safety hears first in this circle.
_ALLERGIES = {"label": 9.0, "allergy": 14.0, "vegan": 3.0, "thing": 1.0, "order": 1.0, "recovered": 1.0}
_BAKING = {"bread": 14.0, "recipe": 8.0, "taste": 2.0, "rank": 2.0}
_SAVING = {"price": 10.0, "small": 4.0, "price_q": 6.0, "rival_talk": 4.0, "both": 2.0, "soldout": 1.0, "spam": 2.0}
#: What is left to say while no bread is sold.
_BREADLESS = {
    "passover_talk": 30.0,
    "memory": 6.0,
    "charge": 2.0,
    "app": 2.0,
    "phone": 2.0,
    "jobs": 2.0,
    "price_q": 1.0,
}
_PRIVATELY = {"charge": 3.0, "app": 2.0, "phone": 2.0, "rude": 1.0}
_CIRCLES = {"allergies": _ALLERGIES, "parents_wa": _ALLERGIES, "flour": _BAKING, "basket": _SAVING}


class Mix:
    """Draws networks, places, languages and kinds."""

    def __init__(self, places: tuple[Place, ...], language: Language = "he") -> None:
        """`language`: in which the world is told."""
        self.told: Language = language
        self._by_network: dict[str, tuple[list[Place], list[float]]] = {}
        for one in places:
            found, weights = self._by_network.setdefault(one.network, ([], []))
            found.append(one)
            weights.append(max(one.members, 100) ** 0.4)
        self._networks = list(NETWORKS)
        self._shares = list(accumulate(NETWORKS.values()))

    def network(self, rng: Random) -> str:
        return self._networks[bisect(self._shares, rng.random() * self._shares[-1] * 0.999999)]

    def language(self, rng: Random, network: str) -> Language:
        shares = _IN_GROUPS if network in _GROUPS else _TONGUES
        return rng.choices(_LANGUAGES, shares[self.told])[0]

    def place(self, rng: Random, network: str) -> Place:
        """One of its places; the larger a group, the likelier."""
        found, weights = self._by_network[network]
        return found[0] if len(found) == 1 else rng.choices(found, weights)[0]

    def kind(self, rng: Random, place: Place, day: Day, hour: int) -> str:
        """A section that suits the place, the hour, the weather and the holiday."""
        if day.is_breadless:
            shares = dict(_PRIVATELY if place.network in ("google_reviews", *PRIVATE) else _BREADLESS)
        elif circle := _CIRCLES.get(place.key):
            shares = dict(circle)
        else:
            held = _HOLDS.get(place.network, (1.0, 1.0, 1.0, 1.2))
            shares = {}
            for share, group in zip(held, (_COMPLAINTS, _PRAISE, _QUESTIONS, _CHAT), strict=True):
                shares |= {kind: weight * share for kind, weight in group.items() if share}
            if place.network in ("google_reviews", *PRIVATE):
                shares = {kind: weight for kind, weight in shares.items() if kind not in _TALK}
            else:
                _season(shares, day, hour, held[3])
        return rng.choices(list(shares), list(shares.values()))[0]


def _season(shares: dict[str, float], day: Day, hour: int, chat: float) -> None:
    """What the day itself makes people say."""
    if hour > 12:
        shares.pop("morning", None)
    weekday = day.date.weekday()
    if weekday == 4 or (weekday == 3 and hour > 16):
        shares["friday"] = 16.0 * chat
    if day.is_wet:
        shares["weather_rain"] = 9.0 * chat
    if day.warmth >= 32:
        shares["weather_heat"] = 7.0 * chat
    if day.holiday is not None and day.near > 0.04:
        _feast(shares, day.holiday.key, day.near, chat)


def _feast(shares: dict[str, float], key: str, near: float, chat: float) -> None:
    if key == "passover" and near >= 0.6:
        shares["passover_talk"] = 30.0 * chat
    else:
        shares |= {kind: weight * near for kind, weight in _FEAST.items()}
