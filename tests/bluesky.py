"""The fixture `bluesky`: one real local Bluesky network for a whole test run.

All tests that use it go to one process (pytest-xdist group "bluesky", `--dist loadgroup`), so that the
network is started once.
"""

from collections.abc import Iterator

import pytest

from siach.launch.home import cache_folder
from siach.networks.guard import ALLOW_LOCAL
from tests.networks.bluesky_server.server import BlueskyNetwork, Lacks, lacking, running


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for server in ("bluesky", "snac"):
            if server in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(server))


@pytest.fixture(scope="session")
def bluesky() -> Iterator[BlueskyNetwork]:
    """A running network; the test is skipped by name where the machine cannot run one."""
    if missing := lacking():
        pytest.skip(f"this machine lacks {missing}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOW_LOCAL, "1")
        try:
            with running(cache_folder()) as network:
                yield network
        except Lacks as missing_part:
            pytest.skip(f"this machine lacks {missing_part}")
