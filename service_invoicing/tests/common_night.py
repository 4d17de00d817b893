"""What is too long for every run is done by night (``make test LANE=nightly``)."""

import os


def is_night():
    """Whether there is time for all of it."""
    return bool(os.environ.get("SERVICE_NIGHTLY"))
