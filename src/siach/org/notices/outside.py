"""The way out for notices: pushed to browsers and handed to other services, never to an inner network."""

from __future__ import annotations

import logging
import socket
import sys
from typing import Any

import urllib3.util.connection
from apprise import Apprise

from siach.networks.contract import NetworkError
from siach.networks.guard import check_address, local_allowed
from siach.networks.http import post_bytes

__all__ = ["NetworkError", "local_allowed", "post_bytes", "say", "service_name"]

_plain_connection = urllib3.util.connection.create_connection
# Its messages name addresses, and an address of a service holds its secret.
logging.getLogger("apprise").disabled = True


def _guarded_connection(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
    """Resolve once, refuse what is not public, and connect to the very address that was checked."""
    host, port = address
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(entry[4][0]) for entry in found]
    if not local_allowed():
        try:
            for number in numbers:
                check_address(number)
        except NetworkError as error:
            raise ConnectionRefusedError(error.message) from error
    return _plain_connection((numbers[0], port), *args, **options)


# Every service goes through requests, and nothing else of Siach does.
urllib3.util.connection.create_connection = _guarded_connection


def service_name(address: str) -> str:
    """What service an address belongs to, "" for none that is reached over the web. Nothing is asked of it."""
    plugin = Apprise.instantiate(address, suppress_exceptions=True)
    if plugin is None or not hasattr(sys.modules[type(plugin).__module__], "requests"):
        return ""
    return str(plugin.service_name)


def say(address: str, title: str, text: str) -> bool:
    """Hand a text to a service; False when it was not taken."""
    if not service_name(address):
        return False
    rooms = Apprise()
    rooms.add(address)
    return bool(rooms.notify(body=text, title=title))
