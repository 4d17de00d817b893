from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon

FEW, MANY = 5, 45


@tagged("post_install", "-at_install")
class TestLargeDocuments(ServiceInvoicingCommon):
    """Many lines cost what core's own invoice of as many costs."""

    def _count(self, work):
        """Queries of ``work`` from an empty cache to written rows."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _compare(self, work, prepare=None):
        """How many queries more ``work`` asks for many lines than for few.

        :param work: function of an order
        :param prepare: function of the order, what is done before and not counted
        """
        counts = []
        # the first one also finds what is asked for once
        for lines in (FEW, FEW, MANY):
            order = self._new_order(
                *((self.labour, 10.0 + number, {}) for number in range(lines))
            )
            order.action_confirm_check()
            if prepare:
                prepare(order)
            counts.append(self._count(lambda order=order: work(order)))
        return counts[-1] - counts[-2]

    def _create_plain(self, order):
        """Core's own invoice of as many lines."""
        lines = [{"product_id": line.product_id.id} for line in order.line_ids]
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": order.partner_id.id,
                "invoice_line_ids": [Command.create(line) for line in lines],
            }
        )

    def _create_next(self, order):
        order.with_user(self.clerk).action_create_next_invoice()

    def test_next_invoice_asks_for_a_line_what_core_asks(self):
        self.assertLessEqual(
            self._compare(self._create_next), self._compare(self._create_plain)
        )

    def test_change_save_and_authorization_ask_nothing_for_a_line(self):
        def change(order):
            order.invoice_ids.with_user(self.clerk).invoice_line_ids[0].price_unit = 99

        def save(order):
            order.invoice_ids.with_user(self.clerk).action_service_save()

        def authorize(order):
            order.invoice_ids.with_user(self.authorizer).action_service_authorize()

        for work in (change, save, authorize):
            with self.subTest(work.__name__):
                more = self._compare(work, self._create_next)
                # a few come and go with what others have cached; none for each line
                self.assertLess(more, (MANY - FEW) / 4)
