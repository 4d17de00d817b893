"""Who bears what of a work order, before invoices are made of it."""

from typing import NamedTuple

from odoo import models

# of quantities that are shared out, whatever digits their units have
PIECE_DIGITS = 6


class Payer(NamedTuple):
    """Who gets an invoice of a work order, and of which kind."""

    invoice_type: str
    partner: models.BaseModel


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
    # charge or discount that was credited or moved with an invoice
    tcd: models.BaseModel | None = None
    # whose share of the order line it is by the document check, whoever bears it
    share_type: str = "service"
    # what of that share it uses up; None: as much as the amount
    share: float | None = None
    # what of it the workshop bears itself
    own_cost: float = 0.0
    # the line of a release that says all this
    release_line: models.BaseModel | None = None

    def get_share(self):
        """Part of the agreed share that is used up, in the order's currency."""
        return self.amount if self.share is None else self.share

    def is_share(self):
        """Whether it is part of what the order's lines cost: no charge or discount, no
        tax of others, nothing that was typed on an invoice."""
        return bool(self.order_line and not self.tcd and not self.tax_claim)

    def take(self, amount):
        """The same share of everything that is in another amount.

        :param float amount: before tax, in the order's currency, signed
        """
        factor = amount / self.amount if self.amount else 0.0
        return self._replace(
            amount=amount,
            pieces=self.pieces * factor,
            share=None if self.share is None else self.share * factor,
            own_cost=self.own_cost * factor,
            is_whole=self.is_whole and factor == 1.0,
        )


class OpenShare(NamedTuple):
    """What one payer is to be billed of a work order: a release that is on no invoice,
    or what nobody has released yet."""

    payer: Payer
    # list of SharePart
    parts: list
    # the order's charges and discounts come with it
    has_tcd: bool
    # service.release; empty where nothing is released
    release: models.BaseModel

    def get_amount(self):
        """Before tax in the order's currency, charges and discounts not counted."""
        return sum(part.amount for part in self.parts if part.is_share())
