from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestClaimTaxes(ServiceInvoicingCommon):
    """The insurer pays net, the customer pays the tax on the insurer's share.

    Labour 1,000 for the customer, parts 2,000 for the insurer less a deductible of
    300; 11 % tax. Customer: 1,300 and 11 % of 3,000; insurer: 1,700 without tax.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoices = cls._bill(cls._new_taxed_order())

    @classmethod
    def _new_taxed_order(cls, **claim):
        order = cls._new_order((cls.labour, 1000, {}), (cls.part, 2000, {}))
        cls._new_claim(
            order,
            order.line_ids[1],
            **({"deductible": 300, "vat_payer": "customer"} | claim),
        )
        return order

    def test_customer_pays_the_tax_of_the_whole_and_the_insurer_his_net_share(self):
        service, insurance = self.invoices
        self.assertRecordValues(
            service | insurance,
            [
                {"amount_untaxed": 1300, "amount_tax": 330, "amount_total": 1630},
                {"amount_untaxed": 1700, "amount_tax": 0, "amount_total": 1700},
            ],
        )
        tax_line = service.line_ids.filtered("tax_line_id")
        self.assertEqual(abs(tax_line.tax_base_amount), 3000)
        self.assertFalse(insurance.line_ids.filtered("tax_line_id"))

    def test_another_grouping_of_the_deductible_is_a_field_more(self):
        """300 of 1,500 and 500: 225 and 75 where descriptions are kept apart."""
        order = self._new_order(
            (self.part, 1500, {"name": "Door"}), (self.part, 500, {"name": "Lamp"})
        )
        claim = self._new_claim(order, order.line_ids, deductible=300)
        door, lamp = order.line_ids
        self.assertEqual(claim._get_deductible_by_line(), {door: 300})
        names = [*claim._get_deductible_grouping_keys(), "name"]
        with patch.object(
            type(claim), "_get_deductible_grouping_keys", lambda _claim: names
        ):
            parts = claim._get_deductible_by_line()
        self.assertEqual(parts, {door: 225, lamp: 75})

    def test_the_tax_is_shown_as_a_pair_that_adds_up_to_zero(self):
        service, insurance = self.invoices
        pair = service.invoice_line_ids.filtered("service_tax_claim_id")
        self.assertEqual(pair.mapped("price_subtotal"), [1700, -1700])
        self.assertEqual(pair[0].tax_ids, self.tax_11)
        self.assertFalse(pair[1].tax_ids)
        self.assertIn("Insurer", pair[1].name)
        self.assertSummary(service, labour=1000, material=300, tax=330, total=1630)
        self.assertSummary(insurance, material=1700, tax=0, total=1700)

    def test_untaxed_shares_take_the_companys_tax_of_nothing(self):
        tax_0 = self._percent_tax(0)
        self.env.company.service_untaxed_tax_id = tax_0
        service, insurance = self._bill(self._new_taxed_order())
        self.assertEqual(
            insurance.invoice_line_ids.filtered("price_subtotal").tax_ids, tax_0
        )
        pair = service.invoice_line_ids.filtered("service_tax_claim_id")
        self.assertEqual(pair[1].tax_ids, tax_0)
        self.assertEqual(service.amount_total, 1630)

    def test_fiscal_position_of_the_customer_decides_on_the_tax(self):
        fiscal_position = self.env["account.fiscal.position"].create({"name": "Exempt"})
        self._percent_tax(
            0,
            fiscal_position_ids=[Command.set(fiscal_position.ids)],
            original_tax_ids=[Command.set(self.tax_11.ids)],
        )
        self.customer.property_account_position_id = fiscal_position
        service, insurance = self._bill(self._new_taxed_order())
        self.assertEqual(service.amount_total, 1300)
        self.assertEqual(insurance.amount_total, 1700)

    def test_customer_without_a_share_still_pays_the_tax(self):
        order = self._new_order((self.part, 2000, {}))
        self._new_claim(order, order.line_ids, vat_payer="customer")
        service, insurance = self._bill(order)
        self.assertEqual(service.amount_untaxed, 0)
        self.assertEqual(service.amount_total, 220)
        self.assertEqual(insurance.amount_total, 2000)

    def test_included_tax_leaves_the_same_net_on_both_invoices(self):
        tax_included = self._percent_tax(
            11, name="Included 11 %", price_include_override="tax_included"
        )
        line = {"tax_ids": [Command.set(tax_included.ids)]}
        # 2,220 gross is 2,000 net
        order = self._new_order((self.part, 2220, line))
        self._new_claim(order, order.line_ids, deductible=300, vat_payer="customer")
        service, insurance = self._bill(order)
        self.assertEqual(insurance.amount_total, 1700)
        self.assertEqual(service.amount_untaxed, 300)
        self.assertEqual(service.amount_tax, 220)

    def test_charges_and_discounts_do_not_count_the_insurers_share(self):
        order = self._new_taxed_order()
        code = self.env["service.tcd"].create(
            {
                "code": "REBATE",
                "name": "Rebate",
                "tcd_type": "discount",
                "basis": "percentage",
                "rate": 10,
                "account_id": self.company_data["default_account_revenue"].id,
            }
        )
        order.tcd_ids = [Command.create({"tcd_id": code.id})]
        service = self._bill(order)[0]
        # 10 % of 1,300; tax 330 less 11 % of 130
        self.assertSummary(service, discount=130, tax=315.70, total=1485.70)

    def test_what_the_insurer_withholds_stays_on_his_invoice(self):
        withholding = self._percent_tax(-2, service_withholding=True)
        line = {"tax_ids": [Command.set((self.tax_11 | withholding).ids)]}
        order = self._new_order((self.part, 1000, line))
        self._new_claim(order, order.line_ids, vat_payer="customer")
        service, insurance = self._bill(order)
        self.assertSummary(insurance, tax=0, withholding=20, total=1000)
        self.assertSummary(service, tax=110, withholding=0, total=110)

    def test_refused_net_share_is_moved_without_tax(self):
        insurance = self.invoices[1]
        self.invoices.with_user(self.authorizer).action_service_authorize()
        action = insurance.with_user(self.authorizer).action_service_move_share(
            invoice_type="service", partner_id=self.customer.id, reason="Refused"
        )
        new = self._get_documents(action)
        # the customer has paid the tax with the first invoice
        self.assertEqual(new.amount_total, 1700)
        self.assertEqual(insurance.service_status, "reversed")

    def test_tax_moved_to_the_customer_cannot_be_moved_away(self):
        service = self.invoices[0]
        service.with_user(self.authorizer).action_service_authorize()
        parts = self.env["service.payer.change"]._get_parts(service).values()
        self.assertEqual(sorted(part.amount for part in parts), [300, 1000])
