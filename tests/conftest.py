"""What every test may use."""

from tests.bluesky import bluesky, pytest_collection_modifyitems
from tests.browser import browser_type_launch_args
from tests.mailbox import mailbox
from tests.skips import pytest_sessionfinish, pytest_terminal_summary
from tests.snac import scene, snac
from tests.world import world

__all__ = [
    "bluesky",
    "browser_type_launch_args",
    "mailbox",
    "pytest_collection_modifyitems",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "scene",
    "snac",
    "world",
]
