"""Free TCP ports: the usual one if it is free, else the next free one."""

import socket

from .console import SandboxError

HOST = "127.0.0.1"
TRIES = 200


def is_free(port):
    """True if a server could listen on ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def pick(usual, taken=()):
    """The first free port from ``usual`` on which is not in ``taken``."""
    for port in range(usual, usual + TRIES):
        if port not in taken and is_free(port):
            return port
    raise SandboxError(
        f"No port between {usual} and {usual + TRIES - 1} is free; stop a server."
    )
