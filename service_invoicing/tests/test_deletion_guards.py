import re

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_agreements import AgreementCommon

# settings and proposals: nothing that waits to be billed goes without them
LOSABLE = {
    "res.company.service_prepayment_account_id",
}


@tagged("post_install", "-at_install")
class TestDeletionGuards(AgreementCommon):
    """What documents need is archived, not deleted: deleted, the product's account
    would become the default one, and a tax would become none, without a word."""

    def assertKept(self, record, *documents):
        regex = "(?s)" + ".*".join(
            re.escape(f"{document.display_name} needs it") for document in documents
        )
        with self.assertRaisesRegex(UserError, regex), self.env.cr.savepoint():
            record.sudo().unlink()
        self.assertTrue(record.exists())

    def test_fields_that_money_depends_on_are_guarded(self):
        losable = self._find_losable_fields("service_invoicing")
        self.assertEqual(losable, LOSABLE)

    def test_product_of_a_document_is_kept(self):
        part, labour = self.part, self.labour
        order = self._new_order((part, 1000, {}))
        self.assertKept(part, order)
        self.assertKept(part.product_tmpl_id, order)
        agreement = self._new_agreement(self._fixed(100, product_id=labour.id))
        self.assertKept(labour, agreement)
        part.active = False
        self.assertKept(part, order)
        self.assertKept(part.product_tmpl_id, order)

    def test_product_of_a_release_is_kept(self):
        agreement = self._new_agreement(self._fixed(100, product_id=self.labour.id))
        release = self._release(agreement, "2026-01-01").release_id
        self.assertKept(self.labour, agreement, release)

    def test_product_and_models_of_a_job_are_kept(self):
        model = self._new_vehicle("Only here").model_id
        job = self.env["service.job"].create(
            {
                "name": "Brakes",
                "vehicle_model_ids": model.ids,
                "line_ids": [Command.create({"product_id": self.labour.id})],
            }
        )
        self.assertKept(self.labour, job)
        self.assertKept(model, job)

    def test_tax_of_a_document_is_kept(self):
        levy, freight, untaxed = (
            self._percent_tax(rate, name=f"Tax {rate}") for rate in (1, 2, 0)
        )
        order = self._new_order((self.part, 1000, {"tax_ids": [Command.set(levy.ids)]}))
        self.assertKept(levy, order)
        levy.active = False
        self.assertKept(levy, order)
        agreement = self._new_agreement(
            self._fixed(100, tax_ids=[Command.set(freight.ids)])
        )
        release = self._release(agreement, "2026-01-01").release_id
        self.assertKept(freight, agreement, release)
        self.env.company.service_untaxed_tax_id = untaxed
        self.assertKept(untaxed, self.env.company)

    def test_tax_and_account_of_a_code_are_kept(self):
        first, second = (self._percent_tax(rate, name=f"Tax {rate}") for rate in (1, 2))
        account = self.company_data["default_account_revenue"].copy()
        code = self.env["service.tcd"].create(
            {
                "code": "FREIGHT",
                "name": "Freight",
                "tcd_type": "charge",
                "account_id": account.id,
                "tax_ids": [Command.set(first.ids)],
                "variant_ids": [
                    Command.create({"code": "A", "tax_ids": [Command.set(second.ids)]})
                ],
            }
        )
        for record in (first, second, account):
            self.assertKept(record, code)

    def test_terms_of_a_document_are_kept(self):
        terms = self.env["account.payment.term"]
        for make in (
            lambda term: self._new_order((self.part, 10, {}), payment_term_id=term.id),
            lambda term: self._new_agreement(self._fixed(1), payment_term_id=term.id),
            lambda term: self.program.write({"payment_term_id": term.id})
            and self.program,
        ):
            term = terms.create({"name": "Own terms"})
            self.assertKept(term, make(term))

    def test_vehicle_and_models_of_a_document_are_kept(self):
        vehicle = self._new_vehicle("Other")
        order = self._new_order((self.part, 10, {}), vehicle_id=vehicle.id)
        self.assertKept(vehicle, order)
        self.assertKept(self.vehicle, self._new_agreement(self._fixed(1)))
        model = self._new_vehicle("Third").model_id
        self.program.vehicle_model_ids = model
        self.program.product_ids = self.external
        self.assertKept(model, self.program)
        self.assertKept(self.external, self.program)

    def test_what_nothing_needs_is_deleted(self):
        vehicle = self._new_vehicle("Other")
        records = (
            self._percent_tax(3),
            vehicle,
            self._new_product("Free", "service", False),
            self.env["account.payment.term"].create({"name": "Free"}),
        )
        for record in records:
            record.sudo().unlink()
            self.assertFalse(record.exists())

    def test_all_that_cannot_be_deleted_is_named_at_once(self):
        order = self._new_order((self.part, 10, {}), (self.labour, 10, {}))
        with self.assertRaises(UserError) as caught:
            (self.part | self.labour | self.external).unlink()
        for product in (self.part, self.labour):
            self.assertIn(
                f"“{product.display_name}” cannot be deleted: Service Work Order "
                f"{order.name} needs it. Archive it instead.",
                str(caught.exception),
            )
        self.assertNotIn(self.external.name, str(caught.exception))
