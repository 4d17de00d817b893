"""Every language says all that there is to say, with the same placeholders.

It reads the files as gettext writes them, with Python alone: `msgid` and `msgstr`,
each a string or several below each other.
"""

import ast
import re

LANGUAGES = ("cs", "de", "fr", "id", "sk")
ENTRY = re.compile(
    r'^msgid (?P<msgid>".*"(?:\n".*")*)\nmsgstr (?P<msgstr>".*"(?:\n".*")*)', re.M
)
PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|%[sd%]|\$\{[^}]*\}")
# a sentence is translated; a name, a code or a sign may be the same everywhere
SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b\W+){3}")
CODE = re.compile(r"<[^>]*>|\([^)]*\)")


def find(root):
    findings = []
    for template in sorted(root.glob("*/i18n/*.pot")):
        terms = read(template)
        for language in LANGUAGES:
            path = template.with_name(f"{language}.po")
            name = path.relative_to(root)
            if not path.exists():
                findings.append(f"{name}: there is no such language")
                continue
            texts = read(path)
            findings += [
                f"{name}: {term[:60]!r}: {what}"
                for term in terms
                if (what := judge(term, texts.get(term, "")))
            ]
    return findings


def judge(term, text):
    """What is wrong with a translation, in words; nothing where it is right."""
    if not text:
        return "not translated"
    if sorted(PLACEHOLDER.findall(term)) != sorted(PLACEHOLDER.findall(text)):
        return "other placeholders than in the text"
    if term == text and SENTENCE.search(CODE.sub("", term)):
        return "still English"
    return None


def read(path):
    """Texts of a file by the English ones."""
    content = path.read_text()
    return {
        unquote(match["msgid"]): unquote(match["msgstr"])
        for match in ENTRY.finditer(content)
        if match["msgid"] != '""'
    }


def unquote(lines):
    return "".join(map(ast.literal_eval, lines.splitlines()))
