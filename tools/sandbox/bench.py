"""Measure all that ``tests/bench_*.py`` do; one table and one plot of the ratios."""

import json
import os

from PIL import Image, ImageDraw, ImageFont

from . import addons, databases, layout, odoo, outside, prepared
from .console import SandboxError, say, step

DOCS = layout.CHECKOUT / "docs"
# scripts that need add-ons of others: on which kind of database these are installed,
# their names, and the file that says which
OUTSIDE = {
    "bench_contract": ("plain", "contract", outside.MEASURED),
    "bench_workers": ("installed", ",".join(addons.OUTSIDE), outside.REQUIREMENTS),
}
TITLES = {
    "bench_contract": "OCA contract, against core",
    "bench_large_documents": "Large documents, against core",
    "bench_lists": "Lists and forms among very many rows, against core",
    "bench_mass_run": "Mass run, against core",
    "bench_orders": "Many work orders, against core",
    "bench_ordinary": "Ordinary work, against Odoo without the add-ons",
    "bench_workers": "Two workers, time on the clock, against core in one process",
}
WIDTH, ROW, LABEL, MOST = 1000, 20, 430, 2.0
GOOD, BAD = "#2a7f62", "#b5523b"


def run():
    environment = odoo.ensure()
    kept = layout.folder("run") / f"{databases.test_name('bench')}.json"
    kept.unlink(missing_ok=True)
    for script in sorted((layout.CHECKOUT / "tests").glob("bench_*.py")):
        with step(script.stem):
            run_script(environment, script, kept)
    ratios = [json.loads(line) for line in kept.read_text().splitlines()]
    write_table(ratios)
    draw(ratios)


def run_script(environment, script, kept):
    """Each begins with databases as they were installed."""
    names = {}
    for kind in ("installed", "plain"):
        names[kind] = databases.test_name(f"bench_{kind}")
        databases.clone(prepared.ensure(environment, kind), names[kind])
    database = names["installed"]
    if script.stem in OUTSIDE:
        kind, modules, requirements = OUTSIDE[script.stem]
        database = names[kind]
        try:
            environment = install(environment, database, modules, requirements)
        except SandboxError as error:
            say(f"         {script.stem} skipped, {modules} cannot be had: {error}")
            return
    environment.run_script(
        database,
        script,
        log=layout.folder("log") / f"{database}.log",
        env={
            "PLAIN_DATABASE": names["plain"],
            "BENCH_NAME": script.stem,
            "BENCH_RATIOS": str(kept),
        },
    )


def install(environment, database, modules, requirements):
    beside = outside.beside(environment, requirements)
    log = layout.folder("log") / f"{database}-{modules}.log"
    beside.install(database, modules, log=log, strict=False)
    return beside


def describe_machine():
    """Processor, cores and memory, as far as the machine tells them."""
    found = {}
    for path in ("/proc/cpuinfo", "/proc/meminfo"):
        try:
            with open(path) as lines:
                pairs = (line.partition(":") for line in lines)
                found |= {key.strip(): value.strip() for key, _colon, value in pairs}
        except OSError:
            continue
    processor = found.get("model name", "processor unknown")
    memory = int(found.get("MemTotal", "0").split()[0]) // 1024**2
    return f"{processor}, {os.cpu_count()} cores, {memory} GB of memory"


def group(ratios):
    """``{title: [(work, ratio), ...]}`` in the order in which they were measured."""
    groups = {}
    for bench, work, ratio in ratios:
        groups.setdefault(TITLES.get(bench, bench), []).append((work, ratio))
    return groups


def write_table(ratios):
    rows = ["# Ratios", "", f"Written by `make bench`: {describe_machine()}.", ""]
    for title, found in group(ratios).items():
        rows += [f"## {title}", "", "| work | ratio |", "|---|---:|"]
        rows += [f"| {work} | {ratio:.2f} |" for work, ratio in found] + [""]
    (DOCS / "ratios.md").write_text("\n".join(rows).rstrip() + "\n")


def draw(ratios):
    """A bar for each ratio; the line is what ours are held against."""
    rows = [("", None), (describe_machine(), None)]
    for title, found in group(ratios).items():
        rows += [("", None), (title, None), *found]
    image = Image.new("RGB", (WIDTH, ROW * (len(rows) + 2)), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    scale = (WIDTH - LABEL - 60) / MOST
    for number, (text, ratio) in enumerate(rows):
        top = ROW * number
        if ratio is None:
            pen.text((10, top + 2), text, fill="black", font=font)
            continue
        end = LABEL + scale * min(ratio, MOST)
        pen.text((30, top + 2), text, fill="#444444", font=font)
        color = GOOD if ratio <= 1.0 else BAD
        pen.rectangle((LABEL, top + 4, end, top + ROW - 4), fill=color)
        pen.text((end + 6, top + 2), f"{ratio:.2f}", fill="black", font=font)
    one = LABEL + scale
    pen.line((one, 2.5 * ROW, one, ROW * len(rows)), fill="black")
    image.save(DOCS / "scale.png", optimize=True)
