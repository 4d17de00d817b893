from odoo import models

from odoo.addons.maintenance_reinvoice.tools.bill_types import BILL_TYPES

from ..tools.incoming import read_texts


class AccountEdiCommon(models.AbstractModel):
    """What a garage's bill or credit note says of permissions and vehicles is kept on
    the bill and on those of its lines that say it.

    Relies on core for four methods of reading. ``_retrieve_invoice_line_vals`` gets the
    element of one line and returns the values of the bill line made from it, so that
    their order does not matter. ``_retrieve_line_charges`` gets these values and
    returns those of the lines that charges on it become.
    ``_import_document_allowance_charges`` (values and log) and
    ``_import_rounding_amount`` (values and log) return lines of the document as a
    whole. The formats add ``_import_fill_invoice``, which gets the bill, whose type is
    known by then, and the document.
    """

    _inherit = "account.edi.common"

    def _get_maintenance_paths(self):
        """Where a document of this format may name a permission or a vehicle.

        :return: paths below its root, and paths below the element of a line
        """
        return (), ()

    def _is_maintenance_bill(self, record):
        """Whether a vendor's bill or credit is read, and no order or invoice."""
        return record._name == "account.move" and record.move_type in BILL_TYPES

    def _read_maintenance_names(self, move, tree):
        """Keep what the document as a whole names."""
        if not self._is_maintenance_bill(move):
            return
        named = read_texts(tree, self._get_maintenance_paths()[0])
        if named or move.maintenance_named:
            move.maintenance_named = named

    def _retrieve_invoice_line_vals(self, tree, document_type=False, qty_factor=1):
        vals = super()._retrieve_invoice_line_vals(tree, document_type, qty_factor)
        if document_type in BILL_TYPES:
            paths = self._get_maintenance_paths()[1]
            if named := read_texts(tree, paths, vals.get("name")):
                vals["maintenance_named"] = named
        return vals

    def _retrieve_line_charges(self, record, line_values, taxes):
        """A charge on a line is for what the line is for."""
        charges = super()._retrieve_line_charges(record, line_values, taxes)
        if charges and self._is_maintenance_bill(record):
            named = [*line_values.get("maintenance_named", ()), line_values["name"]]
            for vals in charges:
                vals["maintenance_named"] = [text for text in named if text]
        return charges

    def _import_document_allowance_charges(self, tree, record, tax_type, qty_factor=1):
        lines, logs = super()._import_document_allowance_charges(
            tree, record, tax_type, qty_factor
        )
        return self._mark_maintenance_whole(record, lines), logs

    def _import_rounding_amount(
        self, invoice, tree, xpath, document_type=False, qty_factor=1
    ):
        lines, logs = super()._import_rounding_amount(
            invoice, tree, xpath, document_type, qty_factor
        )
        return self._mark_maintenance_whole(invoice, lines), logs

    def _mark_maintenance_whole(self, record, lines):
        """:param list lines: values of lines that are no part of the work"""
        if not self._is_maintenance_bill(record):
            return lines
        return [vals | {"maintenance_whole": True} for vals in lines]
