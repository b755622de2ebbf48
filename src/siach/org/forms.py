"""The forms that describe who we are; the first run and the settings share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from siach.org.actions import DEFAULT_GOALS
from siach.org.models import Goal

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES = [("he", _("Hebrew")), ("en", _("English")), ("ar", _("Arabic")), ("ru", _("Russian"))]
MOST_LINES = 200


def capitalised(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Choices whose labels begin with a capital letter, as labels do that stand alone."""
    return [(code, capfirst(label)) for code, label in choices]


class Lines(forms.CharField):
    """A text area of one thing a line; cleans to a list of distinct lines without their edges."""

    widget = forms.Textarea

    def __init__(self, *, longest: int = 120, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": rows}), required=False, **kwargs)
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        lines = list(dict.fromkeys(line.strip() for line in super().clean(value).splitlines() if line.strip()))
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("No more than %(n)s lines, please."), params={"n": MOST_LINES})
        for line in lines:
            if len(line) > self.longest:
                raise forms.ValidationError(
                    _("A line here may have up to %(n)s characters."), params={"n": self.longest}
                )
        return lines


class BrandNamesForm(forms.Form):
    """The ways people write a brand, and where the same letters mean something else."""

    names = Lines(
        label=_("More names, one per line"),
        help_text=_(
            "Other spellings in English and Hebrew, handles and hashtags. Prefixes such as ב or ל need no line of their"
            " own."
        ),
    )
    exclusions = Lines(
        label=_("Not about the brand, one per line"),
        help_text=_("Phrases in which the name means something else. For a brand called Aluma: “aluma street”."),
        rows=2,
    )


class NeighboursForm(BrandNamesForm):
    """The names with the words beside them that settle a name which is also a common word."""

    required = Lines(
        label=_("Include only when near, one per line"),
        help_text=_("Where the name is also a common word, one of these must appear in the text."),
        rows=2,
    )
    forbidden = Lines(
        label=_("Exclude when near, one per line"),
        help_text=_(
            "They show that a place, a person or a thing of the same name is meant. For a bakery called Aluma:"
            " “kibbutz”."
        ),
        rows=2,
    )


class BrandForm(BrandNamesForm):
    name = forms.CharField(label=_("The brand's name"), max_length=120)
    languages = forms.MultipleChoiceField(
        label=_("Languages people use to talk about it"),
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ["name", "names", "exclusions", "languages"]


class GoalForm(forms.Form):
    """The goal of one layer: a target in the layer's own measure, and what it means to us."""

    BOUNDS = {Goal.Layer.PRESERVE: (0, 1_000_000), Goal.Layer.IMPROVE: (-100, 100), Goal.Layer.SERVE: (0, 100)}
    MEANINGS = {
        Goal.Layer.PRESERVE: _("Keep a steady flow of positive mentions. Measured by positive mentions per week."),
        Goal.Layer.IMPROVE: _(
            "Improve the brand's image. Measured by net sentiment: positive minus negative, out of all mentions that"
            " take a side, from -100 to 100."
        ),
        Goal.Layer.SERVE: _(
            "Answer customers on time. Measured by the share of cases that get a first reply within an hour."
        ),
    }

    target = forms.IntegerField(label=_("Target"))
    aim = forms.CharField(
        label=_("In your own words"), max_length=300, required=False, widget=forms.TextInput({"dir": "auto"})
    )

    def __init__(self, *args: Any, layer: str, **kwargs: Any) -> None:
        measure, default = DEFAULT_GOALS[layer]
        kwargs.setdefault("prefix", layer)
        kwargs["initial"] = {"target": default} | dict(kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.layer = Goal.Layer(layer)
        self.measure = Goal.Measure(measure)
        self.meaning = self.MEANINGS[self.layer]
        low, high = self.BOUNDS[self.layer]
        self.fields["target"] = forms.IntegerField(label=capfirst(self.measure.label), min_value=low, max_value=high)


def goal_forms(data: Any = None, initial: dict[str, dict[str, Any]] | None = None) -> list[GoalForm]:
    """One form for each layer, in the order preserve, improve, serve."""
    return [GoalForm(data, layer=layer, initial=(initial or {}).get(layer)) for layer in DEFAULT_GOALS]
