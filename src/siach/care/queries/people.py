"""Who the customer is, and whether we may answer them from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from siach.care.models import Case
from siach.care.queries.scope import cases_for
from siach.org.rights import narrow, reaches
from siach.talk import connections
from siach.talk.captured import NETWORKS
from siach.talk.models import Account, Author, Post
from siach.talk.network_words import explain
from siach.talk.places import BY_KEY
from siach.talk.queries.reach import mentions_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siach.org.models import Brand, User

EARLIER = 5
DOTS = 12


@dataclass(frozen=True, slots=True)
class Speaking:
    """Whether a post may be answered in public from here: by `account`, or `why_not`.

    `limit` is the longest text in letters as a reader counts them, None where no connector says. `is_private`: the
    answer is heard by those alone who take part, as the post is.
    """

    account: Account | None
    why_not: str
    network: str
    limit: int | None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """One earlier post on the tone line: `x` and `y` in percent, `tone` is pos, neu or neg."""

    x: str
    y: str
    tone: str
    radius: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """What public sources tell of a customer, and whether they agreed to marketing text (None: nobody knows).

    Of someone heard in a closed place it says only that.
    """

    author: Author
    network: str
    earlier: tuple[Case, ...]
    consent: bool | None
    dots: tuple[Dot, ...]

    @property
    def is_falling(self) -> bool:
        """Whether the last two were both negative after anything better."""
        tones = [dot.tone for dot in self.dots]
        return len(tones) > 2 and tones[-2:] == ["neg", "neg"] and tones[-3] != "neg"


def speaking(brand: Brand, post: Post) -> Speaking:
    """Who may answer this post for the brand, and how long the text may be. `post.source` is looked at."""
    network = connections.label(post.network)
    if not connections.speaks(post.network, demo=post.org.is_demo):
        if post.network in NETWORKS:
            why = _("Siach cannot post in %(places)s. Reply there, keep what you said in a note, and resolve the case.")
            return Speaking(None, why % {"places": BY_KEY[post.network].name}, network, None)
        why = _(
            "Siach only listens here (%(network)s). Reply there, keep what you said in a note, and resolve the case."
        )
        return Speaking(None, why % {"network": network}, network, None)
    accounts = Account.objects.filter(brand=brand, network=post.network).select_related("org").order_by("pk")
    account, why_not = _account(list(accounts), post, network)
    eligible = connections.eligible(account, post.target) if account else None
    if eligible is not None and not eligible.public and not eligible.private:
        account, why_not = None, explain(eligible.reason).sentence
    limit = connections.text_limit(account) if account else None
    return Speaking(account, why_not, network, limit, is_private=post.is_private)


def _account(accounts: list[Account], post: Post, network: str) -> tuple[Account | None, str]:
    """The living account that heard the post, else the first living one; or why there is none."""
    if not accounts:
        why = _("The brand has no account on %(network)s. Connect one on Sources.")
        return None, why % {"network": network}
    alive = [account for account in accounts if account.state == Account.State.LIVE]
    if not alive:
        return None, _("The account needs a new sign-in, on Sources, before it can reply.")
    heard_by = post.source.account_id if post.source else None
    return next((one for one in alive if one.pk == heard_by), alive[0]), ""


def customer_card(case: Case, *, brands: Iterable[Brand], user: User) -> CustomerCard:
    """The person of a case: earlier cases within the reader's brands, and the tone of their last posts.

    A mandate on cases alone opens no earlier contacts; one on topics opens those that speak of them.
    """
    author = case.author
    if author.is_closed:
        return CustomerCard(author, connections.label(author.network), (), None, ())
    limits = narrow(reaches(user, "inbox.read"))
    if any(reach.cases_only for reach in limits.get(case.brand_id, ())):
        return CustomerCard(author, connections.label(author.network), (), None, ())
    earlier = cases_for(user, "inbox.read").filter(author=author, brand__in=brands).exclude(pk=case.pk)
    said = mentions_for(user, "inbox.read", limits=limits).filter(post__author=author, brand=case.brand, is_about=True)
    tones = list(said.order_by("-said_at", "-pk").values_list("sentiment", flat=True)[:DOTS])[::-1]
    return CustomerCard(
        author=author,
        network=connections.label(author.network),
        earlier=tuple(earlier.order_by("-opened_at")[:EARLIER]),
        consent=author.consents.order_by("-at", "-pk").values_list("given", flat=True).first(),
        dots=_dots(tones),
    )


def _dots(tones: list[int]) -> tuple[Dot, ...]:
    names = {-1: "neg", 0: "neu", 1: "pos"}
    step = 96 / max(1, len(tones) - 1)
    return tuple(
        Dot(
            x=f"{2 + index * step:.1f}%",
            y=f"{50 - 28 * tone}%",
            tone=names[tone],
            radius="5.5" if index == len(tones) - 1 else "4",
        )
        for index, tone in enumerate(tones)
    )
