"""Work through the jobs of all lanes, as many at once as there are cores."""

import os
import queue
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed

from . import lanes, layout, odoo, programs, results, shards
from .console import SandboxError, say

NIGHTLY = "nightly"
SHOWN_PROBLEMS = 15


def run_all(only=()):
    """Run the lanes (or those named in ``only``), print what they did."""
    nightly = NIGHTLY in only
    chosen = choose(lanes.list_lanes(nightly), [] if nightly else only)
    if nightly:
        # read by the tests: more examples, more rounds
        os.environ["SERVICE_NIGHTLY"] = "1"
    programs.find_browser()
    environment = odoo.ensure()
    start = time.monotonic()
    outcomes = run_jobs(environment, chosen)
    print_slowest(outcomes)
    print_lanes(outcomes)
    print_skipped(outcomes)
    print_again(outcomes)
    say(f"[{time.monotonic() - start:5.1f}s] all lanes; logs in {layout.folder('log')}")
    print(results.format_total(*results.add_up(outcomes.values())), flush=True)
    return 0 if all(outcome.ok for outcome in outcomes.values()) else 1


def choose(found, only):
    names = [lane.name for lane in found]
    if unknown := set(only) - set(names):
        raise SandboxError(
            f"LANE={','.join(sorted(unknown))} must be some of: "
            f"{', '.join([*names, NIGHTLY])}"
        )
    return [lane for lane in found if not only or lane.name in only]


def run_jobs(environment, chosen):
    """``{lane: outcome}`` of the lanes, whose jobs are taken from one queue."""
    count = os.cpu_count() or 1
    workers = queue.SimpleQueue()
    for number in range(count):
        workers.put(lanes.Worker(environment, number))
    jobs = sort_jobs(chosen)
    left = defaultdict(int)
    for job in jobs:
        left[job.lane] += 1
    outcomes = defaultdict(results.Outcome)
    with ThreadPoolExecutor(count) as pool:
        futures = {pool.submit(run_job, job, workers): job for job in jobs}
        for future in as_completed(futures):
            job = futures[future]
            outcomes[job.lane] += finish(job, future.result())
            left[job.lane] -= 1
            if not left[job.lane]:
                print_problems(outcomes[job.lane])
    return outcomes


def sort_jobs(chosen):
    """Long jobs first, so that no worker is left alone with one at the end."""
    known = shards.read_seconds()
    jobs = [job for lane in chosen for job in lane.cut(known)]
    return sorted(jobs, key=lambda job: -job.seconds)


def run_job(job, workers):
    worker = workers.get()
    start = time.monotonic()
    try:
        outcome = job.lane.run(worker, job)
    except SandboxError as error:
        outcome = results.Outcome(problems=[str(error)])
    finally:
        workers.put(worker)
    outcome.seconds = time.monotonic() - start
    return outcome


def finish(job, outcome):
    """Tell that a job is done and remember what its parts took."""
    word = "ok" if outcome.ok else "FAILED"
    say(f"[{outcome.seconds:5.1f}s] {job.name}: {word}, {outcome.passed} passed")
    shards.remember(job.lane.measure(outcome))
    return outcome


def print_problems(outcome):
    for text in [*outcome.failures, *outcome.problems[:SHOWN_PROBLEMS]]:
        say(f"         {text}")
    if len(outcome.problems) > SHOWN_PROBLEMS:
        say(f"         and {len(outcome.problems) - SHOWN_PROBLEMS} more")


def print_slowest(outcomes):
    measured = {}
    for outcome in outcomes.values():
        for name, figures in outcome.measured.items():
            measured[name] = max(figures, measured.get(name, figures))
    for title, whole_classes in (("classes", True), ("tests", False)):
        if lines := results.list_slowest(measured, whole_classes):
            say("\n".join([f"the slowest {title}:", *lines]))


def print_lanes(outcomes):
    say("the lanes, with the time of all their jobs:")
    for lane, outcome in outcomes.items():
        word = "ok" if outcome.ok else "FAILED"
        counts = results.format_total(*results.add_up([outcome]))
        say(f"{outcome.seconds:7.1f}s {lane.name}, {lane.title}: {word}, {counts}")


def print_skipped(outcomes):
    """Each reason once, with all that was skipped for it."""
    names = defaultdict(list)
    for lane, outcome in outcomes.items():
        for name, reason in outcome.skipped:
            names[lane.name, reason].append(name)
    for (lane, reason), skipped in names.items():
        say(f"skipped in {lane}: {reason}: {', '.join(skipped)}")


def print_again(outcomes):
    """What runs each failed test again; last, where it is looked for."""
    commands = [line for outcome in outcomes.values() for line in outcome.again]
    for command in dict.fromkeys(commands):
        say(f"again: {command}")
