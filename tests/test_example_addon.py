"""The add-on of ``docs/architecture.md`` really changes what the page says it does."""

import re
from pathlib import Path

import pytest

from tools.sandbox import checklog, databases, layout, prepared, processes
from tools.sandbox.results import read_odoo_log

ADDONS = Path(__file__).with_name("addons")
NAME = "service_example"
PAGE = layout.CHECKOUT / "docs" / "architecture.md"
EXAMPLE = re.compile(r"`(\w+\.py)`[^\n]*\n\n```python\n(.*?)```", re.S)


def test_the_ten_changes_work_as_the_page_shows_them(environment, first_port):
    name = databases.test_name("example")
    databases.clone(prepared.ensure(environment, "world"), name)
    log = layout.folder("log") / f"{name}.log"
    code = environment.run(
        *("-d", name, "-i", NAME, f"--test-tags=/{NAME}"),
        # Odoo serves HTTP while it tests, also when told not to.
        *(f"{environment.addons_option},{ADDONS}", "--stop-after-init"),
        f"--http-port={processes.pick_port(first_port)}",
        log=log,
    )
    with log.open(errors="replace") as lines:
        outcome = read_odoo_log(lines).require_tests()
    assert not code and outcome.ok, log.read_text(errors="replace")[-3000:]
    assert not checklog.check_file(log)


def read_examples():
    return EXAMPLE.findall(PAGE.read_text())


def test_there_are_examples_on_the_page():
    assert len(read_examples()) >= 8


@pytest.mark.parametrize(("file", "text"), read_examples())
def test_the_page_shows_what_the_add_on_does(file, text):
    source = (ADDONS / NAME / "models" / file).read_text()
    assert text.strip() in source
