"""Odoo's log, read as a judge: nothing above INFO unless a listed reason allows it.

Each line of ``allowed-warnings.txt`` is a regular expression, two or more spaces, ``#``
and the reason.  It has to match a whole record, "logger: message", continuation lines
included.  An ERROR or CRITICAL is never allowed.
"""

import re
from pathlib import Path

ALLOWED = Path(__file__).with_name("allowed-warnings.txt")
RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ "
    r"(?P<level>[A-Z]+) \S+ (?P<text>[\w.<>?-]+: .*)$"
)
EXCEPTION = re.compile(r"^[\w.]+(Error|Exception|Warning|Violation)\b.*: .*")
SEVERE = ("ERROR", "CRITICAL")


def read_records(lines):
    """Yield ``(level, text)``; a traceback belongs to the record above it."""
    level, text = None, []
    for line in lines:
        match = RECORD.match(line.rstrip("\n"))
        if match:
            if level:
                yield level, "\n".join(text)
            level, text = match["level"], [match["text"]]
        elif level:
            text.append(line.rstrip("\n"))
    if level:
        yield level, "\n".join(text)


def read_allowed(path=ALLOWED):
    """The patterns of the list; a line without a reason is refused."""
    patterns = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, mark, reason = line.partition("  #")
        if not mark or not reason.strip():
            raise ValueError(f"{path.name}, line {number}: the reason is missing")
        patterns.append(re.compile(pattern.strip()))
    return patterns


def find_problems(lines, allowed=()):
    """Return the records which must not be there, as "LEVEL logger: message"."""
    problems = []
    for level, text in read_records(lines):
        is_allowed = any(pattern.fullmatch(text.rstrip()) for pattern in allowed)
        if level in SEVERE or (level == "WARNING" and not is_allowed):
            problems.append(f"{level} {text.rstrip()}")
    return problems


def check_file(path):
    """The problems of the log at ``path``; an empty log is a problem too."""
    with open(path, errors="replace") as lines:
        problems = find_problems(lines, read_allowed())
    if not Path(path).stat().st_size:
        problems.append(f"{path} is empty: nothing was run")
    return problems


def read_reasons(path, limit=6):
    """The first problem of the log in a few lines: its head and its exceptions."""
    problems = check_file(path) or ["nothing was logged"]
    head, *rest = problems[0].splitlines()
    return [head, *(line for line in rest if EXCEPTION.match(line))][:limit]
