"""Keeps a server address that a person typed from leading into the inner network of this machine.

The check is made on the address that is really connected to, so a name that resolves differently the
second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore
import httpx

from siach.networks.contract import NetworkError

ALLOW_LOCAL = "SIACH_ALLOW_LOCAL_NETWORKS"

#: Inner networks that Python takes for public ones, some versions of it at least.
_INNER = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "::/96", "64:ff9b:1::/48", "fec0::/10")))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def local_allowed() -> bool:
    """Whether private and loopback servers may be reached (tests, servers on the same machine)."""
    return os.environ.get(ALLOW_LOCAL, "") == "1"


def check_base_url(url: str) -> str:
    """The address of a server as scheme://host[:port], or NetworkError("never") in plain words."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        httpx.URL(url.strip())  # refuses some that urlsplit takes
    except (ValueError, httpx.InvalidURL):
        raise NetworkError("This is not a server address.", "never") from None
    host = parts.hostname or ""
    schemes = ("https", "http") if local_allowed() else ("https",)
    if parts.scheme not in schemes:
        raise NetworkError("A server address starts with https://.", "never")
    if not host or parts.username is not None or parts.password is not None:
        raise NetworkError("This is not a server address.", "never")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise NetworkError("A server address ends after the host name.", "never")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_callable(url: str) -> bool:
    """Whether servers elsewhere may reach an address of ours, as far as its letters tell: no name is looked up."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if local_allowed():
        return bool(host)
    try:
        check_address(host)
    except NetworkError:
        return False
    except ValueError:
        return parts.scheme == "https" and "." in host and not host.endswith((".local", ".internal", ".localhost"))
    return parts.scheme == "https"


def check_address(address: str) -> None:
    """Refuse an IP address that is not public: private, loopback, link-local, multicast, reserved."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _carried(ip) or ip
    inner = any(ip in network for network in _INNER if network.version == ip.version)
    if inner or not ip.is_global or ip.is_multicast:
        raise NetworkError("This server's address is inside a private network.", "never")


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads by way of a translator or a tunnel."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, resolved once and all of them public; OSError where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError(f"no address for {host}") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not local_allowed():
        for address in addresses:
            check_address(address)
    return addresses


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to a public server, to the very address that was checked."""
    failure = OSError(f"no address for {host}")
    for address in addresses_of(host, port):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
    raise failure


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a name once, refuses private addresses, and connects to the very address it checked."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = addresses_of(host, port)
        except OSError:
            raise httpcore.ConnectError(f"no address for {host}") from None
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in addresses:
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def sleep(self, seconds: float) -> None:
        self._plain.sleep(seconds)
