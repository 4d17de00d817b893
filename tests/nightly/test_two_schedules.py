"""Two schedules overlap for as long as both are at work, time and again."""

import pytest

from ..schedules import check_each_line_once, check_left_out, overlap

# some batches of each, and as many lines as are checked at once
PERMISSIONS = 150


@pytest.mark.parametrize("time", range(3))
def test_no_line_is_invoiced_twice_by_two_long_schedules(environment, system, time):
    permissions, runs = overlap(environment, system, f"LONG-{time}", PERMISSIONS)
    check_each_line_once(system, permissions, runs)
    check_left_out(system, runs)
