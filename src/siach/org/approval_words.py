"""A rule of approval as plain sentences: when it asks, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from siach.org.models import ApprovalRule, Membership, RuleStep, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import Promise

INTENTS: dict[str, str | Promise] = {
    "complaint": pgettext_lazy("intent", "complaint"),
    "question": pgettext_lazy("intent", "question"),
    "request": pgettext_lazy("intent", "request"),
    "attack": pgettext_lazy("intent", "harsh criticism"),
    "boycott": pgettext_lazy("intent", "call to boycott"),
    "praise": pgettext_lazy("intent", "praise"),
    "defence": pgettext_lazy("intent", "defence of the brand"),
    "purchase": pgettext_lazy("intent", "about to buy"),
    "news": pgettext_lazy("intent", "news"),
    "spam": pgettext_lazy("intent", "spam"),
    "other": pgettext_lazy("intent", "other"),
}


class RuleText(NamedTuple):
    """`when`: its conditions, none for a rule that always asks; `steps`: a sentence for each."""

    rule: ApprovalRule
    when: tuple[str, ...]
    steps: tuple[str, ...]


def topic_names(rules: Iterable[ApprovalRule]) -> dict[int, str]:
    """The names of every topic on which one of these rules stands, by id."""
    asked = {pk for rule in rules for pk in rule.topics}
    return dict(Topic.objects.filter(pk__in=asked).values_list("pk", "name")) if asked else {}


def told(rule: ApprovalRule, topics: Mapping[int, str]) -> RuleText:
    """The rule in the reader's language; its steps and their people are looked at. `topics`: of `topic_names`."""
    return RuleText(rule, tuple(_when(rule, topics)), tuple(_step(step) for step in rule.steps.all()))


def _when(rule: ApprovalRule, topics: Mapping[int, str]) -> Iterable[str]:
    if rule.priority:
        yield _priority(rule.priority)
    if rule.followers is not None:
        yield _("the author has %(n)s followers or more") % {"n": f"{rule.followers:,}"}
    if rule.topics:
        yield _("the case is about: %(topics)s") % {"topics": _any(sorted(topics[pk] for pk in rule.topics))}
    if rule.intents:
        yield _("the case is: %(kinds)s") % {"kinds": _any(INTENTS.get(code, code) for code in rule.intents)}
    if rule.is_safety:
        yield _("it concerns safety")
    yield from _of_writer(rule)


def _of_writer(rule: ApprovalRule) -> Iterable[str]:
    if rule.roles:
        yield _("it was written by: %(roles)s") % {"roles": _any(_role(role) for role in rule.roles)}
    if rule.by_mandate:
        yield _("the author's mandate requires it")


def _priority(most: int) -> str:
    return _("priority is P1 (urgent)") if most == 1 else _("priority is P1 to P%(n)s") % {"n": most}


def _step(step: RuleStep) -> str:
    who = _any([*(_role(role) for role in step.roles), *(person.name for person in step.people.all())])
    said = {"who": who, "time": _time(step.minutes)}
    words = (
        _("all must approve within %(time)s: %(who)s")
        if step.needs_all
        else _("one must approve within %(time)s: %(who)s")
    )
    if step.substitute:
        return _("%(step)s; failing that %(name)s, then the managers") % {
            "step": words % said,
            "name": step.substitute.name,
        }
    return _("%(step)s; failing that, the managers") % {"step": words % said}


def _time(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}


def _role(code: str) -> str:
    return str(Membership.Role(code).label) if code in Membership.Role.values else code


def _any(words: Iterable[str | Promise]) -> str:
    return pgettext("one of several", " or ").join(str(word) for word in words)
