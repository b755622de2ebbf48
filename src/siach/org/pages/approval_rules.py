"""Settings, Approvals: when each brand asks for an approval, of whom, and the chain, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from siach.org.approval_rules import MOST_STEPS, BadRule, Draft, Step, offered, remove_rule, set_rule, take_offer
from siach.org.approval_words import INTENTS, told, topic_names
from siach.org.approvals import RIGHT
from siach.org.forms import capitalised
from siach.org.models import ApprovalRule, Brand, Membership, RuleStep
from siach.org.rights import ROLES, brands_for, members, needs
from siach.ui.frame import Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

LEAF = Leaf("settings", "approval_rules", gettext_lazy("Approvals"), order=50, right="approval.manage")
Role = Membership.Role
MAY_DECIDE = capitalised((role, Role(role).label) for role, rights in ROLES.items() if RIGHT in rights)
WRITE = capitalised((role, Role(role).label) for role, rights in ROLES.items() if "case.answer" in rights)


class RuleForm(forms.Form):
    """When a rule asks: what is left empty does not matter to it."""

    name = forms.CharField(label=gettext_lazy("Name of the rule"), max_length=80)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority of the case"),
        choices=[("", gettext_lazy("Any priority")), ("1", "P1"), ("2", "P1, P2"), ("3", "P1, P2, P3")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    followers = forms.IntegerField(
        label=gettext_lazy("Minimum followers"), min_value=0, max_value=10**9, required=False
    )
    topics = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Topics of the case"),
        help_text=gettext_lazy("One matching topic is enough."),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    intents = forms.MultipleChoiceField(
        label=gettext_lazy("Intent"),
        choices=capitalised(INTENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    is_safety = forms.BooleanField(label=gettext_lazy("Safety matters only"), required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Written by"), choices=WRITE, widget=forms.CheckboxSelectMultiple, required=False
    )
    by_mandate = forms.BooleanField(label=gettext_lazy("Only if the author's mandate requires it"), required=False)
    own_forbidden = forms.BooleanField(
        label=gettext_lazy("Not by the author of the reply"), required=False, initial=True
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = list(brand.topics.order_by("name", "pk").values_list("pk", "name"))
        if topics:
            self.fields["topics"].choices = topics  # type: ignore[attr-defined]
        else:
            del self.fields["topics"]


class StepForm(forms.Form):
    """One step of the chain; without anybody in it the step does not exist."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles that approve"),
        choices=MAY_DECIDE,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("People who approve"), widget=forms.CheckboxSelectMultiple, required=False
    )
    needs_all = forms.BooleanField(label=gettext_lazy("All of them must approve"), required=False)
    substitute = forms.ChoiceField(label=gettext_lazy("Substitute when time is up"), required=False)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to decide"), min_value=1, max_value=14 * 24 * 60, initial=60, required=False
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(user.pk), user.name) for user in members(brand.org, RIGHT).order_by("name")]
        self.fields["people"].choices = people  # type: ignore[attr-defined]
        self.fields["substitute"].choices = [("", _("Nobody")), *people]  # type: ignore[attr-defined]

    def step(self) -> Step | None:
        """The step as it was described, None for an empty one."""
        said = self.cleaned_data
        if not said["roles"] and not said["people"]:
            return None
        return Step(
            roles=said["roles"],
            people=[int(pk) for pk in said["people"]],
            needs_all=said["needs_all"],
            substitute=int(said["substitute"]) if said["substitute"] else None,
            minutes=said["minutes"] or 60,
        )


def _brands(request: HttpRequest) -> Any:
    scope = brands_for(request.user, "approval.manage").filter(kind=Brand.Kind.OWN)  # type: ignore[arg-type]
    return scope.select_related("org")


@needs("approval.manage")
@require_GET
def approval_rules(request: HttpRequest) -> HttpResponse:
    brands = list(_brands(request).order_by("name"))
    rules = ApprovalRule.objects.filter(brand__in=brands).prefetch_related("steps__people", "steps__substitute")
    topics = topic_names(rules)
    texts = [told(rule, topics) for rule in rules]
    shown = [(brand, [text for text in texts if text.rule.brand_id == brand.pk]) for brand in brands]
    return render(request, "org/approval_rules.html", {"shown": shown, "offer": offered()})


@needs("approval.manage")
@require_http_methods(["GET", "POST"])
def approval_rule(request: HttpRequest, brand: int, rule: int | None = None) -> HttpResponse:
    """A new rule, or one that stands."""
    found = get_object_or_404(_brands(request), pk=brand)
    standing = get_object_or_404(ApprovalRule, pk=rule, brand=found) if rule is not None else None
    form = RuleForm(request.POST or None, brand=found, initial=_said(standing))
    steps = _steps(request.POST or None, found, standing)
    if request.method == "POST" and all([form.is_valid(), *(step.is_valid() for step in steps)]):
        when = dict(form.cleaned_data)
        draft = Draft(
            name=when.pop("name"),
            own_forbidden=when.pop("own_forbidden"),
            when=when,
            steps=[made for step in steps if (made := step.step())],
        )
        try:
            set_rule(brand=found, draft=draft, rule=standing, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except BadRule as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The rule is saved. It applies from the next reply."))
            return redirect("approval_rules")
    broken = bool(form.errors or any(step.errors for step in steps))
    context = {"subject": found, "rule": standing, "form": form, "steps": steps}
    return render(request, "org/approval_rule.html", context, status=422 if broken else 200)


def _said(rule: ApprovalRule | None) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in RuleForm.base_fields} if rule else {}


def _steps(data: Mapping[str, Any] | None, brand: Brand, rule: ApprovalRule | None) -> list[StepForm]:
    kept = {step.place: step for step in rule.steps.prefetch_related("people")} if rule else {}
    return [
        StepForm(data, brand=brand, prefix=f"step{place}", initial=_step(kept.get(place)))
        for place in range(1, MOST_STEPS + 1)
    ]


def _step(step: RuleStep | None) -> dict[str, Any]:
    if step is None:
        return {}
    return {
        "roles": step.roles,
        "people": [str(person.pk) for person in step.people.all()],
        "needs_all": step.needs_all,
        "substitute": str(step.substitute_id or ""),
        "minutes": step.minutes,
    }


@needs("approval.manage")
@require_POST
def offer(request: HttpRequest, brand: int) -> HttpResponse:
    found = get_object_or_404(_brands(request), pk=brand)
    try:
        take_offer(brand=found, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except BadRule as error:
        messages.error(request, str(error))
    return redirect("approval_rules")


@needs("approval.manage")
@require_POST
def remove(request: HttpRequest, brand: int, rule: int) -> HttpResponse:
    found = get_object_or_404(_brands(request), pk=brand)
    standing = get_object_or_404(ApprovalRule.objects.select_related("brand__org"), pk=rule, brand=found)
    remove_rule(rule=standing, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The rule is removed. Approvals already requested still stand."))
    return redirect("approval_rules")


urlpatterns = [
    path("settings/approvals/", approval_rules, name="approval_rules"),
    path("settings/approvals/<int:brand>/new/", approval_rule, name="approval_rule_new"),
    path("settings/approvals/<int:brand>/offer/", offer, name="approval_rules_offer"),
    path("settings/approvals/<int:brand>/<int:rule>/", approval_rule, name="approval_rule"),
    path("settings/approvals/<int:brand>/<int:rule>/remove/", remove, name="approval_rule_remove"),
]
