"""A real server with both add-ons, its users and their API keys."""

import json
import os
import re
from pathlib import Path

import pytest

from tools.sandbox import checklog, databases, layout, odoo, prepared
from tools.sandbox.lanes import FIRST_PORT
from tools.sandbox.server import Server

from .json2 import Client

# of the add-on that they install
collect_ignore = ["addons"]

PREPARE_SCRIPT = Path(__file__).with_name("prepare_system.py")
# what a server says when a test does on purpose what it must refuse
EXPECTED_WARNINGS = [
    re.compile(r"odoo\.http: .*", re.S),
    re.compile(r"odoo\.addons\.base\.models\.ir_rule: Access Denied .*", re.S),
]
EXPECTED_ERRORS = [
    # PostgreSQL itself refuses a line with program and claim; Odoo logs the refusal
    re.compile(
        r"ERROR odoo\.sql_db: bad query: .*violates check constraint "
        r"\"service_work_order_line_one_payer_beside_customer\".*",
        re.S,
    ),
    # two clerks meet on one work order or on its number; Odoo tries again
    re.compile(
        r"ERROR odoo\.sql_db: bad query: .*service_work_order.*"
        r"could not serialize access due to concurrent update",
        re.S,
    ),
    # two monthly runs meet on one agreement, its release or its number
    re.compile(
        r"ERROR odoo\.sql_db: bad query: .*service_(agreement|release).*"
        r"(could not serialize access|service_release_agreement_month_uniq).*",
        re.S,
    ),
    # two mass runs meet on a line, on a number or on an account's items
    re.compile(
        r"ERROR odoo\.sql_db: bad query: .*(maintenance|account)_.*"
        r"(could not serialize access|could not obtain lock).*",
        re.S,
    ),
    # two requests of the web client meet on the user's chat; Odoo tries again
    re.compile(
        r"ERROR odoo\.sql_db: bad query: b' *UPDATE \"(discuss|bus|res_users|mail)_.*"
        r"could not serialize access due to concurrent update",
        re.S,
    ),
]
# of what hangs on a connection to the database that a test cuts
EXPECTED_WHERE_CUT = [
    re.compile(
        r".*((cursor|connection) already closed|closed the connection unexpectedly|"
        r"terminating connection|connection to the database was lost).*",
        re.S,
    ),
]


class System:
    """The running server, and what the preparation script has made.

    ``problems`` is what the server logged and no test provoked.
    """

    def __init__(self, server, facts):
        self.server = server
        self.facts = facts
        self.database = server.facts["database"]
        self.problems = []
        self._read = 0

    def read_log(self, *expected):
        """Look at what was logged since the last time. A server that is started again
        begins a new log, so look before that.

        :param expected: patterns of what a test has provoked since then
        """
        with self.server.log.open(errors="replace") as log:
            log.seek(self._read)
            self.problems += find_unexpected(log, *expected)
            self._read = log.tell()

    def restart(self, *options):
        """Start the server again, which a test has stopped."""
        self.read_log()
        self.server.start(self.database, *options)
        self._read = 0

    def client(self, role):
        """A JSON-2 client with the API key of ``role``."""
        return Client(self.server.url, self.database, self.facts["keys"][role])


@pytest.fixture(scope="session")
def environment():
    return odoo.ensure()


@pytest.fixture(scope="session")
def first_port():
    """From here on this run takes ports; those below belong to a demo or others."""
    return int(os.environ.get("SANDBOX_FIRST_PORT", FIRST_PORT))


@pytest.fixture(scope="session")
def system(environment, first_port):
    # by night another worker has one of its own
    name = databases.test_name(f"system_{first_port}")
    log = layout.folder("log") / f"{name}-prepare.log"
    facts = layout.folder("run") / f"{name}.facts"
    served = prepared.ensure(environment, "served")
    databases.clone(served, name)
    environment.run_script(
        name, PREPARE_SCRIPT, log=log, env={"SYSTEM_FACTS": str(facts)}
    )
    server = Server(environment, name, usual_port=first_port)
    server.stop()
    server.start(name)
    system = System(server, json.loads(facts.read_text()))
    try:
        yield system
    finally:
        server.stop()
    system.read_log()
    assert system.problems == []


@pytest.fixture
def cuts_connections(system):
    """Of a test that cuts the server's connections to the database: what hangs on one
    of them may fail, and be logged, as long as the test lasts."""
    system.read_log()
    yield
    system.read_log(*EXPECTED_WHERE_CUT)


def find_unexpected(lines, *expected):
    """What the server logged in these lines and no test provoked."""
    allowed = [*checklog.read_allowed(), *EXPECTED_WARNINGS]
    patterns = [*EXPECTED_ERRORS, *expected]
    return [
        text
        for text in checklog.find_problems(lines, allowed)
        if not any(pattern.fullmatch(text) for pattern in patterns)
    ]
