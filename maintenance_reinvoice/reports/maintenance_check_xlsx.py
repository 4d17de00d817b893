import xlsxwriter

from odoo import api, models


class MaintenanceCheckXlsx(models.AbstractModel):
    """The check report of a run as a workbook: all lines, and a sum per reason."""

    _name = "report.maintenance_reinvoice.check_xlsx"
    _description = "Mass Re-invoicing Check Report (Excel)"

    @api.model
    def _write_workbook(self, run, stream):
        """Write the workbook of ``run`` to the binary ``stream``."""
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            styles = self._get_styles(book)
            self._write_lines(book.add_worksheet(self.env._("Lines")), run, styles)
            sheet = book.add_worksheet(self.env._("Summary"))
            self._write_summary(sheet, run, styles)

    @api.model
    def _get_styles(self, book):
        return {
            "head": book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format(),
        }

    @api.model
    def _get_columns(self):
        """Title, width, style and value of each column of the sheet of lines."""
        yes, no = self.env._("Yes"), self.env._("No")
        return [
            (self.env._("Taken"), 8, "text", lambda r: yes if r.taken else no),
            (self.env._("Why Not"), 40, "text", lambda r: r.reason_text),
            (
                self.env._("Customer"),
                28,
                "text",
                lambda r: r.partner_id.display_name,
            ),
            (self.env._("Contract"), 16, "text", lambda r: r.contract_id.name),
            (self.env._("Permission"), 16, "text", lambda r: r.permission_id.name),
            (self.env._("Date"), 12, "date", lambda r: r.permission_date),
            (
                self.env._("Plate"),
                14,
                "text",
                lambda r: r.vehicle_id.license_plate or r.vehicle_id.name,
            ),
            (self.env._("Garage"), 24, "text", lambda r: r.vendor_id.name),
            (self.env._("Description"), 40, "text", lambda r: r.name),
            (self.env._("Amount"), 14, "amount", lambda r: r.amount),
            (self.env._("Currency"), 10, "text", lambda r: r.currency_id.name),
            (self.env._("Invoice"), 20, "text", lambda r: r.invoice_id.name),
        ]

    @api.model
    def _write_lines(self, sheet, run, styles):
        columns = self._get_columns()
        for number, (title, width, _style, _value) in enumerate(columns):
            sheet.set_column(number, number, width)
            sheet.write(0, number, title, styles["head"])
        for number, row in enumerate(run.line_ids, start=1):
            self._write_line(sheet, number, row, columns, styles)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(run.line_ids), 1), len(columns) - 1)

    @api.model
    def _write_line(self, sheet, number, row, columns, styles):
        for column, (_title, _width, style, get_value) in enumerate(columns):
            value = get_value(row)
            if style == "amount":
                sheet.write_number(number, column, value, styles[style])
            elif style == "date" and value:
                sheet.write_datetime(number, column, value, styles[style])
            else:
                # never a formula, whatever a garage writes into a description
                sheet.write_string(number, column, value or "", styles[style])

    @api.model
    def _write_summary(self, sheet, run, styles):
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 3, 14)
        heads = [
            self.env._("Result"),
            self.env._("Lines"),
            self.env._("Amount"),
            self.env._("Currency"),
        ]
        sheet.write_row(0, 0, heads, styles["head"])
        labels = dict(run.line_ids._fields["reason"]._description_selection(self.env))
        groups = run.line_ids.grouped(lambda r: (r.reason, r.currency_id))
        for number, ((reason, currency), rows) in enumerate(groups.items(), start=1):
            sheet.write_string(number, 0, labels.get(reason, self.env._("Taken")))
            sheet.write_number(number, 1, len(rows))
            total = currency.round(sum(rows.mapped("amount")))
            sheet.write_number(number, 2, total, styles["amount"])
            sheet.write_string(number, 3, currency.name)
