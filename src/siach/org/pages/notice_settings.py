"""My account, Notices: what reaches this person outside the product, when, and in which of their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org import mail
from siach.org.models import Notice, PushSubscription
from siach.org.notices import push, reading
from siach.org.notices.preferences import (
    BY_PERSON,
    MOST,
    NEVER,
    NOUNS,
    least_level,
    preferences,
    set_preferences,
    topics_of,
)
from siach.org.rights import needs
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from siach.org.models import Brand, NoticePreferences, Topic, User

LEAF = Leaf("me", "notice_settings", gettext_lazy("Notices"), order=30, right="self.manage")

FROM_LEVEL = [
    (Notice.Level.NORMAL.value, pgettext_lazy("from level", "Always")),
    (Notice.Level.INTERRUPTS.value, pgettext_lazy("from level", "Important and urgent")),
    (Notice.Level.WAKES.value, pgettext_lazy("from level", "Urgent only")),
    (NEVER, pgettext_lazy("from level", "Never")),
]
SUNDAY_FIRST = (6, 0, 1, 2, 3, 4, 5)


class PreferencesForm(forms.Form):
    """One select for each noun and channel, then hours, brands, topics, the cap and the morning brief."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=pgettext_lazy("hour", "Until"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    keeps_holidays = forms.BooleanField(
        label=gettext_lazy("Rest on Shabbat and Israeli holidays: from 14:00 on the eve until 20:30 when they end"),
        required=False,
    )
    brands_off = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Brands kept inside Siach"),
        help_text=gettext_lazy("About these, only urgent notices come by email and push."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cap = forms.IntegerField(
        label=gettext_lazy("Notices per day, at most"),
        help_text=gettext_lazy("Any more wait for the digest at 07:30, 13:00 or 17:30. Urgent notices never wait."),
        min_value=0,
        max_value=MOST,
    )
    has_brief = forms.BooleanField(label=gettext_lazy("A morning brief at 07:30"), required=False)
    brief_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=[(day, WEEKDAYS[day]) for day in SUNDAY_FIRST],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Any,
        chosen: NoticePreferences,
        brands: Sequence[Brand],
        topics: Sequence[tuple[Brand, Sequence[Topic]]],
    ) -> None:
        initial = {name: getattr(chosen, name) for name in ("quiet_from", "quiet_to", "keeps_holidays", "brands_off")}
        initial |= {name: getattr(chosen, name) for name in ("cap", "has_brief", "brief_days")}
        super().__init__(data, initial=initial)
        if len(brands) > 1:
            self.fields["brands_off"].choices = [(b.pk, b.name) for b in brands]  # type: ignore[attr-defined]
        else:
            del self.fields["brands_off"]
        self.has_topics_off = bool(chosen.topics_off)
        self.topic_fields = [f"topics_of_{brand.pk}" for brand, _topics in topics]
        for name, (brand, of_brand) in zip(self.topic_fields, topics, strict=True):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=_("Topics of %(brand)s") % {"brand": brand.name},
                choices=[(topic.pk, topic.name) for topic in of_brand],
                coerce=int,
                required=False,
                initial=chosen.topics_off,
                widget=forms.CheckboxSelectMultiple,
            )
        for noun, label in NOUNS.items():
            for channel in BY_PERSON:
                words = {"aria-label": f"{label}, {channel.label}", "class": "input"}
                self.fields[f"{channel}_{noun}"] = forms.TypedChoiceField(
                    choices=FROM_LEVEL,
                    coerce=int,
                    initial=least_level(chosen, channel, noun),
                    widget=forms.Select(words),
                )

    def rows(self) -> list[tuple[Any, list[tuple[Any, forms.BoundField]]]]:
        """For each noun its label and, by channel, the channel's label and its select."""
        return [
            (label, [(channel.label, self[f"{channel}_{noun}"]) for channel in BY_PERSON])
            for noun, label in NOUNS.items()
        ]

    def topics(self) -> list[forms.BoundField]:
        """A list of boxes for each brand that has topics."""
        return [self[name] for name in self.topic_fields]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_to") is None):
            self.add_error("quiet_to", _("Quiet hours need both a start and an end."))
        return cleaned

    def save(self, user: User) -> None:
        said = self.cleaned_data
        set_preferences(
            user=user,
            rules={channel: {noun: said[f"{channel}_{noun}"] for noun in NOUNS} for channel in BY_PERSON},
            brands_off=said.get("brands_off", []),
            topics_off=[pk for name in self.topic_fields for pk in said[name]],
            quiet=(said["quiet_from"], said["quiet_to"]),
            keeps_holidays=said["keeps_holidays"],
            cap=said["cap"],
            brief_days=said["brief_days"] if said["has_brief"] else None,
        )


@needs("self.manage")
@require_http_methods(["GET", "POST"])
def notice_settings(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    data = request.POST if request.method == "POST" else None
    brands: Sequence[Brand] = request.brands  # type: ignore[attr-defined]
    form = PreferencesForm(data, preferences(user), brands, topics_of(user, brands))
    if data is not None and form.is_valid():
        form.save(user)
        messages.success(request, _("Saved. It applies from the next notice."))
        return redirect("notice_settings")
    context = {
        "form": form,
        "browsers": PushSubscription.objects.filter(user=user).order_by("-made_at"),
        "push_key": push.public_key(),
        "mail_is_set": mail.is_set(),
        "days": reading.interruptions_by_day(user, at=timezone.now()),
    }
    return render(request, "org/notice_settings.html", context, status=422 if form.errors else 200)


@needs("self.manage")
@require_POST
def browser_add(request: HttpRequest) -> HttpResponse:
    """What the page's script got from the browser."""
    keys = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    agent = request.headers.get("User-Agent", "")
    try:
        push.subscribe(user=request.user, agent=agent, at=timezone.now(), **keys)  # type: ignore[arg-type]
    except push.NoBrowser as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Push notifications are on in this browser."))
    return redirect("notice_settings")


@needs("self.manage")
@require_POST
def browser_remove(request: HttpRequest, pk: int) -> HttpResponse:
    push.unsubscribe(browser=get_object_or_404(PushSubscription, pk=pk, user=request.user))
    messages.success(request, _("Push notifications are off in this browser."))
    return redirect("notice_settings")


urlpatterns = [
    path("account/notices/", notice_settings, name="notice_settings"),
    path("account/notices/browser/", browser_add, name="browser_add"),
    path("account/notices/browser/<int:pk>/remove/", browser_remove, name="browser_remove"),
]
