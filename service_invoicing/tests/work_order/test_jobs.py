from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install", "service_alone")
class TestJobs(ServiceInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.labour.list_price, cls.part.list_price = 80, 25
        cls.job = cls.env["service.job"].create(
            {
                "name": "Brakes, front",
                "line_ids": [
                    Command.create({"product_id": cls.labour.id, "quantity": 1.5}),
                    Command.create(
                        {"product_id": cls.part.id, "quantity": 2, "name": "Discs"}
                    ),
                ],
            }
        )

    def assertJobIsBehind(self, lines):
        """A part was there; 1.5 × 80 and 2 × 25 by the price list."""
        self.assertRecordValues(
            lines.sorted("sequence"),
            [
                {"name": "Oil", "price_subtotal": 10, "cost_category": "material"},
                {"name": "Labour", "price_subtotal": 120, "cost_category": "labour"},
                {"name": "Discs", "price_subtotal": 50, "cost_category": "material"},
            ],
        )
        self.assertEqual(lines.tax_ids, self.tax_11)

    def test_a_job_chosen_in_the_form_adds_its_lines(self):
        with Form(self.env["service.work.order"].with_user(self.advisor)) as form:
            form.partner_id = self.customer
            with form.line_ids.new() as line:
                line.product_id = self.part
                line.name = "Oil"
                line.price_unit = 10
            form.job_id = self.job
            self.assertFalse(form.job_id, "another may be chosen")
        self.assertJobIsBehind(form.record.line_ids)

    def test_a_job_is_added_by_its_id(self):
        order = self._new_order((self.part, 10, {"name": "Oil"}))
        order.with_user(self.advisor).action_add_job(self.job.id)
        self.assertJobIsBehind(order.line_ids)
        order.action_confirm_check()
        with self.assertRaisesRegex(UserError, order.name):
            order.action_add_job(self.job.id)
        self.assertEqual(len(order.line_ids), 3)

    def test_jobs_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.job.create({"name": "Foreign", "company_id": other.id})
        order = self._new_order((self.part, 10, {}))
        with self.assertRaises(AccessError):
            order.with_user(self.advisor).action_add_job(foreign.id)
        self.env.user.company_ids += other
        both = order.with_context(allowed_company_ids=[order.company_id.id, other.id])
        with self.assertRaisesRegex(UserError, "Foreign"):
            both.action_add_job(foreign.id)

    def test_advisors_use_jobs_and_managers_keep_them(self):
        with self.assertRaises(AccessError):
            self.job.with_user(self.advisor).name = "Mine"
        self.job.with_user(self.manager).name = "Brakes"
        copy = self.job.copy()
        self.assertEqual(copy.line_ids.product_id, self.job.line_ids.product_id)

    def test_a_job_speaks_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        line = self.job.line_ids.filtered("name")
        line.with_context(lang="fr_FR").name = "Disques"
        self.customer.lang = "fr_FR"
        order = self._new_order((self.part, 10, {}))
        order.action_add_job(self.job.id)
        self.assertIn("Disques", order.line_ids.mapped("name"))
