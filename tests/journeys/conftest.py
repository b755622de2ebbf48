"""What the journeys use: a browser of this machine, a whole running Siach, and nothing pretended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siach.launch.home import cache_folder
from tests.browser import browser_type_launch_args
from tests.running import RunningSiach, prepared, running_siach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

__all__ = ["browser_type_launch_args"]


@pytest.fixture
def siach(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSiach]:
    """Siach with nobody in it: its own data folder, database, web and worker."""
    parent = cache_folder() / "runs"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        prepared(Path(folder) / "home")
        with running_siach(Path(folder) / "home") as running:
            yield running


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return browser_context_args | {"locale": "he-IL", "viewport": {"width": 1440, "height": 960}}


@pytest.fixture
def quiet_page(page: Page) -> Iterator[Page]:
    """A page whose console must stay silent and whose requests must all be answered well."""
    noise: list[str] = []
    page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: noise.append(f"error: {error}"))
    page.on("response", lambda answer: noise.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)
    page.set_default_timeout(20_000)
    yield page
    assert not noise, "\n".join(noise)
