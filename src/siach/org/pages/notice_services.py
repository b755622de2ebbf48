"""Settings, Other services: rooms of the whole team elsewhere that hear of the organisation's notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from siach.org.models import Notice, NoticeService, Org
from siach.org.notices import services
from siach.org.rights import needs, orgs_for
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "notice_services", gettext_lazy("Integrations"), order=60, right="org.manage")


class ServiceForm(forms.Form):
    org = forms.ModelChoiceField(Org.objects.none(), label=gettext_lazy("Organisation"), empty_label=None)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    address = forms.CharField(
        label=gettext_lazy("Address (Apprise format)"),
        help_text=gettext_lazy(
            "For example slack://…, tgram://… or msteams://…, or the https address of a webhook of the service."
            " It is encrypted at once and never shown again."
        ),
        max_length=1000,
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    least_level = forms.TypedChoiceField(
        label=gettext_lazy("Notify about"),
        choices=[
            (Notice.Level.INTERRUPTS.value, gettext_lazy("Important and urgent notices")),
            (Notice.Level.WAKES.value, gettext_lazy("Urgent notices only")),
        ],
        coerce=int,
    )

    def __init__(self, data: Any, orgs: QuerySet[Org]) -> None:
        super().__init__(data)
        self.fields["org"].queryset = orgs  # type: ignore[attr-defined]
        first = orgs[:2]
        if len(first) == 1:
            self.fields["org"].initial = first[0]
            self.fields["org"].widget = forms.HiddenInput()


@needs("org.manage")
@sensitive_post_parameters("address")
@require_http_methods(["GET", "POST"])
def notice_services(request: HttpRequest) -> HttpResponse:
    orgs = orgs_for(request.user, "org.manage").order_by("name", "pk")  # type: ignore[arg-type]
    if not orgs:
        raise Http404
    form = ServiceForm(request.POST if request.method == "POST" else None, orgs)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_service(by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        except services.NoService as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("The service is added. It receives notices from now on."))
            return redirect("notice_services")
    found = NoticeService.objects.filter(org__in=orgs).select_related("org").order_by("org__name", "pk")
    context = {"form": form, "services": found}
    return render(request, "org/notice_services.html", context, status=422 if form.errors else 200)


@needs("org.manage")
@require_POST
def notice_service_remove(request: HttpRequest, pk: int) -> HttpResponse:
    orgs = orgs_for(request.user, "org.manage")  # type: ignore[arg-type]
    service = get_object_or_404(NoticeService.objects.select_related("org"), pk=pk, org__in=orgs)
    services.remove_service(service=service, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The service is removed and receives nothing more."))
    return redirect("notice_services")


urlpatterns = [
    path("settings/services/", notice_services, name="notice_services"),
    path("settings/services/<int:pk>/remove/", notice_service_remove, name="notice_service_remove"),
]
