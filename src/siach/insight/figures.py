"""Small numbers inside a sentence are words, in Hebrew in the gender of what they count."""

from django.utils.safestring import SafeString
from django.utils.translation import pgettext_lazy

from siach.ui.templatetags.siach_ui import num

FEMININE = (
    pgettext_lazy("feminine", "two"),
    pgettext_lazy("feminine", "three"),
    pgettext_lazy("feminine", "four"),
    pgettext_lazy("feminine", "five"),
    pgettext_lazy("feminine", "six"),
    pgettext_lazy("feminine", "seven"),
    pgettext_lazy("feminine", "eight"),
    pgettext_lazy("feminine", "nine"),
    pgettext_lazy("feminine", "ten"),
)
MASCULINE = (
    pgettext_lazy("masculine", "two"),
    pgettext_lazy("masculine", "three"),
    pgettext_lazy("masculine", "four"),
    pgettext_lazy("masculine", "five"),
    pgettext_lazy("masculine", "six"),
    pgettext_lazy("masculine", "seven"),
    pgettext_lazy("masculine", "eight"),
    pgettext_lazy("masculine", "nine"),
    pgettext_lazy("masculine", "ten"),
)


def feminine(n: int) -> SafeString:
    """Two to ten as a word that counts cases; any other number in figures."""
    return SafeString(FEMININE[n - 2]) if 2 <= n <= 10 else num(n)


def masculine(n: int) -> SafeString:
    """Two to ten as a word that counts mentions, replies, approvals or sources; any other number in figures."""
    return SafeString(MASCULINE[n - 2]) if 2 <= n <= 10 else num(n)
