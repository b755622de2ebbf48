"""What goes into the slots of a draft: its product and branch, numbers, days, relatives, and whom it is said to."""

from __future__ import annotations

from itertools import accumulate
from random import Random

from siach.world.cast import RIVALS, TEAM, WRITTEN, Cast
from siach.world.data import Language
from siach.world.draft import Draft
from siach.world.rhythm import Day, Rhythm
from siach.world.template import Filling
from siach.world.words import Product, Town, kin, products, towns

_DAYS = ("שני", "שלישי", "רביעי", "חמישי", "שישי", "שבת", "ראשון")
_FEASTS = ("holiday_talk", "holiday_praise", "holiday_bad", "holiday_q")
#: Those to whom nobody speaks by a first name.
_NO_FIRST_NAME = {"brand", "rival", "journalist", "politician", "leader", "ring"}
#: What no bakery shows off.
_NOT_SHOWN = {"birthday_cake", "gluten_free", "sandwich"}
#: Kinds that speak of some products only.
_ONLY = {"recipe": {"bread", "sweet"}, "bread": {"bread"}, "small": {"bread", "sweet"}, "waste": {"bread"}}
#: How likely it is the challah, on the days before Shabbat.
_EVE = {3: 0.3, 4: 0.3}
_TEAM = {key: (name, gender) for key, name, gender, _role in TEAM}
_NAMES_OF_TEAM: dict[Language, dict[str, str]] = {
    "he": {key: name for key, name, _gender, _role in TEAM},
    "en": {"noa": "Noa", "ido": "Ido", "yael": "Yael"},
    "ru": {"noa": "Ноа", "ido": "Идо", "yael": "Яэль"},
    "ar": {"noa": "نوعا", "ido": "عيدو", "yael": "ياعيل"},
}
#: How a name is sometimes written instead.
_OTHERWISE = ("אלומה בייקרי", "Aluma", "#אלומה", "@aluma_bakery")


class Filler:
    def __init__(self, rng: Random, cast: Cast, rhythm: Rhythm) -> None:
        self.rng, self.cast, self.rhythm = rng, cast, rhythm
        self._products = {one.key: one for one in products()}
        self._towns = {one.key: one for one in towns()}
        self._plain = [one for one in products() if {"bread", "sweet", "salty"} & set(one.kinds)]
        shown = [one for one in self._plain if one.key not in _NOT_SHOWN]
        self._shown = shown
        self._like = {kind: [one for one in shown if kind in one.kinds] for kind in ("bread", "sweet", "salty")}
        self._town_list = list(towns())
        self._town_sums = list(accumulate(one.weight for one in self._town_list))
        self._kin = {gender: [one for one in kin() if one.whose in (gender, "any")] for gender in "mf"}

    def fill(self, draft: Draft) -> Filling:
        """Every slot that can be filled. The draft's product and branch are set where they were open."""
        rng, day = self.rng, self.rhythm.day(draft.at)
        person = self.cast.people[draft.author]
        product = self._product(draft, day)
        town = self._town(draft, person.home)
        draft.product, draft.branch = product.key, town.key
        alike = self._like.get(product.kinds[0], self._shown)
        second = rng.choice(alike)
        while second is product:
            second = rng.choice(alike)
        relative = rng.choice(self._kin[person.gender])
        names = WRITTEN[draft.language]
        values = {
            "p": product.foreign[draft.language],
            "hp": product.definite,
            "bp": product.bare,
            "q": second.foreign[draft.language],
            "hq": second.definite,
            "b": town.names[draft.language],
            "b2": rng.choice([one for one in self._town_list if one is not town]).names[draft.language],
            "brand": self._brand(names["aluma"], draft),
            "plain": names["aluma"],
            "rival": names[self._rival(draft)],
            "min": str(rng.choice((15, 17, 20, 22, 25, 25, 30, 30, 35, 40, 45, 50, 70))),
            "min2": str(rng.choice((40, 50, 55, 65, 80))),
            "n": str(rng.randint(3, 9)),
            "price": str(_price(rng, product)),
            "big": str(rng.randint(8, 32) * 10 + rng.choice((0, 4, 5, 8))),
            "fee": str(rng.choice((19, 22, 25, 29))),
            "hour": f"{rng.randint(8, 20)}:{rng.choice(('00', '00', '30'))}",
            "order": f"AL-{rng.randint(18000, 23999)}",
            "temp": str(day.warmth),
            "day": self._weekday(day),
            "rel": relative.noun,
        }
        if draft.language == "ru":
            values |= {"brandp": "Алуме", "brandg": "Алумы"}
        if day.holiday is not None:
            values["hol"] = day.holiday.name
        self._told(draft, values)
        tags = self._tags(draft)
        listener = self.cast.people[draft.parent.author].gender if draft.parent else "m"
        forms = {"p": product.form, "q": second.form, "rel": relative.form}
        return Filling(values, forms, person.gender, listener, tags)

    def _told(self, draft: Draft, values: dict[str, str]) -> None:
        if draft.agent:
            values["agent"] = _NAMES_OF_TEAM[draft.language][draft.agent]
        if draft.parent is not None:
            listener = self.cast.people[draft.parent.author]
            if listener.role not in _NO_FIRST_NAME and draft.parent.author != draft.author:
                values["to"] = listener.name.split()[0]

    def _tags(self, draft: Draft) -> frozenset[str]:
        hour, weekday = self.rhythm.hour(draft.at), self.rhythm.day(draft.at).date.weekday()
        found = {"morning"} if 5 <= hour < 12 else {"evening"} if hour >= 17 else set()
        if not draft.is_private:
            found.add("public")
        if weekday == 4 or (weekday == 3 and hour >= 16):
            found.add("weekend")
        if draft.agent and _TEAM[draft.agent][1] == "f":
            found.add("af")
        return frozenset(found)

    def _product(self, draft: Draft, day: Day) -> Product:
        if draft.product and draft.kind not in _FEASTS:
            return self._products[draft.product]
        if draft.root is not None and draft.root.product:
            return self._products[draft.root.product]
        return self.rng.choice(self._fit(draft, day))

    def _fit(self, draft: Draft, day: Day) -> list[Product]:
        """The products that a first post of its kind may speak of on this day."""
        if day.holiday is not None and (draft.kind in _FEASTS or self.rng.random() < 0.3 * day.near):
            return [one for one in self._products.values() if day.holiday.kind in one.kinds]
        if draft.kind == "friday" or self.rng.random() < _EVE.get(day.date.weekday(), 0.0):
            return [self._products[key] for key in ("challah", "challah", "sweet_challah")]
        if wanted := _ONLY.get(draft.kind):
            return [one for one in self._shown if wanted & set(one.kinds)]
        return self._shown if draft.role == "brand" else self._plain

    def _town(self, draft: Draft, home: str) -> Town:
        if draft.branch:
            return self._towns[draft.branch]
        if draft.root is not None and draft.root.branch:
            return self._towns[draft.root.branch]
        if draft.place.startswith(("door_", "map_")):
            return self._towns[draft.place.partition("_")[2]]
        if home and self.rng.random() < 0.8:
            return self._towns[home]
        return self.rng.choices(self._town_list, cum_weights=self._town_sums)[0]

    def _brand(self, name: str, draft: Draft) -> str:
        if draft.language != "he" or draft.role == "brand" or self.rng.random() > 0.12:
            return name
        found = self.rng.choice(_OTHERWISE)
        return name if found[0] in "#@" and draft.network in ("mail", "google_reviews", "messenger", "feed") else found

    def _rival(self, draft: Draft) -> str:
        return RIVALS[0 if draft.story == "rival" or self.rng.random() < 0.65 else 1].key

    def _weekday(self, day: Day) -> str:
        """The day itself, the one before, Friday, or any."""
        number = day.date.weekday()
        found = self.rng.choice((number, (number - 1) % 7, 4, 4, self.rng.randrange(7)))
        return _DAYS[4 if found == 5 else found]


def _price(rng: Random, product: Product) -> int:
    if product.key.endswith("cake") or product.key == "chocolate_cake":
        return rng.randint(52, 118)
    if "bread" in product.kinds or "rosh" in product.kinds:
        return rng.randint(17, 34)
    if {"hanukkah", "purim"} & set(product.kinds):
        return rng.randint(11, 17)
    return rng.randint(13, 29)
