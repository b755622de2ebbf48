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
        _("Facebook closed its groups to every app in April 2024. Members add what is said there."),
        is_main=True,
        by_hand=True,
    ),
    KnownPlace(
        "whatsapp_group",
        Group.CLOSED,
        _("WhatsApp groups"),
        _("WhatsApp groups are closed to apps. Members add what is said there."),
        is_main=True,
        by_hand=True,
    ),
    KnownPlace(
        "telegram_group",
        Group.CLOSED,
        _("Telegram groups"),
        _("A bot hears a group only once its admins add it. Without one, members add what is said there."),
        by_hand=True,
    ),
    KnownPlace(
        "closed_place",
        Group.CLOSED,
        _("Other closed places"),
        _("A closed forum, a community app, a chat: members add what is said there."),
        by_hand=True,
    ),
    KnownPlace(
        "facebook",
        Group.NETWORK,
        _("The brand's Facebook page"),
        _("An app reviewed by Meta hears comments on the page and mentions of it. Facebook offers no search by words."),
        networks=("facebook_page",),
        is_main=True,
    ),
    KnownPlace(
        "instagram",
        Group.NETWORK,
        _("Instagram"),
        _("An app reviewed by Meta hears comments and mentions of a professional account; stories are not included."),
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
        _("Every post read is charged, and an app may reply only to those who mentioned the account."),
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
        _("A bot hears only where it was added; comments are in the channel's own group. Bots cannot search Telegram."),
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
        _("An app reviewed by Meta hears mentions and replies, and may search by words."),
    ),
    KnownPlace("bluesky", Group.NETWORK, "Bluesky", _("Open: everything public can be monitored and searched.")),
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
        _("Reddit must approve access first, and a business needs a contract."),
    ),
    KnownPlace(
        "talkbacks",
        Group.NEWS,
        _("Talkbacks on news sites"),
        _("ynet, Walla, mako, N12 and others: no public API. A monitoring service can send them here."),
        networks=("talkback", "news_comments"),
        is_main=True,
    ),
    KnownPlace(
        "news",
        Group.NEWS,
        _("Articles on news sites"),
        _("Many sites publish feeds of their headlines; paywalled text is not included."),
        connectors=("feed",),
        networks=("rss",),
        is_main=True,
    ),
    KnownPlace(
        "forum",
        Group.NEWS,
        _("Forums and communities"),
        _("A forum that publishes a feed, or runs on Discourse, can be monitored; others need a person or a service."),
        connectors=("discourse",),
        networks=("forums",),
    ),
    KnownPlace(
        "wordpress",
        Group.NEWS,
        _("Comments on the brand's own site"),
        _("WordPress offers comments to the site's owner; other systems often publish them as a feed."),
        networks=("site",),
    ),
    KnownPlace(
        "google_reviews",
        Group.REVIEW,
        _("Google reviews"),
        _("Reviews of the brand's own locations, once Google has granted access."),
        connectors=("google_business",),
        networks=("google",),
        is_main=True,
    ),
    KnownPlace(
        "review_site",
        Group.REVIEW,
        _("Review and ordering sites (Zap, Wolt and the like)"),
        _("No public API for reviews. Some send the business an email about each one."),
        networks=("reviews", "zap", "wolt", "tripadvisor"),
    ),
    KnownPlace(
        "google_play",
        Group.REVIEW,
        _("Reviews in Google Play"),
        _("Only written reviews of the last week; older ones come as a file."),
        networks=("play",),
    ),
    KnownPlace(
        "app_store",
        Group.REVIEW,
        _("Reviews in the App Store"),
        _("All reviews of the brand's own app, with its developer key."),
        networks=("appstore",),
    ),
    KnownPlace(
        "mail",
        Group.DIRECT,
        _("Email to the brand"),
        _("Any mailbox with IMAP access, including what sites and groups send by email."),
        networks=("email",),
    ),
    KnownPlace(
        "whatsapp",
        Group.DIRECT,
        _("WhatsApp messages to the brand"),
        _(
            "What customers write to the brand's own number. Free-form replies are allowed for 24 hours; "
            "messages are charged."
        ),
        is_main=True,
    ),
    KnownPlace(
        "messenger",
        Group.DIRECT,
        _("Messages on Facebook and Instagram"),
        _(
            "What customers write to the brand's pages, by an app reviewed by Meta. Free-form replies are "
            "allowed for 24 hours."
        ),
    ),
)
BY_KEY = {place.key: place for place in PLACES}
