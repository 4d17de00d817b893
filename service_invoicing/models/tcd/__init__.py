"""Taxes, charges and discounts of documents."""

from . import service_tcd
from . import service_tcd_variant
from . import service_invoice_tcd
from . import service_invoice_tcd_compute
from . import account_move
from . import account_move_line
from . import service_work_order
from . import service_tcd_sheet
from . import service_tcd_taxable
