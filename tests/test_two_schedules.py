"""Two schedules overlap, and two processes carry them out at the same moment."""

from pathlib import Path

from tools.sandbox import layout

from .schedules import check_each_line_once, check_left_out, create_schedule, overlap
from .test_maintenance import create_run

CHANGED_SCRIPT = Path(__file__).with_name("changed_meanwhile.py")

PERMISSIONS = 12


def test_no_line_is_invoiced_twice_by_two_schedules(environment, system):
    permissions, runs = overlap(environment, system, "OVERLAP", PERMISSIONS)
    check_each_line_once(system, permissions, runs)
    check_left_out(system, runs)


def test_what_was_changed_meanwhile_is_taken_up_as_it_is_then(environment, system):
    ids = {
        "RUN": create_run(system.client("accountant"), []),
        "SCHEDULE": create_schedule(system, "CHANGED", []),
    }
    environment.run_script(
        system.database,
        CHANGED_SCRIPT,
        log=layout.folder("log") / f"{system.database}-changed.log",
        env={name: str(record_id) for name, record_id in ids.items()},
    )
