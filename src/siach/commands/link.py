"""`./siach link`: the way in when nobody has a password yet."""

import argparse
from datetime import UTC, datetime

from siach.commands import django_setup

HELP = "Print a link that signs you in, once."


def run(args: argparse.Namespace) -> int:
    django_setup()
    from django.conf import settings

    from siach.org.actions import sign_in_link

    print(sign_in_link(at=datetime.now(UTC), address=settings.SIACH_ADDRESS))
    return 0
