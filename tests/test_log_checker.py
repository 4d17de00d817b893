"""The judge of Odoo's log: what it lets pass and what it stops at."""

import re

import pytest

from tools.sandbox import checklog

TIME = "2026-01-31 10:00:00,123 4711"


def lines(*records):
    return [f"{TIME} {record}\n" for record in records]


def test_a_quiet_log_has_no_problem():
    log = lines("INFO demo odoo.modules.loading: Modules loaded.")
    assert checklog.find_problems(log) == []


def test_an_error_is_reported_with_its_traceback():
    log = [
        *lines("ERROR demo odoo.sql_db: bad query"),
        "Traceback (most recent call last):\n",
        "ValueError: 42\n",
        *lines("INFO demo odoo.modules.loading: Modules loaded."),
    ]
    (problem,) = checklog.find_problems(log)
    assert problem.startswith("ERROR odoo.sql_db: bad query")
    assert problem.endswith("ValueError: 42")


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_every_level_above_info_is_reported(level):
    log = lines(f"{level} ? odoo.registry: something is wrong")
    assert checklog.find_problems(log) == [f"{level} odoo.registry: something is wrong"]


def test_an_allowed_warning_passes_but_never_an_error():
    allowed = [re.compile(r"odoo\.registry: something .*")]
    warning = lines("WARNING demo odoo.registry: something is wrong")
    error = lines("ERROR demo odoo.registry: something is wrong")
    assert checklog.find_problems(warning, allowed) == []
    assert len(checklog.find_problems(error, allowed)) == 1


def test_a_pattern_must_match_the_whole_record():
    """A listed first line must not hide what follows it."""
    log = [
        *lines("WARNING demo odoo.reports: wkhtmltopdf: harmless"),
        "Exit with code 1 due to network error\n",
    ]
    allowed = [re.compile(r"odoo\.reports: wkhtmltopdf: harmless")]
    assert len(checklog.find_problems(log, allowed)) == 1


def test_the_harmless_lines_of_wkhtmltopdf_are_allowed_and_its_failures_are_not():
    name = "odoo.addons.base.models.ir_actions_report"
    first = lines(f"WARNING demo {name}: wkhtmltopdf: QSslSocket: cannot resolve x")
    more = ["QSslSocket: cannot call unresolved function y\n", " \n"]
    allowed = checklog.read_allowed()
    assert checklog.find_problems([*first, *more], allowed) == []
    failed = [*first, *more, "Error: Failed to load file\n"]
    assert len(checklog.find_problems(failed, allowed)) == 1


def test_a_pattern_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "allowed.txt"
    path.write_text("# heading\n\nodoo: x\n")
    with pytest.raises(ValueError, match="line 3"):
        checklog.read_allowed(path)


def test_an_empty_log_is_a_problem(tmp_path):
    path = tmp_path / "odoo.log"
    path.touch()
    assert "nothing was run" in checklog.check_file(path)[0]


def test_the_reason_of_a_failed_install_is_told_first(tmp_path):
    """Odoo goes on after demo data failed, and dies of something else later."""
    path = tmp_path / "odoo.log"
    path.write_text(
        f"{TIME} WARNING db odoo.modules.loading: demo data failed to install\n"
        "Traceback (most recent call last):\n"
        '  File "x.py", line 1, in f\n'
        "odoo.exceptions.UserError: the odometer reads less\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "odoo.tools.convert.ParseError: while parsing demo.xml:136\n"
        f"{TIME} CRITICAL db odoo.service.server: Failed to initialize\n"
    )
    assert checklog.read_reasons(path) == [
        "WARNING odoo.modules.loading: demo data failed to install",
        "odoo.exceptions.UserError: the odometer reads less",
        "odoo.tools.convert.ParseError: while parsing demo.xml:136",
    ]
