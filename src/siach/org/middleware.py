"""What every page knows of its reader: rights, brands, the brand in view, language and zone."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from siach.org.factors import must_add_factor
from siach.org.holds import holding
from siach.org.live import end_streams
from siach.org.models import Brand, Membership
from siach.org.notices.reading import unseen
from siach.org.rights import ROLES, brands_for, forget, remember, rights_of
from siach.org.sessions import see, stream_key, why_over
from siach.ui.frame import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Hold
    from siach.org.sessions import Why

BRAND_IN_VIEW = "brand"
SAFE = ("GET", "HEAD")
#: What opens for whoever must set a second factor up first, besides the doors that open for everybody.
BEFORE_FACTOR = frozenset(
    {"sign_in", "factor_app", "passkey_new", "codes", "codes_file", "codes_new", "confirm", "password", "session_end"}
)


class LastEnd:
    """Signs out whoever signed in too long ago, or did nothing for too long, and says so at the door. Stands before
    `SeeAs`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        why = why_over(request.session, at=timezone.now()) if request.user.is_authenticated else ""
        if why:
            end_streams(stream_key(request.session.session_key))
            logout(request)
            messages.info(request, _why(why))
        return self.get_response(request)


def _why(why: Why) -> str:
    if why == "last":
        return _("This session reached its time limit. Please sign in again.")
    return _("You were signed out after a long time without activity. Sign in to return; drafts are kept.")


class Reader:
    """Sets `request.rights`, `request.brands` (own brands in scope), `request.brand` (in view, or None: all),
    `request.holds` (those in force of the brands shown), `request.strips` (what each page says above itself) and, for
    whoever is told anything, `request.bell` (how many notices are new): looked at when a page asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.rights, request.brands, request.brand = frozenset(), [], None  # type: ignore[attr-defined]
        request.must_add_factor = False  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._know(request)
            if not request.seen_role:  # type: ignore[attr-defined]
                see(request, at=timezone.now())
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Until a second factor that their role must have is set up, every page leads to where it is. A deed looks at
        its doer's rights anew."""
        if request.method not in SAFE and request.user.is_authenticated:
            forget(request.user)
        name = request.resolver_match.url_name if request.resolver_match else ""
        if not request.must_add_factor or name in BEFORE_FACTOR or getattr(view, "right", None) == "":  # type: ignore[attr-defined]
            return None
        return redirect("sign_in")

    def _know(self, request: HttpRequest) -> None:
        remember(request.user)  # type: ignore[arg-type]
        request.must_add_factor = must_add_factor(request.user)  # type: ignore
        if request.must_add_factor:  # type: ignore[attr-defined]
            request.rights = frozenset({"self.manage"})  # type: ignore[attr-defined]
            self._speak(request, None)
            return
        role: str = request.seen_role  # type: ignore[attr-defined]
        request.rights = ROLES[role] if role else rights_of(request.user)  # type: ignore
        if "self.manage" in request.rights:  # type: ignore[attr-defined]
            request.bell = SimpleLazyObject(lambda: unseen(request.user))  # type: ignore
        own = brands_for(request.user, "today.read").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
        brands = list(own.select_related("org").order_by("org__name", "id"))
        chosen = request.session.get(BRAND_IN_VIEW)
        request.brands = brands  # type: ignore[attr-defined]
        brand = next((b for b in brands if b.pk == chosen), brands[0] if len(brands) == 1 else None)
        request.brand = brand  # type: ignore[attr-defined]
        shown = [brand] if brand else brands
        holds = SimpleLazyObject(lambda: holding(shown) if shown else [])
        request.holds = holds  # type: ignore[attr-defined]
        request.strips = SimpleLazyObject(lambda: _strips(shown, holds, role))  # type: ignore[attr-defined]
        first = brand or (brands[0] if brands else None)
        timezone.activate(zoneinfo.ZoneInfo(first.zone if first else "Asia/Jerusalem"))
        self._speak(request, first)

    def _speak(self, request: HttpRequest, first: Brand | None) -> None:
        language = request.user.language or (first.org.language if first else "")  # type: ignore[union-attr]
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


def _strips(brands: Sequence[Brand], holds: Iterable[Hold], role: str) -> list[Strip]:
    """Asked only by a page that draws its frame."""
    if role:
        return [Strip("org/see_as_strip.html", Membership.Role(role).label)]
    demo = next((brand.org for brand in brands if brand.org.is_demo), None)
    invented = [Strip("org/demo_strip.html", demo)] if demo else []
    return invented + [Strip("org/hold_strip.html", hold) for hold in holds]
