"""Where the web process listens, and where people reach it."""

import errno
import ipaddress
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from siach.launch import CannotStart


def public_address(host: str, port: int, env: Mapping[str, str]) -> str:
    """SIACH_ADDRESS, or this machine's own name. A public interface without an address is refused."""
    if named := env.get("SIACH_ADDRESS"):
        return _checked(named)
    if not is_loopback(host):
        raise CannotStart(
            f"Siach would be open to the network on {host}. Put a proxy with HTTPS before it and name its "
            "address in SIACH_ADDRESS, for example SIACH_ADDRESS=https://siach.example.com"
        )
    return f"http://localhost:{port}"


def _checked(named: str) -> str:
    """An address as people may reach it: https, or plain http from this machine alone; never with a path."""
    parts = urlsplit(named.strip())
    wrong = f"SIACH_ADDRESS={named} is not understood. An example: SIACH_ADDRESS=https://siach.example.com"
    try:
        known = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise CannotStart(wrong) from error
    if not known or parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise CannotStart(wrong)
    if parts.scheme == "http" and not is_loopback(str(parts.hostname)):
        raise CannotStart(
            f"SIACH_ADDRESS={named} would send passwords in the clear. Put a proxy with HTTPS before Siach and name "
            f"SIACH_ADDRESS=https://{parts.netloc}"
        )
    return f"{parts.scheme}://{parts.netloc}"


def refuse_taken(host: str, port: int) -> None:
    """Raise CannotStart when somebody listens on the port, with a free one to take instead."""
    error = _bind_error(host, port)
    if error == errno.EADDRINUSE:
        free = next((near for near in range(port + 1, port + 100) if not _bind_error(host, near)), None)
        hint = f" Try: ./siach up --port {free}" if free else ""
        raise CannotStart(f"Port {port} is in use on this machine.{hint}")
    if error == errno.EACCES:
        raise CannotStart(f"This user may not listen on port {port}. Try: ./siach up --port 8000")
    if error:
        raise CannotStart(f"Siach cannot listen on {host}:{port}.")


def wait_for(host: str, port: int, seconds: float) -> bool:
    """Does somebody answer on the port within `seconds`?"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def _bind_error(host: str, port: int) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return 0


def is_loopback(host: str) -> bool:
    """Is this name or number of a host this machine alone?"""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
