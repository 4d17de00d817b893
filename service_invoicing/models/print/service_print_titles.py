from copy import deepcopy

from lxml import html
from markupsafe import Markup

from odoo import api, models

# printed for telephones only
HIDDEN = "d-none"
BLANK = "\N{NO-BREAK SPACE}"
# a title that has room beside the last column
LONGEST = 80


class ServicePrintTitles(models.AbstractModel):
    """Titles of sections that never stand alone at the foot of a page.

    wkhtmltopdf keeps a row of a table whole, but breaks a page between any two rows. A
    title is therefore printed within the row it stands above.
    """

    _name = "service.print.titles"
    _description = "Titles on a Page with Their Lines"

    @api.model
    def _keep_together(self, body):
        """Put each title into the row below it.

        :param body: markup of the printed lines, one ``tbody``
        :return: the same lines as markup
        """
        table = html.fragment_fromstring(f"<table>{body}</table>")
        titles = []
        for row in table.iterfind(".//tr"):
            if self._is_title(row):
                titles.append(row)
                continue
            while titles and self._join(titles[-1], row):
                titles.pop()
            titles = []
        inner = "".join(html.tostring(child, encoding="unicode") for child in table)
        return Markup(inner)

    def _is_title(self, row):
        names = (row.get("class") or "").split()
        return "o_line_section" in names or "o_line_subsection" in names

    def _join(self, title, row):
        """Move the cells of a title into those of the row that stand below them.

        :return: whether the row has a cell for each of them
        """
        above, below = self._place_cells(title), self._place_cells(row)
        if not above.keys() <= below.keys():
            return False
        for column, cell in below.items():
            head = self._make_head(above.get(column), title.get("class"))
            if not column:
                self._level(head)
            self._put_above(cell, head)
        self._indent(below[0])
        title.getparent().remove(title)
        return True

    def _place_cells(self, row):
        """Cells of a row by the number of the column they begin in."""
        places, column = {}, 0
        for cell in row.iterfind("td"):
            if HIDDEN in (cell.get("class") or "").split():
                continue
            places[column] = cell
            column += int(cell.get("colspan") or 1)
        return places

    def _make_head(self, title, classes):
        """What stands above a cell: that of the title, or a blank line."""
        if title is None:
            head = html.Element("div")
            head.text = BLANK
        else:
            head = self._wrap(deepcopy(title))
            classes = f"{classes} {title.get('class') or ''}"
        head.set("class", classes)
        return head

    def _level(self, head):
        """The text of a title reaches over the blank cells beside it, on one line: the
        figures at its end stay level with it. A longer one is wrapped."""
        if len(head.text_content().strip()) <= LONGEST:
            block = self._wrap(head)
            head.set("class", f"{head.get('class')} o_service_title")
            head.text = None
            head[:] = [block]
            block.tail = BLANK

    def _put_above(self, cell, head):
        content = self._wrap(cell)
        cell.text = None
        cell[:] = [head, content]

    def _wrap(self, cell):
        """The content of a cell as a block of its own."""
        block = html.Element("div")
        block.text = cell.text
        block.extend(cell)
        return block

    def _indent(self, cell):
        """The indent of a line is that of its own text, not that of its title."""
        names = (cell.get("class") or "").split()
        indents = [name for name in names if name.startswith("px-")]
        cell[-1].set("class", " ".join(indents))
        cell.set("class", " ".join(name for name in names if name not in indents))
