"""What `make bench` makes of the ratios that its scripts keep."""

from pathlib import Path

import pytest
from PIL import Image

from tests import ratios
from tools.sandbox import bench
from tools.sandbox.console import SandboxError

FOUND = [["bench_lists", "work orders", 0.5], ["bench_orders", "together", 1.3249]]


@pytest.fixture
def docs(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "DOCS", tmp_path)
    return tmp_path


def test_table_has_every_ratio_below_its_bench_and_names_the_machine(docs):
    bench.write_table(FOUND)
    lines = (docs / "ratios.md").read_text().splitlines()
    assert bench.describe_machine() in lines[2]
    assert lines.index("| work orders | 0.50 |") < lines.index("| together | 1.32 |")
    assert lines.count("| work | ratio |") == len(FOUND)


def test_plot_has_a_bar_as_long_as_the_ratio(docs):
    bench.draw(FOUND)
    image = Image.open(docs / "scale.png").convert("RGB")
    # the machine, then each bench with its title: the bars stand in rows 4 and 7
    scale = (bench.WIDTH - bench.LABEL - 60) / bench.MOST
    for row, ratio in ((4, 0.5), (7, 1.3249)):
        middle = row * bench.ROW + bench.ROW // 2
        inside, outside = bench.LABEL + scale * ratio - 3, bench.WIDTH - 5
        assert image.getpixel((int(inside), middle)) != (255, 255, 255)
        assert image.getpixel((outside, middle)) == (255, 255, 255)


def test_ratios_are_kept_where_a_bench_runs(tmp_path, monkeypatch):
    kept = tmp_path / "kept.json"
    ratios.keep("by hand", 2.0)
    monkeypatch.setenv("BENCH_RATIOS", str(kept))
    monkeypatch.setenv("BENCH_NAME", "bench_orders")
    ratios.keep("together", 1.25)
    assert kept.read_text() == '["bench_orders", "together", 1.25]\n'


def test_what_cannot_be_had_is_skipped_with_its_reason(monkeypatch, capsys):
    def refuse(*_arguments):
        raise SandboxError("no network")

    monkeypatch.setattr(bench.outside, "beside", refuse)
    monkeypatch.setattr(bench.prepared, "ensure", lambda _odoo, kind: kind)
    monkeypatch.setattr(bench.databases, "clone", lambda _source, _name: None)
    bench.run_script(None, Path("bench_contract.py"), None)
    said = "".join(capsys.readouterr())
    assert "bench_contract skipped" in said
    assert "no network" in said
