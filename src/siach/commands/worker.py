"""`./siach worker`: does what happens on its own."""

import argparse
import logging

from siach.commands import django_setup

HELP = "Do the work in the background (./siach up starts this itself)."
log = logging.getLogger("siach.worker")
OPTIONS = {
    "concurrency": 10,
    "fetch_job_polling_interval": 1.0,
    "update_heartbeat_interval": 5.0,
    "stalled_worker_timeout": 20.0,
    "shutdown_graceful_timeout": 20.0,
    "delete_jobs": "successful",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--queue", action="append", help="only this queue; may be repeated (default: all)")


def run(args: argparse.Namespace) -> int:
    django_setup()
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from siach.background import app

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()):
        try:
            app.run_worker(queues=args.queue, **OPTIONS)
        except Exception:
            # Through the log, which says what happened without quoting anybody; the supervisor starts the next one.
            log.exception("the worker ended")
            return 1
    return 0
