"""What networks say when they refuse, and what their sign-in forms ask, in the reader's language.

Connectors speak English and know no catalogue, so their sentences are gathered for it here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy, gettext_noop

if TYPE_CHECKING:
    from django.utils.functional import Promise

#: Networks that other systems and files name and no connector of ours serves, by the names that are usual for them.
KNOWN: dict[str, str | Promise] = {
    "app_store": "App Store",
    "email": gettext_lazy("Email"),
    "facebook": gettext_lazy("Facebook"),
    "facebook_page": gettext_lazy("Facebook"),
    "forum": gettext_lazy("Forum"),
    "google": gettext_lazy("Google reviews"),
    "google_play": "Google Play",
    "google_reviews": gettext_lazy("Google reviews"),
    "instagram": gettext_lazy("Instagram"),
    "linkedin": gettext_lazy("LinkedIn"),
    "messenger": gettext_lazy("Messenger"),
    "news": gettext_lazy("News site"),
    "news_comments": gettext_lazy("Talkbacks"),
    "pinterest": gettext_lazy("Pinterest"),
    "reddit": gettext_lazy("Reddit"),
    "reviews": gettext_lazy("Reviews"),
    "talkback": gettext_lazy("Talkbacks"),
    "talkbacks": gettext_lazy("Talkbacks"),
    "telegram": gettext_lazy("Telegram"),
    "telegram_channel": gettext_lazy("Telegram"),
    "threads": "Threads",
    "tiktok": gettext_lazy("TikTok"),
    "tripadvisor": "Tripadvisor",
    "trustpilot": "Trustpilot",
    "twitter": "X",
    "whatsapp": gettext_lazy("WhatsApp"),
    "wolt": gettext_lazy("Wolt"),
    "x": "X",
    "youtube": gettext_lazy("YouTube"),
    "zap": gettext_lazy("Zap"),
}

SENTENCES = frozenset(
    (
        gettext_noop("The server cannot be reached."),
        gettext_noop("The server did not answer in time."),
        gettext_noop("The connection to the server was lost."),
        gettext_noop("The server answered something other than data."),
        gettext_noop("The server's answer broke off or cannot be read."),
        gettext_noop("The server's answer cannot be read."),
        gettext_noop("The server's answer has an unexpected shape."),
        gettext_noop("This is not a server address."),
        gettext_noop("A server address starts with https://."),
        gettext_noop("A server address ends after the host name."),
        gettext_noop("This server's address is inside a private network."),
        gettext_noop("Bluesky needs a handle and an app password."),
        gettext_noop("Mastodon needs the name of the account's server."),
        gettext_noop("This server does not accept the sign-in."),
        gettext_noop("The sign-in to Mastodon no longer holds. Sign in again."),
        gettext_noop("This post is not on Mastodon."),
        gettext_noop("Only whoever takes part in a private conversation may be named in it."),
        gettext_noop("Mastodon hides nobody's replies."),
        gettext_noop("Bluesky does not accept this handle and app password."),
        gettext_noop("This account asks for a second factor: use an app password of it."),
        gettext_noop("The sign-in to Bluesky no longer holds. Sign in again."),
        gettext_noop("The key that sealed this sign-in is lost. Connect the account again."),
        gettext_noop("This source has no account."),
        gettext_noop("This is a demo: its people and posts are invented, and nothing of it reaches a network."),
        gettext_noop("A search needs words to search for."),
        gettext_noop("This thread is gone."),
        gettext_noop("This thread cannot be read: it is gone, or hidden from this account."),
        gettext_noop("The post is gone, or hidden from this account."),
        gettext_noop("The thread is gone."),
        gettext_noop("Someone else changed this thread just now."),
        gettext_noop("There is no text to send."),
        gettext_noop("The text holds broken characters."),
        gettext_noop("Another post was sent with this key before."),
        gettext_noop("Only the account's own posts can be removed."),
        gettext_noop("Only replies in the account's own threads can be hidden."),
        gettext_noop("This post is not on Bluesky."),
        gettext_noop("The author and this account have blocked each other."),
        gettext_noop("The author closed this thread for replies."),
        gettext_noop("This address gives no feed that can be read."),
        gettext_noop("This page names no feed. Paste the address of the feed itself."),
        gettext_noop("This feed has ended: its address says that it is gone for good."),
        gettext_noop("This feed has ended: it says itself that no more will come."),
        gettext_noop("This feed asks for a sign-in, and Siach has none for feeds."),
        gettext_noop("This address leads from one place to the next without an end."),
        gettext_noop("Nothing stands at this address."),
        gettext_noop("A feed needs its address. Connect it again."),
        gettext_noop("The hub refuses to tell of news."),
        gettext_noop("The hub leads elsewhere without an end."),
        gettext_noop("The hub never called back. Perhaps it cannot reach this Siach."),
        gettext_noop("This mailbox has no such folder."),
        gettext_noop("This server offers no encrypted connection."),
        gettext_noop("This server's certificate cannot be trusted."),
        gettext_noop("The server refuses for now."),
        gettext_noop("A port is a number from 1 to 65535."),
        gettext_noop("The sign-in to this mailbox no longer holds. Connect it again."),
        gettext_noop("All publishing for this brand is paused."),
        gettext_noop("Everything of this brand is stopped."),  # as words that were held before say
        gettext_noop("A rule asks for an approval, and nobody here may give it."),
    )
)
FORM_WORDS = frozenset(
    (
        gettext_noop("Handle"),
        gettext_noop("As on Bluesky, for example name.bsky.social"),
        gettext_noop("App password"),
        gettext_noop("Created in Bluesky under Settings, App passwords"),
        gettext_noop("Server"),
        gettext_noop("Change it only for a server of one's own"),
        gettext_noop("Where the account lives, for example mastodon.social"),
        gettext_noop("Access token"),
        gettext_noop(
            "Leave it blank to approve on the server's own page. Created there under Preferences, Development"
        ),
        gettext_noop("Code"),
        gettext_noop("The server shows it after you approve there"),
        gettext_noop("The IMAP server, for example imap.example.com"),
        gettext_noop("User name"),
        gettext_noop("With most providers the whole address"),
        gettext_noop("Password"),
        gettext_noop("An app password, where the provider has them"),
        gettext_noop("Folder"),
        gettext_noop("A separate folder for customers’ messages keeps the rest unread"),
        gettext_noop("Port"),
        gettext_noop("Change it only where the provider says so"),
        gettext_noop("Address"),
        gettext_noop("Of the feed, or of the page it belongs to"),
        gettext_noop("Everything in it is about the brand"),
        gettext_noop("For example, reviews of the brand. Otherwise only posts that name the brand count"),
    )
)
#: The names of what is no brand of somebody else's, and what is told before it is connected.
PLACE_WORDS = frozenset(
    (
        gettext_noop("Feed"),
        gettext_noop("News, blogs, reviews and forums that offer RSS, Atom or JSON Feed. No sign-in needed."),
        gettext_noop("Email"),
        gettext_noop(
            "What people write to an address of the brand is heard from its mailbox, as private messages. Nothing in "
            "the mailbox is changed. The password is stored encrypted."
        ),
    )
)
_ANSWERED = re.compile(r"The server answered (\d{3})")
_TOO_LONG = re.compile(r"The text has (\d+) (letters|bytes); (\w+) takes (\d+)\.")


@dataclass(frozen=True, slots=True)
class Explained:
    """A network's message: `sentence` for the reader, `original` when the sentence does not say it all."""

    sentence: str
    original: str = ""


def explain(message: str) -> Explained:
    """The reader's words for a `NetworkError.message`."""
    if message in SENTENCES:
        return Explained(gettext(message))
    if found := _ANSWERED.match(message):
        return Explained(_answered(int(found.group(1))), message)
    if found := _TOO_LONG.fullmatch(message):
        length, unit, network, most = found.groups()
        words = (
            gettext("The text has %(length)s letters; %(network)s takes %(most)s.")
            if unit == "letters"
            else gettext("The text has %(length)s bytes; %(network)s takes %(most)s.")
        )
        return Explained(words % {"length": length, "network": network, "most": most})
    return Explained(gettext("The network refused."), message) if message else Explained("")


def _answered(status: int) -> str:
    if status == 429:
        return gettext("The network asks us to wait: too many requests.")
    if status >= 500:
        return gettext("The network has a fault of its own.")
    return gettext("The network refused this request.")
