"""Where people in Israel talk about brands, and what is known of hearing them there: the check-list behind Sources.

One line a place. What its network lets nobody do stands in `limit`, a sentence that holds whatever Siach learns. Which
connector would hear it is named by its folder; whether that folder is there is asked when the list is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import Promise


class Group(StrEnum):
    """The kinds of places, in the order of the list."""

    CLOSED = "closed"
    NETWORK = "network"
    NEWS = "news"
    REVIEW = "review"
    DIRECT = "direct"


GROUPS: dict[Group, str | Promise] = {
    Group.CLOSED: _("Groups and chats"),
    Group.NETWORK: _("Networks"),
    Group.NEWS: _("News, forums and sites"),
    Group.REVIEW: _("Reviews"),
    Group.DIRECT: pgettext_lazy("places", "Direct"),
}


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A kind of place. `networks`: what sources there are stored under, besides `connectors`. `is_main`: a brand of any
    size is spoken of there. `by_hand`: people may bring what they saw there by the capture page."""

    key: str
    group: Group
    name: str | Promise
    limit: str | Promise
    connectors: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    is_main: bool = False
    by_hand: bool = False

    @property
    def stored_as(self) -> frozenset[str]:
        return frozenset((self.key, *self.connectors, *self.networks))


PLACES: tuple[KnownPlace, ...] = (
    KnownPlace(
        "facebook_group",
        Group.CLOSED,
        _("Facebook groups"),
        _("Facebook closed its groups to every app in April 2024. Members bring what is said there."),
        is_main=True,
        by_hand=True,
    ),
    KnownPlace(
        "whatsapp_group",
        Group.CLOSED,
        _("WhatsApp groups"),
        _("Groups of people let no app listen. Members bring what is said there."),
        is_main=True,
        by_hand=True,
    ),
    KnownPlace(
        "telegram_group",
        Group.CLOSED,
        _("Telegram groups"),
        _("A bot hears a group only once its managers add it. Without one, members bring what is said there."),
        by_hand=True,
    ),
    KnownPlace(
        "closed_place",
        Group.CLOSED,
        _("Other closed places"),
        _("A closed forum, a community's app, a chat: whoever is inside brings what is said there."),
        by_hand=True,
    ),
    KnownPlace(
        "facebook",
        Group.NETWORK,
        _("The brand's Facebook page"),
        _("An app that Meta reviewed hears comments and mentions of the page. Nobody may search Facebook by words."),
        networks=("facebook_page",),
        is_main=True,
    ),
    KnownPlace(
        "instagram",
        Group.NETWORK,
        _("Instagram"),
        _("An app that Meta reviewed hears comments and mentions of a professional account; stories are left out."),
        is_main=True,
    ),
    KnownPlace(
        "tiktok",
        Group.NETWORK,
        _("TikTok"),
        _("An approved app hears comments under the brand's own videos, not under those of others."),
        networks=("tiktok_business",),
        is_main=True,
    ),
    KnownPlace(
        "x",
        Group.NETWORK,
        "X",
        _("Everything read is paid for, and an app may answer only those who named the account."),
        networks=("twitter",),
        is_main=True,
    ),
    KnownPlace(
        "youtube",
        Group.NETWORK,
        _("YouTube"),
        _("Comments under the videos of the brand's own channel, within a daily budget of calls."),
        is_main=True,
    ),
    KnownPlace(
        "telegram",
        Group.NETWORK,
        _("Telegram channels"),
        _("A bot hears where it was added; comments stand in the channel's own group. No bot may search Telegram."),
        networks=("telegram_channel",),
        is_main=True,
    ),
    KnownPlace(
        "linkedin",
        Group.NETWORK,
        _("LinkedIn"),
        _("An approved app hears comments and mentions of the company's page, while its manager's consent holds."),
    ),
    KnownPlace(
        "threads",
        Group.NETWORK,
        "Threads",
        _("An app that Meta reviewed hears mentions and replies, and may search by words."),
    ),
    KnownPlace("bluesky", Group.NETWORK, "Bluesky", _("Open: everything public may be heard and searched.")),
    KnownPlace(
        "mastodon",
        Group.NETWORK,
        "Mastodon",
        _("Open, by each server's own rules. A search finds only authors who agreed to be found."),
    ),
    KnownPlace(
        "reddit",
        Group.NETWORK,
        _("Reddit"),
        _("Nothing is read before Reddit approves it, and a business needs a contract."),
    ),
    KnownPlace(
        "talkbacks",
        Group.NEWS,
        _("Talkbacks on news sites"),
        _("ynet, walla, mako, N12 and others: we know of no interface for them. A monitoring service may post them."),
        networks=("talkback", "news_comments"),
        is_main=True,
    ),
    KnownPlace(
        "news",
        Group.NEWS,
        _("Articles on news sites"),
        _("Many sites publish feeds of their headlines; the words behind a subscription are not in them."),
        connectors=("feed",),
        networks=("rss",),
        is_main=True,
    ),
    KnownPlace(
        "forum",
        Group.NEWS,
        _("Forums and communities"),
        _("Where a forum publishes a feed, or runs on Discourse, it may be heard; others need a person or a service."),
        connectors=("discourse",),
        networks=("forums",),
    ),
    KnownPlace(
        "wordpress",
        Group.NEWS,
        _("Comments on the brand's own site"),
        _("WordPress gives its comments to whoever runs the site; others often publish them as a feed."),
        networks=("site",),
    ),
    KnownPlace(
        "google_reviews",
        Group.REVIEW,
        _("Google reviews"),
        _("Reviews of the brand's own places on the map, once Google has granted access."),
        connectors=("google_business",),
        networks=("google",),
        is_main=True,
    ),
    KnownPlace(
        "review_site",
        Group.REVIEW,
        _("Review and ordering sites (Zap, Wolt and the like)"),
        _("We know of no interface of these sites for reviews. Some send the business a mail of each."),
        networks=("reviews", "zap", "wolt", "tripadvisor"),
    ),
    KnownPlace(
        "google_play",
        Group.REVIEW,
        _("Reviews in Google Play"),
        _("Reviews with words of the last week alone; older ones come as a file."),
        networks=("play",),
    ),
    KnownPlace(
        "app_store",
        Group.REVIEW,
        _("Reviews in the App Store"),
        _("All reviews of the brand's own app, asked for with its developer's key."),
        networks=("appstore",),
    ),
    KnownPlace(
        "mail",
        Group.DIRECT,
        _("Mail to the brand"),
        _("Any mailbox that lets a program read it, also for what sites and groups send by mail."),
        networks=("email",),
    ),
    KnownPlace(
        "whatsapp",
        Group.DIRECT,
        _("WhatsApp messages to the brand"),
        _("What customers write to the brand's own number. Free words may answer within a day; messages are metered."),
        is_main=True,
    ),
    KnownPlace(
        "messenger",
        Group.DIRECT,
        _("Messages on Facebook and Instagram"),
        _("What customers write to the brand's pages, by an app that Meta reviewed; free words may answer for a day."),
    ),
)
BY_KEY = {place.key: place for place in PLACES}
