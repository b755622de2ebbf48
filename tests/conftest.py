"""What every test may use."""

from tests.bluesky import bluesky, pytest_collection_modifyitems
from tests.world import world

__all__ = ["bluesky", "pytest_collection_modifyitems", "world"]
