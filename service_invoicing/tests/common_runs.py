from unittest.mock import patch

from .common_agreements import AgreementCommon

RUN = "odoo.addons.service_invoicing.models.billing_run.service_billing_run"


class BillingRunCommon(AgreementCommon):
    """More than two documents are many, or as many as a class says."""

    inline_documents = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("service_invoicing.cron_continue_billing_runs").sudo()

    def setUp(self):
        super().setUp()
        self.runs = self.env.registry["service.billing.run"]
        # nothing of a test can be committed, but there is nobody else to see it
        moves = self.env.registry["account.move"]
        self.startPatcher(patch.object(moves, "_can_commit", lambda *args: True))
        self.startPatcher(patch.object(self.runs, "_commit_batch", lambda run: None))
        self.startPatcher(patch(f"{RUN}.INLINE_DOCUMENTS", self.inline_documents))

    def _continue(self):
        """What the scheduler does."""
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    @classmethod
    def _new_checked_orders(cls, *prices, **vals):
        """An order of the customer for each price."""
        orders = cls.env["service.work.order"]
        for price in prices:
            orders += cls._new_order((cls.part, price, {}), **vals)
        orders.action_confirm_check()
        return orders

    def _begin(self, documents, method="action_create_invoices", user=None):
        """Press the button; the run that it opens."""
        action = getattr(documents.with_user(user or self.clerk), method)()
        return self._get_run(action)

    def _get_run(self, action):
        self.assertEqual(action["res_model"], "service.billing.run")
        return self.env["service.billing.run"].browse(action["res_id"])

    def _get_item(self, run, document):
        return run.item_ids.filtered(lambda item: document in item._get_documents())
