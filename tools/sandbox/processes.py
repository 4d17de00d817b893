"""Background processes and their ports: started with a pid file, stopped only while
still ours; the usual port if it is free, else the next free one."""

import json
import os
import signal
import socket
import time
from pathlib import Path

from .console import SandboxError

HOST = "127.0.0.1"
TRIES = 200
STOP_SECONDS = 15


# -- ports ---------------------------------------------------------------------------


def is_free(port):
    """True if a server could listen on ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def pick_port(usual, taken=()):
    """The first free port from ``usual`` on which is not in ``taken``."""
    for port in range(usual, usual + TRIES):
        if port not in taken and is_free(port):
            return port
    raise SandboxError(
        f"No port between {usual} and {usual + TRIES - 1} is free; stop a server."
    )


# -- processes -----------------------------------------------------------------------


def read_start_time(pid):
    """Clock ticks at which ``pid`` began, or None; a reused pid has another one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


class PidFile:
    """Remembers one process of ours, and what else is known of it."""

    def __init__(self, path):
        self.path = Path(path)

    def write(self, pid, **facts):
        content = {"pid": pid, "started": read_start_time(pid), **facts}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(content))
        part.rename(self.path)

    def read(self):
        """The facts of the process if it still runs, else an empty dictionary."""
        try:
            content = json.loads(self.path.read_text())
            started = read_start_time(content["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return content if started and started == content.get("started") else {}

    def stop(self):
        """End the process if it is still the one that was written; True if it was."""
        content = self.read()
        if content:
            terminate(content["pid"], content["started"])
        self.path.unlink(missing_ok=True)
        return bool(content)


def terminate(pid, started, seconds=STOP_SECONDS):
    """Ask ``pid`` to end, insist after ``seconds``, and never hit a reused pid."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + seconds
        if read_start_time(pid) != started:
            return
        os.kill(pid, number)
        while time.monotonic() < deadline:
            if read_start_time(pid) != started:
                return
            time.sleep(0.1)
