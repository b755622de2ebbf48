"""What every test may use."""

from tests.bluesky import bluesky
from tests.world import world

__all__ = ["bluesky", "world"]
