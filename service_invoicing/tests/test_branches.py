from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestBranches(ServiceInvoicingCommon):
    """Programs and T/C/D codes of a company serve its branches, as its taxes and
    accounts do; not the other way round, and no other company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.env.company
        companies = cls.env["res.company"]
        cls.branch, cls.sister = companies.create(
            [{"name": name, "parent_id": cls.parent.id} for name in ("Branch", "Other")]
        )
        cls.env.cr.precommit.run()
        cls.tax_5 = cls._percent_tax(5)
        account = cls.company_data["default_account_revenue"]
        cls.levy, cls.freight = cls.env["service.tcd"].create(
            [
                {
                    "code": "LEVY",
                    "name": "Levy",
                    "tcd_type": "tax",
                    "tax_ids": [Command.set(cls.tax_5.ids)],
                    "auto_apply": True,
                },
                {
                    "code": "FREIGHT",
                    "name": "Freight",
                    "tcd_type": "charge",
                    "account_id": account.id,
                    "rate": 10,
                    "tax_ids": [Command.set(cls.tax_11.ids)],
                    "variant_ids": [Command.create({"code": "A", "rate": 100})],
                },
            ]
        )
        cls.user = new_test_user(
            cls.env,
            "service_branch",
            context={"no_reset_password": True},
            groups="service_invoicing.group_service_manager",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )
        cls.env_branch = cls.env(
            user=cls.user,
            context=dict(cls.env.context, allowed_company_ids=cls.branch.ids),
        )

    def _new_branch_order(self, **vals):
        order = self.env_branch["service.work.order"].create(
            {
                "partner_id": self.customer.id,
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "price_unit": 1000})
                ],
                **vals,
            }
        )
        self.assertEqual(order.company_id, self.branch)
        return order

    def test_branch_bills_with_programs_and_codes_of_its_parent(self):
        self.program.auto_propose = True
        order = self._new_branch_order()
        # the levy has come by itself, the program was proposed
        self.assertEqual(order.tcd_ids.tcd_id, self.levy)
        self.assertEqual(order.line_ids.program_id, self.program)
        codes = self.env_branch["service.tcd"].search([])
        self.assertLessEqual(self.levy | self.freight, codes)
        self.assertIn(self.program, self.env_branch["service.program"].search([]))
        order.tcd_ids = [Command.create({"tcd_id": self.freight.id})]
        self.assertEqual(order.tcd_ids.variant_id.code, "A")
        order.action_submit_check()
        order.action_confirm_check()
        while order.next_invoice_type:
            order.action_create_next_invoice()
        service, program = order.invoice_ids.sorted("id")
        service.action_service_save()
        # half of the labour 500 and freight 100, with 11 % and 5 %
        self.assertEqual((service.amount_untaxed, service.amount_tax), (600, 96))
        # the sponsor's half has no rows: 500 + 55
        self.assertEqual((program.amount_untaxed, program.amount_tax), (500, 55))
        (service | program).action_service_authorize()
        self.assertEqual((service | program).company_id, self.branch)

    def test_own_code_takes_the_place_of_the_parents(self):
        own = self.levy.with_user(self.env.user).copy(
            {"code": "LEVY", "company_id": self.branch.id, "auto_apply": True}
        )
        self.assertEqual(self._new_branch_order().tcd_ids.tcd_id, own)
        own.auto_apply = False
        self.assertFalse(self._new_branch_order().tcd_ids)
        codes = self.env["service.tcd"]._get_auto_codes(
            self.branch | self.sister | self.parent
        )
        self.assertFalse(codes[self.branch])
        self.assertEqual(codes[self.sister], self.levy)
        self.assertEqual(codes[self.parent], self.levy)

    def test_parent_and_sister_do_not_use_what_is_the_branchs(self):
        program = self.program.copy(
            {"name": "Own", "company_id": self.branch.id, "auto_propose": True}
        )
        own = self.freight.copy({"code": "OWN", "company_id": self.branch.id})
        for company in (self.parent, self.sister):
            order = self.env["service.work.order"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": company.id,
                    "line_ids": [
                        Command.create(
                            {"product_id": self.labour.id, "price_unit": 1000}
                        )
                    ],
                }
            )
            self.assertFalse(order.line_ids.program_id)
            with self.assertRaisesRegex(UserError, "company inconsistencies"):
                order.line_ids.program_id = program
                order.line_ids.flush_recordset()
            with self.assertRaisesRegex(UserError, "company inconsistencies"):
                order.tcd_ids = [Command.create({"tcd_id": own.id})]

    def test_branch_does_not_see_what_is_its_sisters(self):
        own = self.freight.copy({"code": "OWN", "company_id": self.sister.id})
        program = self.program.copy({"name": "Own", "company_id": self.sister.id})
        for record in (own, own.variant_ids, program):
            with self.assertRaises(AccessError):
                record.with_env(self.env_branch).read(["display_name"])
