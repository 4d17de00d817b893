from pathlib import Path

from odoo.modules.module import load_script
from odoo.tests import tagged

from ..common_shares import MovedSharesCommon

SCRIPT = Path(__file__).parents[2] / "migrations" / "19.0.1.3.0" / "post-migration.py"
FORMER_TABLES = """
    ALTER TABLE service_release ADD COLUMN transfer_id integer;
    CREATE TABLE service_share_transfer (
        id serial PRIMARY KEY, work_order_id integer, source_invoice_type varchar,
        source_partner_id integer, source_transfer_id integer, invoice_type varchar,
        partner_id integer, credit_move_id integer, effect varchar, reason varchar,
        state varchar
    );
    CREATE TABLE service_share_transfer_line (
        id serial PRIMARY KEY, transfer_id integer, order_line_id integer,
        move_line_id integer, tcd_id integer, name varchar, cost_category varchar,
        account_id integer, amount numeric, pieces float, deductible boolean
    );
    CREATE TABLE account_tax_service_share_transfer_line_rel (
        service_share_transfer_line_id integer, account_tax_id integer
    );
"""
# what releases did not say before
FORGET = """
    UPDATE service_release_line
       SET share_type = NULL, share_amount = NULL, account_id = NULL, is_whole = NULL,
           is_deductible = NULL, origin_line_id = NULL, pieces = NULL;
    UPDATE service_release SET is_moved = NULL, has_tcd = NULL, reason = NULL;
    UPDATE account_move_line SET service_release_line_id = NULL;
"""


@tagged("post_install", "-at_install")
class TestShareMigration(MovedSharesCommon):
    """A database in which moved and credited shares were records of their own is
    brought to releases that say so: every order has the same shares, and the same is
    left to bill."""

    def _forget_shares(self):
        """As the version before kept it: releases came with invoices, moved and
        credited parts were transfers."""
        self.env.flush_all()
        releases = self.env["service.release"].search([("work_order_id", "!=", False)])
        kept = [self._read_transfer(release) for release in releases]
        unbilled = releases.filtered(lambda r: r.state in ("fresh", "confirmed"))
        unmoved = unbilled.filtered(lambda release: not release.is_supplement)
        self.env.cr.execute(FORMER_TABLES)
        for release, (vals, lines) in zip(releases, kept, strict=True):
            if release.is_supplement:
                self._insert_transfer(release, vals, lines)
        self.env.cr.execute(
            "DELETE FROM service_release WHERE id = ANY(%s)", (unmoved.ids,)
        )
        self.env.cr.execute(FORGET)
        self.env.invalidate_all()

    def _read_transfer(self, release):
        source = release.origin_id
        vals = {
            "work_order_id": release.work_order_id.id,
            "source_invoice_type": source.invoice_type,
            "source_partner_id": source.partner_id.id,
            "invoice_type": release.invoice_type,
            "partner_id": release.partner_id.id,
            "credit_move_id": release.credit_move_id.id or None,
            "effect": "moved" if release.is_moved else "free",
            "reason": release.reason,
            "state": "moved",
        }
        items = source.move_id.invoice_line_ids.grouped("service_release_line_id")
        lines = [
            {
                "order_line_id": line.order_line_id.id,
                "move_line_id": items[line.origin_line_id].id,
                "name": line.name,
                "cost_category": line.cost_category,
                "account_id": line.account_id.id,
                "amount": line.price_subtotal,
                "pieces": line.pieces,
                "deductible": line.is_deductible,
            }
            for line in release.line_ids
            if line.origin_line_id in items
        ]
        return vals, lines

    def _insert_transfer(self, release, vals, lines):
        transfer_id = self._insert("service_share_transfer", vals)
        for line in lines:
            vals = line | {"transfer_id": transfer_id}
            self._insert("service_share_transfer_line", vals)
        self.env.cr.execute(
            "UPDATE service_release SET transfer_id = %s WHERE id = %s",
            (transfer_id, release.id),
        )

    def _insert(self, table, vals):
        names = ", ".join(vals)
        marks = ", ".join(["%s"] * len(vals))
        self.env.cr.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id",
            list(vals.values()),
        )
        return self.env.cr.fetchone()[0]

    def _migrate(self):
        self._forget_shares()
        script = load_script(str(SCRIPT), "service_invoicing_share_migration")
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()

    def _new_billed(self):
        order = self._new_order(
            (self.labour, 1000, {"program_id": self.program.id}),
            (self.part, 2000, {}),
        )
        self._new_claim(order, order.line_ids[1], deductible=300)
        moves = self._bill(order)
        moves.with_user(self.authorizer).action_service_authorize()
        return order, moves

    def _credit(self, move, **answers):
        move.with_user(self.authorizer).action_service_credit(reason="Wrong", **answers)

    def _find_line(self, move, amount):
        return move.invoice_line_ids.filtered(lambda ml: ml.price_subtotal == amount)

    def test_readings_of_orders_come_into_the_history_of_the_vehicle(self):
        vehicle = self._new_vehicle()
        order, cancelled = (
            self._new_order((self.part, 5, {}), vehicle_id=vehicle.id, odometer=reading)
            for reading in (5000, 6000)
        )
        cancelled.action_cancel(reason="Mistake")
        order.odometer_id.sudo().unlink()
        load_script(str(SCRIPT), "share_migration").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(order.odometer_id.value, 5000)
        self.assertFalse(cancelled.odometer_id)

    def test_every_order_has_its_shares_and_the_same_left_to_bill(self):
        """Customer 800, sponsor 500, insurer 1,700 of each order but the last."""
        part = self._find_line(self.insured, 2000)
        self._move(self.insured, amounts=[[part.id, 500]])
        waiting, moves = self._new_billed()
        again = self._move(moves[2])
        again.with_user(self.clerk).action_service_delete(reason="Later")
        closed, moves = self._new_billed()
        self._credit(moves[0], free=False)
        free, moves = self._new_billed()
        line = self._find_line(moves[0], 500)
        self._credit(moves[0], line_ids=[[line.id, 200]], free=True)
        checked = self._new_order((self.part, 40, {}))
        checked.action_confirm_check()
        orders = self.order | waiting | closed | free | checked
        expected = [
            # 500 of 1,700 moved to the customer
            (1300, 500, 1200, 0, "invoiced"),
            # all of it, and not billed
            (2500, 500, 0, 1700, "to_invoice"),
            (800, 500, 1700, 0, "invoiced"),
            (800, 500, 1700, 200, "to_invoice"),
            (40, 0, 0, 40, "to_invoice"),
        ]
        names = ("amount_customer", "amount_program", "amount_insurance")
        names += ("amount_to_invoice", "state")
        values = [dict(zip(names, row, strict=True)) for row in expected]
        self.assertRecordValues(orders, values)
        self._migrate()
        self.assertRecordValues(orders, values)
        for order in orders:
            self.assertEqual(
                dict(order._get_released_amounts()),
                {key: net for key, net in order._get_agreed_amounts().items() if net},
            )
        self.assertEqual(self._bill(waiting)[-1].amount_untaxed, 1700)
        self.assertEqual(self._bill(free)[-1].amount_untaxed, 200)
        self.assertEqual(self._bill(checked).amount_untaxed, 40)
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})

    def test_what_was_credited_as_a_whole_and_released_is_billed_once(self):
        self._credit(self.service, free=True)
        copy = self.order._get_unbilled_releases()
        self.assertEqual(copy.amount_untaxed, 800)
        # the copy was no transfer: it stays, with its number
        copy.sudo().is_supplement = True
        self._migrate()
        self.assertEqual(self.order.amount_to_invoice, 800)
        self.assertEqual(self._bill(self.order)[-1].amount_untaxed, 800)
        self.assertEqual(self.order.state, "invoiced")

    def test_estimates_are_those_before_what_is_withheld(self):
        """100 and 11 % are 111; 2 were taken off."""
        withheld = self._percent_tax(-2, service_withholding=True)
        order = self._new_order(
            (self.part, 100, {"tax_ids": (self.tax_11 | withheld).ids})
        )
        self.env.cr.execute(
            "UPDATE service_work_order SET amount_tax = 9, amount_total = 109 "
            "WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        script = load_script(str(SCRIPT), "service_invoicing_share_migration")
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertRecordValues(order, [{"amount_tax": 11, "amount_total": 111}])

    def test_a_database_without_former_shares_is_left_alone(self):
        before = self.order.release_ids.line_ids.mapped("share_amount")
        script = load_script(str(SCRIPT), "service_invoicing_share_migration")
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        after = self.order.release_ids.line_ids.mapped("share_amount")
        self.assertEqual(after, before)
