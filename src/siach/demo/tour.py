"""The tour of the demo: its stops over real pages, each at the part of the page that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from siach.care.models import TO_ANSWER
from siach.care.queries import cases_for
from siach.care.queries.queue import ORDER
from siach.talk.queries.approvals import waiting_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.utils.functional import Promise

    from siach.care.models import Case
    from siach.org.models import Org, User

#: What an address names its stop by, and what the card is called in the page.
NAME = "tour"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: `name` is what the page's own part bears as `data-tour`, `page` the name of its address. Left out for
    whoever lacks `right`, and where it `needs` what is not there: "case" (one to answer), "grave" (a P1) or "asked" (a
    reply to approve)."""

    name: str
    page: str
    right: str
    title: str | Promise
    text: str | Promise
    needs: str = ""


STOPS = (
    Stop(
        "brief",
        "today",
        "today.read",
        _("The situation in one sentence"),
        _(
            "How much is being said, and what is urgent. Phrases link to what they mention; below is what is "
            "waiting for you."
        ),
    ),
    Stop(
        "grave",
        "today",
        "inbox.read",
        _("What cannot wait comes first"),
        _(
            "In a closed group, somebody asks about sesame that is not on the label; a member passed it on. Safety "
            "makes it P1, the gravest of five: it comes before everything else, and a reply is due within ten minutes."
        ),
        needs="grave",
    ),
    Stop(
        "filters",
        "stream",
        "stream.read",
        _("Everything that was said"),
        _(
            "Words, dates, networks, sentiment: each filter narrows the same stream. Any reading can be "
            "corrected by hand."
        ),
    ),
    Stop(
        "case",
        "case",
        "inbox.read",
        _("Answering a case"),
        _(
            "Where the brand has an account, the public reply is written here beside the internal note, and the two "
            "never look alike. Where a rule requires approval, the reply waits for it."
        ),
        needs="case",
    ),
    Stop(
        "asked",
        "approvals",
        "approval.decide",
        _("Nothing about safety goes out unseen"),
        _(
            "The agency wrote a reply, and a rule holds it back until somebody of the brand approves it. Rejecting it "
            "takes a reason, which the writer reads."
        ),
        needs="asked",
    ),
    Stop(
        "hold",
        "inbox",
        "hold.set",
        _("One key pauses all publishing"),
        _(
            "From that moment no reply is sent, whoever wrote it. When publishing resumes, nothing is sent "
            "automatically."
        ),
    ),
    Stop(
        "blind",
        "sources",
        "source.read",
        _("Coverage gaps are shown too"),
        _(
            "Sources that stopped working or are unusually quiet, and places that are not monitored: silence is "
            "never taken for calm."
        ),
    ),
    Stop(
        "deeds",
        "activity",
        "activity.read",
        _("Every action is a sentence"),
        _("Who answered, approved or paused, and when. This log cannot be edited."),
    ),
    Stop(
        "own",
        "today",
        "today.read",
        _("Now your own brand"),
        _(
            "All of this was invented. The demo can stay for you to try things out, and the tour can be "
            "restarted from up here."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A stop as it is shown: the `n`th of `total`, and the addresses of its neighbours ("" at the ends)."""

    stop: Stop
    n: int
    total: int
    back: str
    next: str


@dataclass(frozen=True, slots=True)
class Tour:
    """The stops that one reader can reach, with their addresses."""

    stops: tuple[Stop, ...]
    addresses: tuple[str, ...]

    def card(self, name: str, page: str) -> Card | None:
        """The card of a stop on its own page; None for what is no stop of this reader's, or elsewhere."""
        at = next((n for n, stop in enumerate(self.stops) if (stop.name, stop.page) == (name, page)), None)
        if at is None:
            return None
        back, further = self.addresses[at - 1] if at else "", self.addresses[at + 1 : at + 2]
        return Card(self.stops[at], at + 1, len(self.stops), back, *(further or ("",)))

    def address(self, name: str) -> str:
        """Of this stop; of the first where there is no such stop."""
        names = [stop.name for stop in self.stops]
        return self.addresses[names.index(name) if name in names else 0]


def tour_of(user: User, rights: Collection[str], org: Org) -> Tour:
    """The tour of a demo for this reader."""
    cases = cases_for(user, "inbox.read").filter(org=org, state__in=TO_ANSWER).order_by(*ORDER)
    first = cases.first() if "inbox.read" in rights else None
    case = first and (cases.filter(author__is_closed=False).first() or first)
    asks = "approval.decide" in rights and waiting_for(user).filter(org=org).exists()
    there = {"", "case" if case else "", "grave" if first and first.priority == 1 else "", "asked" if asks else ""}
    stops = tuple(stop for stop in STOPS if stop.right in rights and stop.needs in there)
    return Tour(stops, tuple(_address(stop, case) for stop in stops))


def _address(stop: Stop, case: Case | None) -> str:
    """Its place in the page is the card, so that the keyboard is at it without a script too."""
    page = reverse("case", args=[case.pk]) if stop.page == "case" and case else reverse(stop.page)
    return f"{page}?{urlencode({NAME: stop.name})}#{NAME}"
