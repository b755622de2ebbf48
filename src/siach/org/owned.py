"""Which rows are an organisation's own: every model of ours that leads to it by foreign keys, however far."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import ForeignKey

from siach.org.models import Org, User

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def owned_models() -> list[tuple[type[Model], str]]:
    """Model and the lookup that leads from it to its organisation; who is pointed at comes after who points."""
    found = [(model, path) for model in _ours() if model is not Org and (path := _path(model))]
    return _pointing_first(found)


def rows_of(model: type[Model], path: str, org: Org) -> QuerySet[Any]:
    return model._base_manager.filter(**{path: org.pk})


def _ours() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("siach.")]


def _keys(model: type[Model]) -> list[ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def _path(model: type[Model]) -> str:
    """The shortest way by foreign keys to the organisation, "" where there is none. No way leads through a person."""
    seen, queue = {model}, deque([(model, "")])
    while queue:
        here, path = queue.popleft()
        for field in _keys(here):
            to = field.related_model
            if to is Org:
                return f"{path}{field.name}"
            if to not in seen and to is not User and to.__module__.startswith("siach."):
                seen.add(to)
                queue.append((to, f"{path}{field.name}__"))
    return ""


def _pointing_first(found: list[tuple[type[Model], str]]) -> list[tuple[type[Model], str]]:
    left = dict(found)
    ordered: list[tuple[type[Model], str]] = []
    while left:
        pointed_at = {field.related_model for model in left for field in _keys(model) if field.related_model != model}
        free = [model for model in left if model not in pointed_at]
        if not free:  # a circle of nullable keys: any order, the database sets them to null
            free = [next(iter(left))]
        ordered += [(model, left.pop(model)) for model in free]
    return ordered
