"""What a password must be, said in the reader's own language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from siach.org.models import Brand, Org

if TYPE_CHECKING:
    from siach.org.models import User

#: A password must hold so many letters and digits besides the words that everybody here could guess.
BESIDES = 6
OURS = ("siach", "שיח")


class LongEnough(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("The password is too short: at least %(n)s characters are needed.") % {"n": self.min_length}


class NotCommon(CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("This password is one of the easiest to guess. A few words of your own are safer.")


class NotOurs:
    """No password of the words that everybody here could guess: Siach, the organisations and brands of the person,
    their own name and address, with a few signs round them."""

    def validate(self, password: str, user: User | None = None) -> None:
        said = _plain(password)
        left = said
        for word in sorted(_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != said and len(left) < BESIDES:
            raise ValidationError(self.get_help_text(), code="password_ours")

    def get_help_text(self) -> str:
        return _("This password is little more than a name connected with you or your work. Add other words.")


def _words(user: User | None) -> set[str]:
    """The words of this list that are three signs or longer; whole names, and each of their words."""
    said: list[str] = list(OURS)
    if user is not None:
        said += [user.name, *re.split(r"[@.]", user.email)]
    if user is not None and user.pk:
        orgs = Org.objects.filter(teams__memberships__user=user)
        brands = Brand.objects.filter(Q(org__in=orgs) | Q(mandates__team__memberships__user=user))
        said += orgs.values_list("name", flat=True)
        for name, names in brands.values_list("name", "names"):
            said += [name, *names]
    parts = [part for one in said for part in (one, *one.split())]
    return {word for word in map(_plain, parts) if len(word) >= 3}


def _plain(text: str) -> str:
    """Letters and digits alone, small ones."""
    return re.sub(r"[\W_]+", "", text).casefold()
