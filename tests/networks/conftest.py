"""What the tests of networks share."""

from collections.abc import Iterator

import pytest

from siach.networks.guard import ALLOW_LOCAL
from tests.networks.bad_server import BadServer, bad_server


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on this machine may be reached."""
    monkeypatch.setenv(ALLOW_LOCAL, "1")


@pytest.fixture
def bad(local: None) -> Iterator[BadServer]:
    """A server that misbehaves when told to."""
    with bad_server() as server:
        yield server
