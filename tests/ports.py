"""Ports for the servers that tests start."""

import random
import socket

#: Below the range that systems hand out to outgoing connections, so that none of these takes a port meanwhile.
RANGE = range(20000, 32000)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = random.choice(RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
