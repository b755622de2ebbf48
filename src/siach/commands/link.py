"""`./siach link`: the way in when nobody has a password yet."""

import argparse
from datetime import UTC, datetime

from siach.commands import django_setup, say

HELP = "Print a link that signs you in, once."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", help="sign in as this person (default: the owner)")
    parser.add_argument(
        "--drop-factors", action="store_true", help="take their second factor away: phone and codes lost"
    )


def run(args: argparse.Namespace) -> int:
    django_setup()
    from django.conf import settings

    from siach.org.actions import sign_in_link
    from siach.org.factors import drop_factors
    from siach.org.models import User

    user = User.objects.filter(email=args.email.lower(), is_active=True).first() if args.email else None
    if args.email and user is None:
        say(f"Nobody with the email {args.email} is here.")
        return 1
    if args.drop_factors:
        if user is None:
            say("Whose? Name them with --email.")
            return 1
        drop_factors(user=user, at=datetime.now(UTC))
    print(sign_in_link(at=datetime.now(UTC), address=settings.SIACH_ADDRESS, user=user))
    return 0
