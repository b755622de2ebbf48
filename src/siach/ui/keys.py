"""The single-letter keys of the pages: what each does, and which letter stands where on a Hebrew keyboard.

A key is named by its place, as a KeyboardEvent.code: "KeyR" is R and ר.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Place -> what it does wherever a page offers it. A page gives an action its key by `data-key`.
KEYS: dict[str, str | Promise] = {
    "KeyJ": _("Next in the list"),
    "KeyK": _("Previous in the list"),
    "KeyG": _("Go to a place, with its letter"),
    "KeyR": _("Reply"),
    "KeyN": _("Write an internal note"),
    "KeyA": _("Take the case, or approve"),
    "KeyE": _("Resolve, reopen or acknowledge"),
    "KeyO": _("Open a case"),
    "KeyC": _("Correct the reading"),
    "KeyH": _("Pause all publishing of a brand"),
    "KeyF": _("Filter the queue"),
    "KeyV": _("Save this view"),
    "KeyS": _("Share the post"),
    "KeyZ": _("Undo, while it is offered"),
}
_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HEBREW = "שנבגקכעיןחלךצמםפ/רדאוה'סטז"


def letter_of(code: str) -> str:
    """The Latin letter of a place."""
    return code.removeprefix("Key")


def code_of(letter: str) -> str:
    """The place of a letter, Latin or Hebrew; "" for anything else."""
    found = letter.strip().upper()
    if len(found) != 1 or not found.isalpha():
        return ""
    at = _LATIN.find(found) if found in _LATIN else _HEBREW.find(found)
    return f"Key{_LATIN[at]}" if at >= 0 else ""
