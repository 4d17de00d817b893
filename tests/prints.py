"""What a print says."""

import re

from PyPDF2 import PdfReader


def read_text(file):
    """The text of a PDF in one line; a word that is broken at its hyphen is whole."""
    return " ".join(read_pages(file))


def read_pages(file):
    """The same of each page."""
    return [
        re.sub(r"(?<=\w)- (?=\w)", "-", " ".join(page.extract_text().split()))
        for page in PdfReader(file).pages
    ]
