"""The lanes of ``make test``: what each installs, runs and says when it cannot."""

import pytest

from tools.sandbox import addons, core_tests, lanes, outside
from tools.sandbox.console import SandboxError
from tools.sandbox.odoo_source import OdooSource

STARTED = "2026-01-31 10:00:00,123 1 INFO db odoo.addons.account.tests.a: Starting "


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """A checkout of add-ons; ``checkout(name, depends, auto_install)``."""
    monkeypatch.setattr(addons.layout, "CHECKOUT", tmp_path)

    def write(name, depends, auto_install=False):
        manifest = {"name": name, "depends": depends, "auto_install": auto_install}
        (tmp_path / name).mkdir()
        (tmp_path / name / "__manifest__.py").write_text(repr(manifest))

    return write


def test_glue_is_not_installed_but_what_it_glues(checkout):
    checkout("a_glue", [addons.BASE_ADDON, "other"], auto_install=True)
    checkout("more", [addons.BASE_ADDON])
    checkout(addons.BASE_ADDON, ["account"])
    assert addons.names() == [addons.BASE_ADDON, "a_glue", "more"]
    assert addons.to_install() == [addons.BASE_ADDON, "other", "more"]


def test_what_glues_to_a_neighbour_brings_it_only_into_its_lane(checkout):
    checkout(addons.BASE_ADDON, ["account"])
    checkout("a_glue", [addons.BASE_ADDON, addons.NEIGHBOURS[0]], auto_install=True)
    assert addons.to_install() == [addons.BASE_ADDON]
    assert find_lane("together").content == [f"/{addons.BASE_ADDON}"]
    assert f"{lanes.NEIGHBOUR_TAG}/a_glue" in find_lane("neighbours").content


def test_what_glues_to_an_addon_of_others_is_only_in_its_lane(checkout):
    checkout(addons.BASE_ADDON, ["account"])
    checkout("a_glue", [addons.BASE_ADDON, addons.OUTSIDE[0]], auto_install=True)
    assert addons.to_install() == [addons.BASE_ADDON]
    assert find_lane("together").content == [f"/{addons.BASE_ADDON}"]
    assert find_lane("outside").content == [f"{lanes.OUTSIDE_TAG}/a_glue"]


def test_an_addon_of_others_that_cannot_be_had_is_skipped_with_the_reason(monkeypatch):
    def refuse():
        raise SandboxError("no network")

    monkeypatch.setattr(outside, "ensure", refuse)
    lane = find_lane("outside")
    outcome = lane.run(None, lane.cut({})[0])
    assert outcome.ok
    ((_name, reason),) = outcome.skipped
    assert reason == "queue_job cannot be had: no network"


def find_lane(name, nightly=False):
    return next(lane for lane in lanes.list_lanes(nightly) if lane.name == name)


def test_every_addon_is_tested_together_and_the_base_alone():
    tested = {
        *find_lane("together").content,
        *find_lane("neighbours").content,
        *find_lane("outside").content,
    }
    tags = ("", lanes.NEIGHBOUR_TAG, lanes.OUTSIDE_TAG)
    for name in addons.names():
        assert tested & {f"{tag}/{name}" for tag in tags}
    assert find_lane("alone").content == [f"{lanes.ALONE_TAG}/{addons.BASE_ADDON}"]
    assert find_lane("alone").kind == "base_world"


def test_every_test_is_in_one_job_and_what_has_no_class_is_in_the_last():
    lane = find_lane("together")
    *others, last = lane.cut({})
    assert others, "one job would leave a core idle"
    named = [tag for job in others for tag in job.content]
    assert len(named) == len(set(named))
    assert set(named) < set(lane.list_units())
    assert last.content == [*lane.content, *(f"-{tag}" for tag in named)]


def test_core_is_tested_whole_by_night():
    day, night = (find_lane("core", nightly).content for nightly in (False, True))
    assert {f"/account:{name}" for name in core_tests.NIGHTLY} <= set(night)
    # all of the day is there, by itself or with its whole class, and nothing twice
    whole = [tag for tag in night if "." not in tag]
    assert all(tag in night or tag.partition(".")[0] in whole for tag in day)
    assert not [tag for tag in night if "." in tag and tag.partition(".")[0] in whole]


def test_a_failed_test_is_run_again_on_its_database_by_one_command():
    command = find_lane("together").run_again("/a:TestB.test_c", "db")
    assert command == "make test-module MODULES=a TAGS=/a:TestB.test_c DB=db KEEP=1"
    # outside its lane it is no standard test, which Odoo would leave out
    command = find_lane("countries").run_again("/a:TestB.test_c", "db")
    assert f" TAGS={lanes.COUNTRY_TAG}/a:TestB.test_c " in command


def test_the_tests_that_run_alone_are_marked():
    tests = lanes.layout.CHECKOUT / addons.BASE_ADDON / "tests"
    marked = [
        path.stem
        for path in tests.rglob("test_*.py")
        if lanes.ALONE_TAG in path.read_text()
    ]
    assert {"test_worked_example", "test_invoice_print", "test_tcd"} <= set(marked)


@pytest.mark.parametrize(
    "name, tag",
    [("countries", lanes.COUNTRY_TAG), ("neighbours", lanes.NEIGHBOUR_TAG)],
)
def test_other_modules_of_odoo_have_a_lane_and_tests(name, tag):
    assert find_lane(name).content == [f"{tag}/{addon}" for addon in addons.names()]
    tests = lanes.layout.CHECKOUT.glob("*/tests/**/test_*.py")
    assert any(f'"{tag}"' in path.read_text() for path in tests)


def test_core_tests_are_found_in_a_package_and_in_a_checkout(tmp_path):
    source = OdooSource(tmp_path, "19.0")
    assert core_tests.find(source) is None
    for folder in ("addons", "odoo/addons"):
        tests = tmp_path / folder / core_tests.ADDON / "tests"
        tests.mkdir(parents=True)
        assert core_tests.find(source) is None
        (tests / "__init__.py").touch()
        assert core_tests.find(source) == tests
        (tests / "__init__.py").unlink()
        tests.rmdir()
        tests.parent.rmdir()


@pytest.mark.parametrize("ci, fine", [("", True), ("true", False)])
def test_an_odoo_without_tests_is_named_and_fails_in_ci(monkeypatch, ci, fine):
    monkeypatch.setenv("CI", ci)
    outcome = core_tests.report_missing(OdooSource("/some/odoo", "19.0"))
    ((_name, reason),) = outcome.skipped
    assert "/some/odoo has no tests of account; set ODOO_HOME" in reason
    assert outcome.ok == fine


def test_a_core_test_that_is_gone_is_noticed():
    tags = core_tests.list_tags(nightly=True)
    names = [tag.partition(":")[2] for tag in tags[1:]]
    whole = [name if "." in name else f"{name}.test_a" for name in names]
    lines = [f"{STARTED}{name} ... " for name in whole]
    missing = f"account has no test {tags[0].partition(':')[2]} any more"
    assert core_tests.find_not_run(lines, tags) == [missing]


def test_only_core_tests_with_a_reason_are_left_out(monkeypatch):
    assert all(core_tests.EXCLUDED.values())
    monkeypatch.setattr(core_tests, "EXCLUDED", {"TestTax.test_a": "fails alone, too"})
    lane = find_lane("core")
    (job, *_others) = lane.cut({})
    assert lane.list_tags(job) == [*job.content, "-/account:TestTax.test_a"]
