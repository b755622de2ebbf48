"""What the tests of starting and stopping share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder that the database's user may enter; pytest's own is closed to it under root."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["SIACH_TEST_RUN"]))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
