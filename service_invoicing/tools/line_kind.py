"""Kinds of invoice lines."""

# they post nothing
TEXT_LINES = ("line_section", "line_subsection", "line_note")
