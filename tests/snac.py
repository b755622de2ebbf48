"""The fixture `snac`: two real servers that federate, for a whole test run, in one process as Bluesky is."""

from collections.abc import Iterator

import pytest

from siach.launch.home import cache_folder
from siach.networks.guard import ALLOW_LOCAL
from tests.networks.bluesky_server.server import Lacks
from tests.networks.snac_server.server import Snac, lacking, running


@pytest.fixture(scope="session")
def snac() -> Iterator[list[Snac]]:
    """Two running servers; the test is skipped by name where the machine cannot run one."""
    if missing := lacking():
        pytest.skip(f"this machine lacks {missing}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOW_LOCAL, "1")
        try:
            with running(cache_folder()) as servers:
                yield servers
        except Lacks as missing_part:
            pytest.skip(f"this machine lacks {missing_part}")
