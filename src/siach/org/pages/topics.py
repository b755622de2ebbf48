"""A brand's topics: what people speak of when they speak of it, and the ways they say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from siach.org import topics as deeds
from siach.org.actions import Refused
from siach.org.forms import Lines
from siach.org.models import Brand, Topic
from siach.org.rights import brands_for, needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class TopicForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Topic"), max_length=80, widget=forms.TextInput({"dir": "auto"}))
    words = Lines(
        label=gettext_lazy("Ways people say it, one per line"),
        help_text=gettext_lazy("Other words, other languages. Prefixes such as ב or ל need no line of their own."),
        longest=80,
    )
    is_value = forms.BooleanField(label=gettext_lazy("One of the brand's values"), required=False)


@needs("brand.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def topics(request: HttpRequest, brand: int) -> HttpResponse:
    """The topics, and a new one."""
    found = _brand(request, brand)
    form = TopicForm(request.POST or None, prefix="new")
    if request.method == "POST" and form.is_valid() and _kept(request, found, None, form):
        return redirect("topics", brand=found.pk)
    return _page(request, found, form)


@needs("brand.manage")
@require_POST
def topic_change(request: HttpRequest, pk: int) -> HttpResponse:
    known = _topic(request, pk)
    form = TopicForm(request.POST, prefix=f"t{known.pk}")
    if form.is_valid() and _kept(request, known.brand, known, form):
        return redirect("topics", brand=known.brand_id)
    return _page(request, known.brand, TopicForm(prefix="new"), broken=(known.pk, form))


@needs("brand.manage")
@require_POST
def topic_remove(request: HttpRequest, pk: int) -> HttpResponse:
    known = _topic(request, pk)
    try:
        deeds.remove_topic(topic=known, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The topic is removed."))
    return redirect("topics", brand=known.brand_id)


def _brand(request: HttpRequest, pk: int) -> Brand:
    mine = brands_for(request.user, "brand.manage").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return get_object_or_404(mine, pk=pk)


def _topic(request: HttpRequest, pk: int) -> Topic:
    mine = brands_for(request.user, "brand.manage")  # type: ignore[arg-type]
    return get_object_or_404(Topic.objects.filter(brand__in=mine).select_related("brand__org"), pk=pk)


def _kept(request: HttpRequest, brand: Brand, known: Topic | None, form: TopicForm) -> bool:
    """Whether it was kept; a refusal is put on the form."""
    at = timezone.now()
    try:
        deeds.keep_topic(brand=brand, topic=known, **form.cleaned_data, by=request.user, at=at)  # type: ignore[arg-type]
    except Refused as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("The topic is saved. It applies to everything that arrives from now on."))
    return True


def _page(
    request: HttpRequest, brand: Brand, new: TopicForm, *, broken: tuple[int, TopicForm] | None = None
) -> HttpResponse:
    known = []
    for topic in Topic.objects.filter(brand=brand).order_by("name", "pk"):
        words = [word for word in topic.words if word != topic.name]
        initial = {"name": topic.name, "words": words, "is_value": topic.is_value}
        is_broken = broken is not None and broken[0] == topic.pk
        form = broken[1] if broken and is_broken else TopicForm(prefix=f"t{topic.pk}", initial=initial)
        known.append((topic, form, is_broken))
    status = 422 if new.errors or broken else 200
    context = {"subject": brand, "topics": known, "new": new}
    return render(request, "org/topics.html", context, status=status)


urlpatterns = [
    path("settings/brands/<int:brand>/topics/", topics, name="topics"),
    path("settings/topics/<int:pk>/", topic_change, name="topic_change"),
    path("settings/topics/<int:pk>/remove/", topic_remove, name="topic_remove"),
]
