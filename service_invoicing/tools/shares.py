"""Who bears what of a work order, before invoices are made of it."""

from typing import NamedTuple

from odoo import models

# of quantities that are shared out, whatever digits their units have
PIECE_DIGITS = 6


class Payer(NamedTuple):
    """Who gets one invoice of a work order, and of which kind."""

    invoice_type: str
    partner: models.BaseModel
    # the share that was moved to him; None: the share agreed at the document check
    transfer: models.BaseModel | None = None


class SharePart(NamedTuple):
    """One line of a payer's invoice, before his fiscal position maps it."""

    order_line: models.BaseModel
    name: str
    category: str
    account: models.BaseModel
    taxes: models.BaseModel
    # before tax, in the order's currency, signed
    amount: float
    # of the order line's quantity, signed: what taxes per piece count; zero where no
    # piece is billed
    pieces: float = 0.0
    # the order line's quantity and price are kept
    is_whole: bool = False
    # moves the own risk from the insurer to the customer
    is_deductible: bool = False
    # claim whose tax the customer pays by this line and its counterpart
    tax_claim: models.BaseModel | None = None
