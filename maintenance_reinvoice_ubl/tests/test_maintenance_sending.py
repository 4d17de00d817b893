from odoo.tests import tagged

from odoo.addons.service_invoicing.tests.common_sending import SendingMixin

from .common import MaintenanceEinvoiceCommon


@tagged("post_install", "-at_install")
class TestMaintenanceSending(SendingMixin, MaintenanceEinvoiceCommon):
    """Three customers of one run, each with an electronic invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        second = cls._locate_customer("Second", "DE136695976", cls.contract_b)
        vehicle = cls._create_vehicle("CC-333")
        contract = cls._create_contract("C", vehicle, cls.analytic_a)
        contract.currency_id = cls.euro
        third = cls._locate_customer("Third", "DE129273398", contract)
        (cls.customer + second + third).invoice_edi_format = "ubl_bis3"
        cls.second, cls.third = second, third
        permissions = cls._close(cls.vehicle_a, 400.0)
        permissions += cls._close(cls.vehicle_b, 450.0)
        permissions += cls._close(vehicle, 500.0)
        cls.mass_run = cls._execute_run(permissions)
        cls.logs = cls.mass_run.log_ids.sorted("amount")
        cls.moves = cls.logs.move_id

    @classmethod
    def _locate_customer(cls, name, vat, contract):
        """A German customer of a contract."""
        partner = cls._create_partner(name)
        cls._locate(partner, vat, ref=name, email=f"{name.lower()}@c.example")
        contract.partner_id = partner
        return partner

    def _spoil(self):
        """The second has no country, which the format needs; the third no address."""
        self.second.country_id = False
        self.third.email = False

    def assertSent(self, *expected):
        """Whether each of the three is sent."""
        states = ["done" if one else "failed" for one in expected]
        self.assertEqual(self.logs.mapped("send_state"), states)
        self.assertEqual(self.moves.mapped("is_move_sent"), list(expected))
        self.assertEqual(
            (self.mass_run.sent_count, self.mass_run.send_failed_count),
            (sum(expected), len(expected) - sum(expected)),
        )

    def test_what_its_format_refuses_is_named_and_stops_nobody(self):
        self._spoil()
        message = self.mass_run.action_send()["params"]["message"]
        self.assertSent(True, False, False)
        self.assertEqual(self._count_mails(self.moves), [1, 0, 0])
        self.assertIn("country", self.logs[1].send_error)
        self.assertIn(self.moves[1].name, message)
        self.assertIn("Third has no e-mail address", message)
        self.assertTrue(self.moves[0].ubl_cii_xml_id)
        self.assertFalse(self.moves[1].ubl_cii_xml_id)

    def test_mended_only_those_go_that_failed(self):
        self._spoil()
        self.mass_run.action_send()
        self.second.country_id = self.germany
        self.third.email = "third@c.example"
        self.mass_run.action_send()
        self.assertSent(True, True, True)
        self.assertEqual(self._count_mails(self.moves), [1, 1, 1])
        # each with invoice, attachment and electronic document
        files = self.moves.service_mail_id.mapped("attachment_ids.mimetype")
        self.assertEqual(files.count("application/xml"), 3)

    def test_list_of_invoices_names_the_same(self):
        self._spoil()
        self._send_from_list(self.moves)
        self.assertEqual(self.moves.mapped("is_move_sent"), [True, False, False])
        self.assertIn("country", self._read_chatter(self.moves[1]))
        self.assertIn("no e-mail address", self._read_chatter(self.moves[2]))
        # the run does not send once more what went out from the list
        self.mass_run.action_send()
        self.assertEqual(self._count_mails(self.moves), [1, 0, 0])
