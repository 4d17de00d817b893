import os

from hypothesis import HealthCheck, settings

NIGHTLY_TIMES = 10


def examples(few, **more):
    """Settings of a property: ``few`` examples, by night ten times as many.

    Examples post documents: they take as long as a busy machine makes them take, and
    the same ones are tried everywhere.
    """
    return settings(
        max_examples=few * (NIGHTLY_TIMES if os.environ.get("SERVICE_NIGHTLY") else 1),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        **more,
    )
