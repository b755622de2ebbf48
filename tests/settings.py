"""The settings of a test run: Siach's own, on a database and a data folder that live as long as the run."""

from tests.session import prepare

prepare()

from siach.settings import *  # noqa: E402, F403
