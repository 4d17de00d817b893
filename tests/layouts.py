"""Prints of the demo as payers get them: with the styles of layouts of Odoo."""

from pathlib import Path

from tools.sandbox import layout
from tools.sandbox.server import Server

from .prints import read_pages

SCRIPT = Path(__file__).with_name("print_in_layouts.py")
LINES = range(1000, 1060)
# what a payer has to know for paying stands on one page
SUMMARY = ("Amount due in words", "Payment Communication", "Scan this QR", "Total")


def print_demo(environment, first_port, played, layouts):
    """Texts of the pages by layout, paper and kind: ``{name: [text]}``."""
    name = played.database
    server = Server(environment, name, usual_port=first_port)
    server.start(name)
    folder = played.out.with_name("layouts")
    folder.mkdir()
    try:
        environment.run_script(
            name,
            SCRIPT,
            log=layout.folder("log") / f"{name}-layouts.log",
            env={"PRINT_LAYOUTS": " ".join(layouts), "PRINT_OUT": str(folder)},
        )
    finally:
        server.stop()
    return {path.stem: read_pages(path) for path in sorted(folder.glob("*.pdf"))}


def find_longer(pages):
    """Documents of few lines that take more than one page."""
    return {
        name: len(texts)
        for name, texts in pages.items()
        if "many" not in name and len(texts) != 1
    }


def find_torn(pages):
    """Rows and summaries of invoices over many lines that are on more than one page,
    or on none."""
    torn = []
    for name, texts in pages.items():
        if "many" not in name:
            continue
        if not any(all(piece in text for piece in SUMMARY) for text in texts):
            torn.append(f"{name}: summary")
        torn += [
            f"{name}: {number}"
            for number in LINES
            if not any(
                all(f"{piece} {number}" in text for piece in ("Work", "End"))
                and f"{number:,}.00" in text
                for text in texts
            )
        ]
    return torn
