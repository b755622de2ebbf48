"""The filters of the Inbox: read from an address and written into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from siach.calc.priority import PRIORITIES
from siach.org.notices.preferences import topics_of
from siach.talk import connections
from siach.talk.models import Mention, Source
from siach.ui.filtering import address_of, choice, id_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from siach.org.models import Brand, User


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue shows. Empty strings ask nothing; `view` is a key of `VIEWS`, empty for all that waits for us.

    `priority` "2" means P1 and P2; `topic` is an id.
    """

    view: str = ""
    priority: str = ""
    intent: str = ""
    network: str = ""
    topic: str = ""

    def address(self, **changed: object) -> str:
        """The query string of these filters with some of them changed; empty ones are left out."""
        return address_of(self, **changed)

    @property
    def asked(self) -> int:
        """How many filters besides the view are in force."""
        return sum(1 for value in (self.priority, self.intent, self.network, self.topic) if value)

    def only(self) -> Q:
        """The cases that all but the view asks for."""
        asked: dict[str, object] = {}
        if self.priority:
            asked["priority__lte"] = int(self.priority)
        if self.intent:
            asked["intent"] = int(self.intent)
        if self.network:
            asked["thread__network"] = self.network
        if self.topic:
            asked["topics__contains"] = [int(self.topic)]
        return Q(**asked)


def read_filters(asked: Mapping[str, str], views: Collection[str]) -> Filters:
    """The filters that an address asks for; what is no value of a filter asks nothing."""
    return Filters(
        view=_one_of(asked.get("view", ""), views),
        priority=_one_of(asked.get("priority", ""), [str(n) for n in PRIORITIES[:-1]]),
        intent=_one_of(asked.get("intent", ""), [str(value) for value in Mention.Intent.values]),
        network=asked.get("network", "").replace("\0", "")[:40],
        topic=id_in(asked.get("topic", "")),
    )


def _one_of(value: str, values: Collection[str]) -> str:
    return value if value in values else ""


def filter_bar(filters: Filters, *, brands: Sequence[Brand], user: User) -> dict[str, Any]:
    """What the bar of filters draws: `choices`, and what a kept view would hold."""
    priorities = [
        (str(n), _("P1 (urgent) only") if n == 1 else _("P%(n)s and above") % {"n": n}) for n in PRIORITIES[:-1]
    ]
    intents = [(str(value), str(words)) for value, words in Mention.Intent.choices]
    heard = set(Source.objects.filter(brand__in=brands).values_list("network", flat=True)) | {filters.network}
    networks = [(one, connections.label(one)) for one in sorted(heard) if one]
    topics = [(str(one.pk), one.name) for _brand, of_brand in topics_of(user, brands) for one in of_brand]
    none = pgettext("filter", "All")
    asked = (
        ("priority", _("Priority"), priorities),
        ("intent", _("Kind"), intents),
        ("network", _("Network"), networks),
        ("topic", _("Topic"), topics),
    )
    return {
        "choices": [choice(filters, name, words, none, of_it) for name, words, of_it in asked if of_it],
        "kept_fields": parse_qsl(filters.address()),
        "may_keep": filters.asked or filters.view,
    }
