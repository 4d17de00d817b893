"""What a print says."""

import re

from PyPDF2 import PdfReader


def read_text(file):
    """The text of a PDF in one line; a word that is broken at its hyphen is whole."""
    text = " ".join(page.extract_text() for page in PdfReader(file).pages)
    return re.sub(r"(?<=\w)- (?=\w)", "-", " ".join(text.split()))
