"""Real snac servers on this machine, which speak ActivityPub among themselves and Mastodon's API to us.

`install(cache)` takes the program out of its Debian package once (0.3 MB, without installing it); `running(cache, n)`
starts fresh servers on free ports and leaves no process behind, even when the test run is killed.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from siach.launch.processes import run_bound, start_bound, stop
from tests.networks.bluesky_server.server import Lacks, wait_for
from tests.ports import free_port

#: The package's program runs on older Debians too: it needs libcurl 4 and OpenSSL 3 alone.
SUITE = "trixie-backports"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NEEDED = ("apt-get", "dpkg")
PEOPLE = ("brand", "fan")
CODE_PAGE = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True)
class Person:
    """One account, signed in as any program signs in, so that it can speak for itself."""

    server: "Snac"
    name: str
    token: str

    @property
    def uri(self) -> str:
        return f"{self.server.url}/{self.name}"

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        # One connection a request: after any 404 the server resets the one that it came by.
        return httpx.request(method, f"{self.server.url}{path}", headers=headers, timeout=10, **more)  # type: ignore[arg-type]

    def say(self, text: str, **more: object) -> dict[str, object]:
        answer = self.ask("POST", "/api/v1/statuses", json={"status": text, **more})
        answer.raise_for_status()
        return dict(answer.json())

    def sees(self, uri: str) -> dict[str, object]:
        """A post of somebody this person follows, once it was delivered."""
        found = wait_for(
            lambda: [one for one in self.ask("GET", "/api/v1/timelines/home").json() if one["uri"] == uri],
            f"{uri} is delivered",
        )
        return dict(found[0])

    def follow(self, other: "Person") -> None:
        asked = {"q": f"@{other.name}@{urlsplit(other.server.url).netloc}", "resolve": "true"}
        account = self.ask("GET", "/api/v2/search", params=asked).json()["accounts"][0]["id"]
        self.ask("POST", f"/api/v1/accounts/{account}/follow").raise_for_status()
        wait_for(lambda: self.ask("GET", "/api/v1/accounts/relationships", params={"id[]": account}).json(), "followed")


@dataclass
class Snac:
    """A running server with the password of each of PEOPLE."""

    url: str
    passwords: dict[str, str] = field(default_factory=dict)

    def code(self, url: str, name: str) -> str:
        """What the code page at this address shows once `name` signed in there and agreed."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        httpx.get(url, timeout=10).raise_for_status()
        form = {
            "login": name,
            "passwd": self.passwords[name],
            "redir": asked["redirect_uri"],
            "cid": asked["client_id"],
        }
        return httpx.post(f"{self.url}/oauth/x-snac-login", data={**form, "state": ""}, timeout=10).text

    def person(self, name: str) -> Person:
        app = {"client_name": "test", "redirect_uris": CODE_PAGE, "scopes": "read write"}
        made = httpx.post(f"{self.url}/api/v1/apps", data=app, timeout=10).json()
        asked = {"client_id": made["client_id"], "redirect_uri": CODE_PAGE, "response_type": "code"}
        code = self.code(f"{self.url}/oauth/authorize?{urlencode(asked)}", name)
        told = {"grant_type": "authorization_code", "code": code.partition("&")[0], "redirect_uri": CODE_PAGE}
        told |= {"client_id": made["client_id"], "client_secret": made["client_secret"]}
        token = httpx.post(f"{self.url}/oauth/token", data=told, timeout=10).json()["access_token"]
        return Person(self, name, token)


def lacking() -> str:
    """What this machine lacks for the server, or "" when it can run it."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        return missing[0]
    return "" if Path(KEYRING).exists() else "the keys of Debian's archive"


def install(cache: Path) -> Path:
    """The program, fetched with the machine's own package tool and mirror into `cache`, once."""
    folder = cache / "snac" / SUITE
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "program" / "usr/bin/snac"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "done").exists():
            return program
        if missing := lacking():
            raise Lacks(missing)
        shutil.rmtree(folder / "program", ignore_errors=True)
        options = _apt(folder)
        for step in (["update"], ["download", "snac2"]):
            code, printed = run_bound(["apt-get", *options, *step], cwd=folder)
            if code != 0:
                raise Lacks(f"the package snac2 of {SUITE}:\n{printed[-1000:]}")
        (package,) = folder.glob("snac2_*.deb")
        code, printed = run_bound(["dpkg", "-x", str(package), "program"], cwd=folder)
        if code != 0 or run_bound([str(program)])[0] not in (0, 1):
            raise Lacks(f"a system that snac runs on:\n{printed[-1000:]}")
        (folder / "done").touch()
    return program


def _apt(folder: Path) -> list[str]:
    """Options with which apt-get keeps all it does within `folder`, and asks the mirror this machine asks anyway."""
    code, printed = run_bound(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
    mirrors = [line for line in printed.splitlines() if line.rstrip("/").endswith("/debian")]
    if code != 0 or not mirrors:
        raise Lacks("a mirror of Debian")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = folder / "mirror.sources"
    told = {"Types": "deb", "URIs": mirrors[0], "Suites": SUITE, "Components": "main", "Signed-By": KEYRING}
    sources.write_text("".join(f"{name}: {value}\n" for name, value in told.items()))
    where = {
        "Dir::State": folder / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "root",
    }
    return [part for name, value in where.items() for part in ("-o", f"{name}={value}")]


@contextmanager
def running(cache: Path, number: int = 2) -> Iterator[list[Snac]]:
    """Fresh servers that know each other by the network alone."""
    program = install(cache)
    with ExitStack() as after:
        folder = Path(after.enter_context(tempfile.TemporaryDirectory(prefix="snac-", ignore_cleanup_errors=True)))
        yield [_start(program, folder / str(index), after) for index in range(number)]


def _start(program: Path, home: Path, after: ExitStack) -> Snac:
    port = free_port()
    url = f"http://localhost:{port}"
    made = f"127.0.0.1\n{port}\nlocalhost:{port}\n\nadmin@example.com\n"
    subprocess.run([program, "init", home], input=made, text=True, capture_output=True, check=True, timeout=60)
    settings = json.loads((home / "server.json").read_text())
    # Many threads: each kept connection takes one for itself. The queue is looked at often.
    settings |= {"protocol": "http", "num_threads": 32, "disable_block_notice": True}
    (home / "server.json").write_text(json.dumps(settings))
    snac = Snac(url)
    for name in PEOPLE:
        added = subprocess.run(
            [program, "adduser", home, name], stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=60
        )
        snac.passwords[name] = re.findall(r"User password is (\S+)", added.stdout + added.stderr)[0]
    server = start_bound(
        [str(program), "httpd", str(home)],
        signal.SIGKILL,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DEBUG": "0"},
    )
    after.callback(stop, server, signal.SIGKILL, 10, signal.SIGKILL)
    wait_for(lambda: _answers(url), "snac answers")
    return snac


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/instance", timeout=2).status_code == 200
    except httpx.HTTPError:
        time.sleep(0.05)
        return False
