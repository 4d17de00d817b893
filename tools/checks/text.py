"""No file may tell on which machine, or from which mirror, it was made."""

import re

from .files import list_files

# written in pieces, or this file would find itself
FORBIDDEN = {
    "a path of a machine": r"(?<![\w.$}/-])/(?:work|root|home|Users|workspace)/\w",
    "an address of a package registry": "|".join(
        re.escape(f"{name}.{domain}")
        for name, domain in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("debian", "org/debian"),
            ("registry.npmjs", "org"),
        ]
    ),
    "a mark of an unresolved merge": r"^(?:<{7}|>{7}) ",
    "a note of unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
}
# docs/glossary.md names the words; these are the ones that were used beside them
OTHER_SPELLINGS = "|".join(
    [
        r"[Aa]uth" + r"oris",
        r"[\">*]Reinv" + r"oice",
        r"\bMark" + r"up [A-Z]",
        # headings and labels of amounts
        r"(?:string|sum)=\"Unta" + r"xed\"",
        r"\bNet (?:Pay" + r"able|Invoice Am" + r"ount)\b",
        r"\bTotal Invoice Am" + r"ount\b",
    ]
)
BINARY = {".png", ".jpg", ".ico", ".pdf", ".xlsx", ".woff", ".woff2"}


def find(root):
    findings = []
    patterns = {what: re.compile(text, re.M) for what, text in FORBIDDEN.items()}
    spelling = {
        "another spelling than in docs/glossary.md": re.compile(OTHER_SPELLINGS)
    }
    for path in list_files(root):
        if path.suffix in BINARY or path.name in ("LICENSE", "glossary.md"):
            continue
        content = path.read_text(errors="replace")
        # other languages have words of their own
        own = patterns if path.suffix == ".po" else patterns | spelling
        for what, pattern in own.items():
            for match in pattern.finditer(content):
                line = content.count("\n", 0, match.start()) + 1
                findings.append(f"{path.relative_to(root)}:{line}: {what}")
    return findings
