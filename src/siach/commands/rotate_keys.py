"""`./siach rotate-keys`: new keys, while Siach runs."""

import argparse
import json
import time
from dataclasses import replace

from siach.commands import django_setup, say
from siach.launch.home import home_folder
from siach.launch.keyring import KeyRing, amend, key_ring, with_new_keys

HELP = "Make new keys, and seal everything with them; safe to interrupt and run again."
GRACE = 5  # seconds in which a process that read the old ring writes what it sealed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sign-out", action="store_true", help="also end every session: everybody signs in anew")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(args: argparse.Namespace) -> int:
    django_setup()
    from siach.org import keys

    home = home_folder()
    ring = key_ring(home)
    if len(ring.fernet_keys) > 1:
        say("A rotation was begun before: going on with it.")
    else:
        ring = amend(home, with_new_keys)
    if args.sign_out:
        ring = amend(home, lambda now: replace(now, old_secret_keys=[]))
    began = time.monotonic()
    resealed = {str(column): keys.reseal(column, ring.fernet_keys) for column in keys.columns()}
    time.sleep(max(0.0, GRACE - (time.monotonic() - began)))
    left = _drop_old(ring)
    told = {"resealed": resealed, "left": left, "keys": len(key_ring(home).fernet_keys)}
    print(json.dumps(told, indent=1) if args.json else _told(sum(resealed.values()), left))
    return 1 if left else 0


def _drop_old(ring: KeyRing) -> int:
    """Let the older keys go, unless something is still sealed with them: how much."""
    from django.db import transaction

    from siach.org.keys import still_needed

    with transaction.atomic():
        left = still_needed(ring.fernet_keys)
        if not left:
            amend(home_folder(), lambda now: replace(now, fernet_keys=now.fernet_keys[:1]))
    return left


def _told(resealed: int, left: int) -> str:
    if left:
        return (
            f"{resealed:,} secrets were sealed anew; {left:,} still need an older key, which stays. Run it again later."
        )
    return (
        f"{resealed:,} secrets were sealed anew, and the older keys are gone.\n"
        "Start Siach anew when it suits: sessions are signed with the new key from then on, and the open ones hold.\n"
        "Make a backup: ./siach backup"
    )
