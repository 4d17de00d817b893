from pathlib import Path

from odoo import Command
from odoo.modules.module import load_script
from odoo.tests import new_test_user, tagged

from .common_adjust import AdjustCommon

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.1.0" / "post-migration.py"
OLD_DOMAIN = "[('company_id', 'in', company_ids)]"


@tagged("post_install", "-at_install")
class TestMigration(AdjustCommon):
    """A database of version 19.0.1.0.0 is brought to what this version means."""

    def _migrate(self):
        self.env.flush_all()
        script = load_script(str(SCRIPT), "service_invoicing_post_migration")
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def _get_rule(self, name):
        return self.env.ref(f"service_invoicing.{name}_rule_company")

    def test_programs_and_codes_serve_branches_again(self):
        rules = self.env["ir.rule"].union(
            *map(self._get_rule, ("service_program", "service_tcd_variant"))
        )
        own = self._get_rule("service_tcd")
        rules.domain_force = OLD_DOMAIN
        own.domain_force = "[('company_id', '!=', False)]"
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        user = new_test_user(
            self.env,
            "service_migrated",
            groups="service_invoicing.group_service_manager",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        program = self.program.with_user(user)
        self.assertFalse(program.has_access("read"))
        self._migrate()
        self.assertTrue(program.has_access("read"))
        self.assertEqual(
            set(rules.mapped("domain_force")),
            {"[('company_id', 'parent_of', company_ids)]"},
        )
        # what somebody has set up is his
        self.assertEqual(own.domain_force, "[('company_id', '!=', False)]")

    def test_the_log_tells_what_was_pending_before(self):
        """300 were pending before 111 of them were taken, then 189."""
        one, other = self._new_invoice(False, 100), self._new_invoice()
        line = self._new_entry(300)
        one.js_assign_outstanding_line(line.id)
        other.js_assign_outstanding_line(line.id)
        rows = (one | other).service_adjustment_ids
        other.service_adjustment_ids.action_undo(reason="Undone")
        self._set_pending(one.service_adjustment_ids, 189)
        self._set_pending(other.service_adjustment_ids, 0)
        self._migrate()
        self.assertEqual(rows.mapped("pending"), [300, 189])

    def test_the_log_tells_what_was_pending_in_the_currency_of_the_document(self):
        """An invoice of 222.00 in euros, two for a dollar, takes 111.00 of $ 300."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        invoices = [
            self._new_invoice(False, 200, currency_id=euro.id) for __ in range(2)
        ]
        line = self._new_entry(300)
        for invoice in invoices:
            invoice.js_assign_outstanding_line(line.id)
        live, undone = (invoice.service_adjustment_ids for invoice in invoices)
        self.assertRecordValues(
            live | undone,
            [
                {"amount": 222, "already_adjusted": 0, "pending": 300},
                {"amount": 222, "already_adjusted": 111, "pending": 189},
            ],
        )
        undone.action_undo(reason="Undone")
        self._set_pending(live, 189)
        self._set_pending(undone, 78)
        self._migrate()
        self.assertEqual((live | undone).mapped("pending"), [300, 189])

    def _set_pending(self, row, amount):
        """What the row had before: left after it."""
        row.sudo().pending = amount
