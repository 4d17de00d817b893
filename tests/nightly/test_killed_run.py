"""The server is killed in the middle of a mass run, and started again."""

import os
import signal
import threading

import pytest
import requests

from ..test_maintenance import PERMISSION, RUN, create_billed_apart, create_run
from .disturbed import wait_until

# enough for two batches, so that one is invoiced and the rest is not
PERMISSIONS = 80
# a server looks for its jobs after a minute; then the rest is invoiced
SECONDS = 60 + 120
LOG = "maintenance.reinvoice.log"


@pytest.fixture
def permissions(system):
    """Closed permissions, each with an invoice of its own."""
    line = system.facts["ids"]["repair"], 10
    return create_billed_apart(system, "KILLED", *[[line]] * PERMISSIONS)


def test_a_killed_run_goes_on_within_a_minute(system, permissions):
    accountant = system.client("accountant")
    run = create_run(accountant, permissions)
    accountant.call(RUN, "action_check", ids=[run])

    def execute():
        with pytest.raises(requests.ConnectionError):
            system.client("accountant").call(RUN, "action_execute", ids=[run])

    def count_posted():
        domain = [["run_id", "=", run], ["posting_state", "=", "posted"]]
        return accountant.call(LOG, "search_count", domain=domain)

    thread = threading.Thread(target=execute)
    thread.start()
    wait_until(count_posted, 60)
    os.kill(system.server.facts["pid"], signal.SIGKILL)
    thread.join()
    wait_until(lambda: not system.server.facts, 10)
    system.restart("--max-cron-threads=1")
    accountant = system.client("accountant")
    assert accountant.read_one(RUN, run, "state")["state"] == "running"
    assert 0 < count_posted() < PERMISSIONS
    wait_until(
        lambda: accountant.read_one(RUN, run, "state")["state"] == "done", SECONDS
    )
    assert count_posted() == PERMISSIONS
    states = accountant.call(PERMISSION, "read", ids=permissions, fields=["state"])
    assert {row["state"] for row in states} == {"reinvoiced"}
