"""What charges, discounts and tax rows count on, on orders and invoices alike."""

from typing import NamedTuple

from odoo import models


class ScopeLine(NamedTuple):
    """A line of a document as the rows of its T/C/D page see it."""

    category: str
    # without those that tax rows put on it
    taxes: models.BaseModel
    # before tax, in the document's currency, signed
    amount: float
    # of the work, in ``uom``; zero where no work is billed
    quantity: float = 0.0
    uom: models.BaseModel | None = None


class RowResult(NamedTuple):
    """What a charge or discount comes to."""

    # what a percentage counts on, before tax
    base: float
    # what a unit rate counts on
    quantity: float
    # before tax, positive
    amount: float
    # (all taxes, those of tax rows among them) → signed amount before tax
    parts: dict
