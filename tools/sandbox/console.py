"""What the person at the terminal reads: steps with their time, one clear error."""

import contextlib
import subprocess
import sys
import time


class SandboxError(Exception):
    """Something is missing; the message says what, and what to do about it."""


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title):
    """Print ``title`` now and the seconds it took when it is over."""
    start = time.monotonic()
    say(f"[ .... ] {title}")
    yield
    say(f"[{time.monotonic() - start:5.1f}s] {title}")


def call(command, output=subprocess.PIPE, **options):
    """Run ``command`` to its end, all that it says in ``output``; as ``subprocess.run``
    does."""
    return subprocess.run(
        [str(part) for part in command],
        **{"stdin": subprocess.DEVNULL, "check": False, **options},
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def run(command, *, hint, **options):
    """Run ``command`` quietly; return its output, or raise with its last lines.

    ``hint`` is the sentence which tells the user what to do when it fails.
    """
    try:
        done = call(command, text=True, **options)
    except (FileNotFoundError, PermissionError) as error:
        raise SandboxError(f"{command[0]} cannot be started. {hint}") from error
    if done.returncode:
        raise SandboxError(f"{hint}\n{tail(done.stdout)}")
    return done.stdout


def tail(text, lines=12):
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])
