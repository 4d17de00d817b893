"""Counting tests: from Odoo's log, from pytest's report, and in the last line."""

from tools.sandbox import results

TIME = "2026-01-31 10:00:00,123 4711"
TOTAL = "INFO db odoo.tests.result: {} failed, {} error(s) of {} tests when loading"


def odoo_log(*records):
    return results.read_odoo_log([f"{TIME} {record}\n" for record in records])


def test_a_passed_run_counts_all_tests():
    outcome = odoo_log(TOTAL.format(0, 0, 14))
    assert (outcome.passed, outcome.failed, outcome.ok) == (14, 0, True)


def test_failures_and_errors_are_both_failures():
    outcome = odoo_log(
        "ERROR db odoo.addons.a.tests.test_b: FAIL: TestB.test_c",
        TOTAL.format(1, 2, 10),
    )
    assert (outcome.passed, outcome.failed, outcome.ok) == (7, 3, False)
    assert outcome.failures == ["FAIL: TestB.test_c"]


def test_a_failed_test_names_what_runs_it_again():
    for text, tag in (
        ("FAIL: TestB.test_c", "/a:TestB.test_c"),
        ("ERROR: Subtest TestB.test_c (role='clerk')", "/a:TestB.test_c"),
        ("ERROR: setUpClass (odoo.addons.a.tests.test_b.TestB)", "/a:TestB"),
    ):
        assert odoo_log(f"ERROR db odoo.addons.a.tests.test_b: {text}").again == [tag]


def test_classes_and_tests_are_measured():
    lines = [
        "\ta.test_b.TestB: 2.50s 70 queries\n",
        "\ta.test_b.TestB.setUpClass: 1.00s 30 queries\n",
        "\ta.test_b.TestB.test_c: 1.50s 40 queries\n",
        "\ta.test_b.TestB.tearDownClass: 619711.80s 0 queries\n",
        # sets the clock
        "\ta.test_b.TestC: 77000.00s 10 queries\n",
        "\ta: 2.50s 70 queries\n",
    ]
    measured = results.read_odoo_log(lines).measured
    assert measured["a", "TestB", None] == (2.5, 70)
    assert measured["a", "TestB", "test_c"] == (1.5, 40)
    assert ("a", "TestC", None) not in measured
    assert results.list_slowest(measured, True) == ["    2.5s      70 queries  a.TestB"]
    assert [line.split()[-1] for line in results.list_slowest(measured, False)] == [
        "a.TestB.test_c",
        "a.TestB.setUpClass",
    ]


def test_a_class_in_a_package_of_the_tests_is_measured_as_a_class():
    lines = ["\ta.invoice.test_b.TestB: 2.50s 70 queries\n"]
    assert results.read_odoo_log(lines).measured == {("a", "TestB", None): (2.5, 70)}


def test_a_skipped_test_has_not_run_and_keeps_its_reason():
    outcome = odoo_log(
        "INFO db odoo.addons.a.tests.test_b: skipped TestB.test_tour : no browser ",
        TOTAL.format(0, 0, 5),
    )
    assert outcome.passed == 4
    assert outcome.skipped == [("TestB.test_tour", "no browser")]


def test_totals_of_several_loads_add_up():
    outcome = odoo_log(TOTAL.format(0, 0, 5), TOTAL.format(1, 0, 6))
    assert (outcome.passed, outcome.failed) == (10, 1)


def test_a_run_without_tests_fails():
    assert not odoo_log(TOTAL.format(0, 0, 0)).require_tests().ok
    assert not odoo_log().require_tests().ok
    assert (
        not odoo_log(
            "INFO db odoo.addons.a.tests.test_b: skipped TestB.test_c : always",
            TOTAL.format(0, 0, 1),
        )
        .require_tests()
        .ok
    )


def test_a_pytest_report_is_read(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(
        """<testsuites><testsuite>
        <testcase classname="t" name="one"/>
        <testcase classname="t" name="two"><failure message="no"/></testcase>
        <testcase classname="t" name="three"><error message="no"/></testcase>
        <testcase classname="t" name="four"><skipped message="why"/></testcase>
        </testsuite></testsuites>"""
    )
    outcome = results.read_junit(path)
    assert (outcome.passed, outcome.failed) == (1, 2)
    assert outcome.failures == ["t.two", "t.three"]
    assert outcome.skipped == [("t.four", "why")]


def test_a_missing_or_cut_report_is_a_problem(tmp_path):
    path = tmp_path / "report.xml"
    assert not results.read_junit(path).ok
    path.write_text("<testsuites><testsuite>")
    assert not results.read_junit(path).ok


def test_a_lane_with_a_problem_counts_as_one_failure():
    lanes = [
        results.Outcome(ran=5),
        results.Outcome(ran=3, problems=["WARNING odoo: x"]),
        results.Outcome(ran=4, failed=2, skipped=[("a", "b")], problems=["ERROR"]),
    ]
    assert results.add_up(lanes) == (10, 3, 1)


def test_the_last_line_is_plain():
    assert results.format_total(12, 0, 0) == "12 passed, 0 failed"
    assert results.format_total(12, 1, 2) == "12 passed, 1 failed, 2 skipped"
