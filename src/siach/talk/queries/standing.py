"""What an account may do at its network and what it lacks, and what the network's rules ask of our copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from siach.talk import connections
from siach.talk.models import Account, Source
from siach.talk.queries.spending import calls_today

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from siach.talk.connections import Behind

#: What a connector can be capable of, in the order of its importance to a reader.
_WORDS: dict[str, str | Promise] = {
    "mentions": gettext_lazy("hear mentions and replies"),
    "search": gettext_lazy("search for words"),
    "thread": gettext_lazy("follow whole threads"),
    "all": gettext_lazy("hear everything new"),
    "metrics": gettext_lazy("see the reach of posts, and which are gone"),
    "send": gettext_lazy("answer"),
    "hide": gettext_lazy("hide replies"),
    "delete": gettext_lazy("remove its own posts"),
}
_HEARING = ("mentions", "search", "thread", "all")


@dataclass(frozen=True, slots=True)
class Right:
    """state: held; void, until somebody signs in anew; refused by the network though the sign-in holds; none: nothing
    that Siach can do at this network."""

    words: str | Promise
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`rights` of an account, and in sentences what the network's terms ask (`keeping`) and what it costs (`cost`)."""

    rights: tuple[Right, ...]
    keeping: tuple[str, ...]
    cost: tuple[str, ...]

    @property
    def held(self) -> list[Right]:
        return [right for right in self.rights if right.state == "held"]

    @property
    def missing(self) -> list[Right]:
        return [right for right in self.rights if right.state in ("void", "refused")]

    @property
    def impossible(self) -> list[Right]:
        return [right for right in self.rights if right.state == "none" and right.words != _WORDS["all"]]


def standing_of(account: Account, sources: Sequence[Source], *, at: datetime) -> Standing | None:
    """None where nothing here speaks with the network any more."""
    behind = connections.behind(account)
    if behind is None:
        return None
    can = behind.CAPABILITIES
    refused = {source.kind for source in sources if source.state == Source.State.BROKEN}
    rights = (Right(words, _held(name, account, can, refused)) for name, words in _WORDS.items())
    calls = sum(calls_today(source, at=at) for source in sources)
    return Standing(tuple(rights), _keeping(behind), _cost(behind, calls))


def _held(name: str, account: Account, can: frozenset[str], refused: set[str]) -> str:
    if name not in can:
        return "none"
    if account.state == Account.State.BROKEN:
        return "void"
    return "refused" if name in _HEARING and name in refused else "held"


def _keeping(behind: type[Behind]) -> tuple[str, ...]:
    terms = behind.TERMS
    if terms.keep_days is None:
        kept = _("The network sets no limit; posts are kept as long as the organisation's own rules say.")
    else:
        kept = ngettext(
            "Posts are kept for %(n)s day at most, by the network's terms.",
            "Posts are kept for %(n)s days at most, by the network's terms.",
            terms.keep_days,
        ) % {"n": terms.keep_days}
    if "metrics" not in behind.CAPABILITIES:
        again = _("The network does not tell what became of a post, so posts are not checked again.")
    elif terms.refresh_days is None:
        again = _("Posts are checked again: often in their first hours, then less and less.")
    else:
        again = ngettext(
            "Each post is checked again within %(n)s day, as the terms require.",
            "Each post is checked again within %(n)s days, as the terms require.",
            terms.refresh_days,
        ) % {"n": terms.refresh_days}
    gone = (
        _("What is removed there is erased here too.")
        if terms.on_gone == "erase"
        else _("What is removed there is marked here as gone, and kept.")
    )
    train = _("No model is trained on it.") if not terms.may_train else _("Its terms allow training models on it.")
    return kept, again, gone, train


def _cost(behind: type[Behind], calls: int) -> tuple[str, ...]:
    """Whether anything is charged, how often it was asked today, and the network's limit on calls."""
    price, rate = getattr(behind, "PRICE", None), getattr(behind, "RATE", None)
    said = [_("Nothing is charged.") if price is None else _("Reading is charged; see each source.")]
    asked = ngettext("Checked once today.", "Checked %(n)s times today.", calls)
    said.append(asked % {"n": f"{calls:,}"} if calls else _("Not checked today."))
    if rate is not None:
        of = _("from one account") if rate.of == "account" else _("from one address")
        limit = _(
            "The network allows %(calls)s requests per %(minutes)s minutes %(of)s; half is kept for what people send."
        )
        said.append(limit % {"calls": f"{rate.calls:,}", "minutes": rate.seconds // 60, "of": of})
    return tuple(said)
