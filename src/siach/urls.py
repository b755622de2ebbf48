"""Door 1: what people ask for. Finds every `<room>/pages/<screen>.py` by itself."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from typing import TYPE_CHECKING

from django.apps import apps

from siach.ui import frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def _screens() -> Iterator[ModuleType]:
    """Every page module of every room, in the order of the rooms."""
    for room in apps.get_app_configs():
        if not room.name.startswith("siach."):
            continue
        name = f"{room.name}.pages"
        if importlib.util.find_spec(name):
            package = importlib.import_module(name)
            for screen in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
                yield importlib.import_module(f"{name}.{screen}")


_modules = list(_screens())
frame.PLACES[:] = sorted((m.PLACE for m in _modules if hasattr(m, "PLACE")), key=lambda place: place.order)
frame.LEAVES[:] = sorted((m.LEAF for m in _modules if hasattr(m, "LEAF")), key=lambda leaf: leaf.order)
urlpatterns = [pattern for module in _modules for pattern in getattr(module, "urlpatterns", [])]
handler404 = "django.views.defaults.page_not_found"
handler429 = "siach.org.signing.too_many"
handler500 = "siach.ui.faults.fault"
