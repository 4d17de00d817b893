"""What benches found, kept for the table and the plot of all of them."""

import json
import os


def keep(work, ratio):
    """Remember how much longer a piece of work takes than what it is held against."""
    if path := os.environ.get("BENCH_RATIOS"):
        with open(path, "a") as kept:
            kept.write(json.dumps([os.environ["BENCH_NAME"], work, ratio]) + "\n")
