"""How often a meeting of two clients is tried: a few times, more by night."""

import os

NIGHTLY_TIMES = 5


def rounds(few):
    return few * (NIGHTLY_TIMES if os.environ.get("SERVICE_NIGHTLY") else 1)
