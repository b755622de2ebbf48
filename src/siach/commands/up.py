"""`./siach up`: the whole of Siach on one machine, until Ctrl-C."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from siach.commands import say
from siach.launch import CannotStart, bounds
from siach.launch.address import public_address, refuse_taken, wait_for
from siach.launch.database import own_database
from siach.launch.home import home_folder, open_home
from siach.launch.mail import mail_server
from siach.launch.oidc import oidc_provider
from siach.launch.processes import start_bound, stop
from siach.launch.running import Running
from siach.launch.supervisor import Part, Supervisor

HELP = "Start Siach: database, web and worker, until Ctrl-C."
FIRST_ANSWER_SECONDS = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="where the web answers (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="the interface to listen on (default: 127.0.0.1)")
    parser.add_argument("--workers", type=int, default=1, help="processes that work in the background (default: 1)")
    parser.add_argument("--webs", type=int, default=1, help="processes that answer pages (default: 1)")
    parser.add_argument("--no-backup", action="store_true", help="move the tables forward without a backup before")


def run(args: argparse.Namespace) -> int:
    if min(args.workers, args.webs) < 1:
        raise CannotStart("There must be at least one process of each kind: --workers and --webs are 1 or more.")
    address = public_address(args.host, args.port, os.environ)
    mail_server(os.environ.get("SIACH_MAIL", ""))
    oidc_provider(os.environ)
    bounds.check(os.environ)
    folder = home_folder()
    open_home(folder)
    running = Running(folder)
    running.claim(address)
    # Now, when what a killed predecessor left has been ended: it may have held the port.
    refuse_taken(args.host, args.port)
    database = None if "DATABASE_URL" in os.environ else own_database(folder, say)
    supervisor = Supervisor(database, _parts(args), say)
    for name in STOP_SIGNALS:
        # SIGINT too: a shell starts background jobs with it ignored.
        signal.signal(name, signal.default_int_handler)
    try:
        _start(supervisor, folder, address)
        link = _prepare(no_backup=args.no_backup)
        supervisor.start()
        _first_answer(supervisor, args.host, args.port)
        running.write(address, [part.child.pid for part in supervisor.parts if part.child])
        say(f"\nSiach is up:     {address}\nSign in, once:   {link}\nStop it with Ctrl-C.")
        supervisor.watch()
    except KeyboardInterrupt:
        say("\nStopping.")
    finally:
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        supervisor.stop()
        running.release()
    say("Siach has stopped.")
    return 0


def _start(supervisor: Supervisor, folder: Path, address: str) -> None:
    """Start the database, and tell every child where things are."""
    if supervisor.database is not None:
        say("Starting the database.")
        supervisor.database.start(share=False)
        os.environ["DATABASE_URL"] = supervisor.database.url
    os.environ |= {
        "SIACH_HOME": str(folder),
        "SIACH_ADDRESS": address,
        "SIACH_STATIC": str(folder / "static"),
        "SIACH_BOUND": "1",
        "DJANGO_SETTINGS_MODULE": "siach.settings",
    }


def _prepare(*, no_backup: bool) -> str:
    say("Preparing pages and tables.")
    command = [sys.executable, "-m", "siach.launch.main", "prepare", "--link", "--json"]
    command += ["--no-backup"] if no_backup else []
    child = start_bound(command, signal.SIGKILL, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        printed, _ = child.communicate()
    finally:
        stop(child, signal.SIGKILL, 1, signal.SIGKILL)
    if child.returncode != 0:
        raise CannotStart("Siach could not be prepared; the reason stands above.")
    return str(json.loads(printed)["link"])


def _parts(args: argparse.Namespace) -> list[Part]:
    serve = ["--interface", "asginl", "--host", args.host, "--port", str(args.port), "--workers", str(args.webs)]
    serve += ["--workers-kill-timeout", "5", "--log-level", "warning", "siach.asgi:application"]
    worker = [sys.executable, "-m", "siach.launch.main", "worker"]
    names = ["worker", *(f"worker {n}" for n in range(2, args.workers + 1))]
    web = Part("web", [sys.executable, "-m", "granian", *serve], patience=15)
    return [web, *(Part(name, worker, patience=30) for name in names)]


def _first_answer(supervisor: Supervisor, host: str, port: int) -> None:
    """Wait until the web answers; fail when it cannot even start."""
    say("Starting web and worker.")
    web = supervisor.parts[0]
    for _ in range(FIRST_ANSWER_SECONDS):
        if not web.alive:
            raise CannotStart("The web process did not start; the reason stands above.")
        if wait_for(host, port, 1):
            return
    raise CannotStart(f"The web process did not answer within {FIRST_ANSWER_SECONDS} s.")
