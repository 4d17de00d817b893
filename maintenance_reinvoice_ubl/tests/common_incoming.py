from .common import MaintenanceEinvoiceCommon
from .garage_bills import FORMATS, Bill


class IncomingCommon(MaintenanceEinvoiceCommon):
    """A German garage sends bills of two permissions, 400 and 200, to a lessor who
    accepts no difference."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._locate(cls.garage, "DE136695976")
        cls.company.maintenance_bill_tolerance = 0.0
        cls.big = cls._create_permission(
            cls.vehicle_a, [{"purchase_price": 400.0, "name": "Engine"}]
        )
        cls.small = cls._create_permission(
            cls.vehicle_b, [{"purchase_price": 200.0, "name": "Tyres"}]
        )
        cls.matching = cls.env["maintenance.bill.matching"]

    def _upload(self, kind, lines, env=None, **vals):
        """The bill that a garage's file becomes, uploaded on the dashboard."""
        env = env or self.env
        attachment = self._create_file(kind, lines, env, **vals)
        journal = self.company_data["default_journal_purchase"].with_env(env)
        bill = journal._create_document_from_attachment(attachment.ids)
        return bill.with_env(self.env)

    def _create_file(self, kind, lines, env=None, change=None, **vals):
        """:param change: function of the file's text, for what nobody should send"""
        names = {"seller": self.garage.name, "buyer": self.company.name}
        content = FORMATS[kind](Bill(lines, **{"names": names, **vals}))
        if change:
            content = change(content.decode()).encode()
        return (env or self.env)["ir.attachment"].create(
            {"name": "bill.xml", "raw": content, "mimetype": "application/xml"}
        )

    def _get_attached(self, bill):
        """``{net price of a bill line: its permission}``"""
        return {
            line.price_subtotal: line.maintenance_line_id.permission_id
            for line in bill.invoice_line_ids
        }

    def _get_said(self, bill):
        """What the chatter says."""
        return "\n".join(str(message.body) for message in bill.message_ids)

    def assertAttached(self, bill, *permissions):
        """The lines in the order of the file are for these permissions, ``None`` for
        those of no permission."""
        lines = bill.invoice_line_ids.filtered(lambda line: not line.maintenance_whole)
        found = [line.maintenance_line_id.permission_id for line in lines.sorted("id")]
        self.assertEqual([one or None for one in found], list(permissions))
