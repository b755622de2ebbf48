"""Which pages a Siach has and where one of each stands: found by following the links of its own pages."""

import inspect
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

MOST_LOOKED_AT = 400


@dataclass(frozen=True)
class Answer:
    """What an address answers: its status, its media type without parameters, its text."""

    status: int
    kind: str
    text: str

    @property
    def is_page(self) -> bool:
        """A whole page, no fragment and no file."""
        return self.status == 200 and self.kind == "text/html" and "<html" in self.text[:2000]


@dataclass(frozen=True)
class Screen:
    """A page to show: the name of its address and one address of it."""

    name: str
    path: str

    @property
    def folder(self) -> str:
        """A name for the folder of its pictures."""
        return re.sub(r"\W+", "-", unquote(self.path)).strip("-") or "home"


@dataclass
class Walk:
    """What was found, in the order of the links, and the pages to which no link of these data leads."""

    screens: list[Screen] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)


Ask = Callable[[str], Answer]


def routes(is_public: bool) -> dict[str, bool]:
    """The names of all addresses that are open to anyone, or to people signed in alone: name -> takes arguments."""
    from django.urls import get_resolver

    found = [one for one in get_resolver().url_patterns if not inspect.iscoroutinefunction(one.callback)]
    return {
        str(one.name): bool(one.pattern.converters)  # type: ignore[union-attr]
        for one in found
        if (getattr(one.callback, "right", "") == "") is is_public
    }


def walk(ask: Ask, begin: str = "/") -> Walk:
    """Every page that a signed-in person reaches from `begin`, one address of each."""
    wanted, found = routes(is_public=False), Walk()
    bare = [_address(name) for name, has_arguments in wanted.items() if not has_arguments]
    waiting = deque([begin, *filter(None, bare)])
    looked: set[str] = set()
    while waiting and len(looked) < MOST_LOOKED_AT:
        path = waiting.popleft()
        name = _name(path)
        if name in wanted and name not in looked:
            looked.add(name)
            waiting.extend(_look(ask, Screen(name, path), found))
    unseen = [name for name in wanted if name not in looked and _is_asked_for(ask, name)]
    found.missing += [(name, "no link of these data leads to one") for name in unseen]
    return found


def _look(ask: Ask, screen: Screen, found: Walk) -> list[str]:
    """Put an address where it belongs; where its page leads to."""
    answer = ask(screen.path)
    if answer.is_page:
        found.screens.append(screen)
        return list(_links(answer.text, screen.path))
    if answer.status >= 400 and answer.status != 405:
        found.missing.append((screen.name, f"answers {answer.status} at {screen.path}"))
    return []


def doors(ask: Ask) -> list[Screen]:
    """The pages for people who are not signed in and which need no argument."""
    open_ones = [name for name, has_arguments in routes(is_public=True).items() if not has_arguments]
    shown = [Screen(name, path) for name in open_ones if (path := _address(name))]
    return [screen for screen in shown if ask(screen.path).is_page]


def named(words: list[str]) -> list[Screen]:
    """Pages by their address (`/stream/?q=x`) or by the name of it (`stream`)."""
    return [Screen(_name(path) or path, path) for word in words if (path := word if "/" in word else _address(word))]


def _is_asked_for(ask: Ask, name: str) -> bool:
    """Whether an address that takes arguments answers a question at all, or is only where a deed is sent."""
    from django.urls import get_resolver, reverse

    ((_parts, _pattern, _defaults, converters),) = get_resolver().reverse_dict.getlist(name)[:1]
    kwargs = {one: 0 if type(how).__name__ == "IntConverter" else "0" for one, how in converters.items()}
    return ask(reverse(name, kwargs=kwargs)).status != 405


def _name(path: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def _address(name: str) -> str:
    from django.urls import NoReverseMatch, reverse

    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _links(html: str, path: str) -> Iterator[str]:
    """Where a page leads to within this Siach, in the order of its links."""
    reader = _Links()
    reader.feed(html)
    for link in reader.found:
        there = urlsplit(urljoin(path, link))
        if not there.scheme and not there.netloc:
            yield there.path + (f"?{there.query}" if there.query else "")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("href")
        if tag == "a" and link:
            self.found.append(link)
