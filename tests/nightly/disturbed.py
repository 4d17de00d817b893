"""A run in the background goes on whatever happens to its server."""

import os
import random
import signal
import threading
import time
from contextlib import suppress
from typing import NamedTuple

import requests

from tools.sandbox import databases

from ..json2 import Refused

SECONDS = 300
ENDED = ("done", "done_with_errors")
# what may become of a call whose server goes away
LOST = (requests.RequestException, Refused)


class Kind(NamedTuple):
    """Runs of one model, who looks at them, and the job that goes on with them."""

    model: str
    role: str
    cron: str


MASS_RUN = Kind("maintenance.reinvoice.run", "accountant", "cron_continue_runs")
BILLING_RUN = Kind("service.billing.run", "clerk", "cron_continue_billing_runs")


def wait_until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)


def kill(system):
    os.kill(system.server.facts["pid"], signal.SIGKILL)
    wait_until(lambda: not system.server.facts, 30)
    system.restart()


def cut_off(system):
    with databases.cursor() as cr:
        cr.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [system.database],
        )


def go_on(system, kind):
    """What the scheduler does from time to time."""
    with databases.cursor(system.database) as cr:
        # a job that was killed three times rests for once, which is no time here
        cr.execute("UPDATE ir_cron_progress SET timed_out_counter = 0")
    admin = system.client("admin")
    name = ["name", "=", kind.cron]
    with suppress(*LOST):
        (found,) = admin.call(
            "ir.model.data", "search_read", domain=[name], fields=["res_id"]
        )
        admin.call("ir.cron", "method_direct_trigger", ids=[found["res_id"]])


def read_state(system, kind, run):
    client = system.client(kind.role)
    # a connection that was cut is only found to be dead when it is used
    with suppress(*LOST):
        return client.read_one(kind.model, run, "state")["state"]


def carry_out(system, kind, run, begin, disturb, times, pause):
    """Have a run carried out in spite of all that happens to the server.

    :param begin: function that begins the run, or goes on with it
    :param disturb: function that disturbs whatever the server does just now
    :param times: how often
    :param pause: seconds of undisturbed work at most
    """
    work = threading.Thread(target=begin)
    work.start()
    for _time in range(times):
        time.sleep(random.uniform(0.2, pause))
        disturb(system)
        work.join()
        work = threading.Thread(target=go_on, args=[system, kind])
        work.start()
    work.join()

    def is_through():
        go_on(system, kind)
        return read_state(system, kind, run) in ENDED

    wait_until(is_through, SECONDS)
