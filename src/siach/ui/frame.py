"""The frame round every page: its places, the brand in view, languages, counters."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_info


@dataclass(frozen=True)
class Place:
    """A page that stands in the menu.

    `key` is the letter of a KeyboardEvent.code ("T" for KeyT) that follows G; `right` is the name of the
    right that shows it ("" for everyone); places of one `group` stand together, ordered by `order`.
    """

    url_name: str
    label: str | Promise
    icon: str
    order: int
    key: str = ""
    group: int = 1
    right: str = ""


@dataclass(frozen=True)
class Leaf:
    """A page inside Settings ("settings") or My account ("me"): those of one shelf stand together as tabs."""

    shelf: str
    url_name: str
    label: str | Promise
    order: int
    right: str


#: Filled once by the urls door from the page modules that define PLACE or LEAF.
PLACES: list[Place] = []
LEAVES: list[Leaf] = []

TABS = 4


@dataclass(frozen=True)
class Strip:
    """What every page says above itself while it is so: `template` draws it of `it`."""

    template: str
    it: Any


@dataclass(frozen=True)
class ShownPlace:
    """A place as one request sees it. Its number is asked for when it is drawn: pages without a menu need none."""

    place: Place
    url: str
    current: bool
    counters: Mapping[str, int]

    @property
    def count(self) -> int:
        return self.counters.get(self.place.url_name, 0)

    @property
    def label(self) -> str | Promise:
        return self.place.label

    @property
    def icon(self) -> str:
        return self.place.icon

    @property
    def key(self) -> str:
        return self.place.key


@dataclass(frozen=True)
class ShownLeaf:
    """A leaf as one request sees it."""

    label: str | Promise
    url: str
    current: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: places, the current one, this address, direction, languages, counters, brand and brands."""
    shown = _shown(request)
    mine = next((url for leaf in _allowed(request, "me") if (url := _url(leaf.url_name))), "")
    language = get_language() or settings.LANGUAGE_CODE
    groups: dict[int, list[ShownPlace]] = {}
    for item in shown:
        groups.setdefault(item.place.group, []).append(item)
    return {
        "places": shown,
        "place_groups": list(groups.values()),
        "tab_places": shown[:TABS],
        "more_places": shown[TABS:],
        "place": next((item for item in shown if item.current), None),
        "page_url": request.get_full_path(),
        "page_language": language,
        "page_dir": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "languages": _languages(language),
        "strips": getattr(request, "strips", ()),
        "brand": getattr(request, "brand", None),
        "brands": getattr(request, "brands", []),
        "brand_url": _url("view_brand"),
        "home_url": shown[0].url if shown else "/",
        "search_url": _url("stream"),
        "live_url": _url("live"),
        "keys_url": _url("keys"),
        "keys_switch_url": _url("keys_switch"),
        "keys_chosen": json.dumps(getattr(request.user, "keys", {})),
        "set_language_url": _url("set_language"),
        "leaves": _leaves(request),
        "me_url": mine,
        "is_me": bool(mine) and request.path.startswith(mine.rstrip("/").rpartition("/")[0] + "/"),
        "bell": getattr(request, "bell", None),
        "sign_out_url": _url("account_logout"),
        "accessibility_url": _url("accessibility"),
    }


def _shown(request: HttpRequest) -> list[ShownPlace]:
    rights: Iterable[str] | None = getattr(request, "rights", None)
    counters: Mapping[str, int] = getattr(request, "counters", {})
    allowed = sorted(
        (p for p in PLACES if not p.right or rights is None or p.right in rights),
        key=lambda p: (p.group, p.order),
    )
    reached = [(place, url) for place in allowed if (url := _url(place.url_name))]
    here = _current(request, reached)
    return [ShownPlace(p, url, p.url_name == here, counters) for p, url in reached]


def _allowed(request: HttpRequest, shelf: str) -> list[Leaf]:
    rights: Iterable[str] = getattr(request, "rights", ())
    return [leaf for leaf in LEAVES if leaf.shelf == shelf and leaf.right in rights]


def _leaves(request: HttpRequest) -> list[ShownLeaf]:
    """The tabs of the shelf in which this page stands; none elsewhere, or where it stands alone."""
    match = request.resolver_match
    name = match.view_name if match else ""
    here = next((leaf for leaf in LEAVES if leaf.url_name == name), None)
    if here is None:
        return []
    shown = [ShownLeaf(leaf.label, _url(leaf.url_name), leaf is here) for leaf in _allowed(request, here.shelf)]
    return shown if len(shown) > 1 else []


def _current(request: HttpRequest, reached: list[tuple[Place, str]]) -> str:
    """The url name of the place that holds this page: the page itself or the one that its view names in
    `request.under`, else the longest address above it."""
    match = request.resolver_match
    name = getattr(request, "under", "") or (match.view_name if match else "")
    if any(place.url_name == name for place, _ in reached):
        return name
    above = [(len(url), p.url_name) for p, url in reached if url != "/" and request.path.startswith(url)]
    return max(above)[1] if above else ""


def _languages(current: str) -> list[dict[str, Any]]:
    """The offered languages: code, its own name, a short sign for the button, whether it is in use."""
    signs = {"he": "עב", "en": "EN", "ar": "عر", "ru": "РУ"}
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"],
            "sign": signs.get(code, code),
            "current": code == current,
        }
        for code, _ in settings.LANGUAGES
    ]


def _url(name: str) -> str:
    """The address of a url name, or "" when this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
