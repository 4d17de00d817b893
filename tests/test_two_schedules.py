"""Two schedules overlap, and two processes carry them out at the same moment."""

from .schedules import check_each_line_once, check_left_out, overlap

PERMISSIONS = 12


def test_no_line_is_invoiced_twice_by_two_schedules(environment, system):
    permissions, runs = overlap(environment, system, "OVERLAP", PERMISSIONS)
    check_each_line_once(system, permissions, runs)
    check_left_out(system, runs)
