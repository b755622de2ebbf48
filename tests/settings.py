"""The settings of a test run: Siach's own, on a database and a data folder that live as long as the run."""

from tests.session import TABLES, prepare

prepare()

from siach.settings import *  # noqa: E402, F403
from siach.settings import ACCOUNT_RATE_LIMITS, DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {"TEMPLATE": TABLES}
# One person walks every page in a minute; the limits of people are tried by tests/org/test_limits.py.
ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"search": None, "export": None}
SIACH_REQUESTS_A_MINUTE = SIACH_WRONG_CALLS_A_MINUTE = 1_000_000
