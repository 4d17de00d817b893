from odoo import SUPERUSER_ID, api

# Programs and T/C/D codes of a parent company serve its branches
BRANCH_RULES = (
    "service_program_rule_company",
    "service_tcd_rule_company",
    "service_tcd_variant_rule_company",
)
OLD_DOMAIN = "[('company_id', 'in', company_ids)]"
NEW_DOMAIN = "[('company_id', 'parent_of', company_ids)]"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    open_rules_to_branches(env)
    turn_pending_back(env)


def open_rules_to_branches(env):
    """Rules are not updated by data files; what somebody changed stays as it is."""
    for name in BRANCH_RULES:
        rule = env.ref(f"service_invoicing.{name}", raise_if_not_found=False)
        if rule and rule.domain_force == OLD_DOMAIN:
            rule.domain_force = NEW_DOMAIN


def turn_pending_back(env):
    """Rows of the adjustment log told what was left after them of the document that
    paid; now they tell what was pending before. Between both lies what they took."""
    env.cr.execute(
        """
        UPDATE service_invoice_adjustment
           SET pending = COALESCE(pending, 0) + COALESCE(amount, 0)
         WHERE source_currency_id IS NULL OR source_currency_id = currency_id
        """
    )
    env.cr.execute(
        """
        UPDATE service_invoice_adjustment log
           SET pending = COALESCE(log.pending, 0) + partial.credit_amount_currency
          FROM account_partial_reconcile partial
         WHERE partial.id = log.partial_id
           AND log.source_currency_id != log.currency_id
        """
    )
    env["service.invoice.adjustment"].invalidate_model(["pending"])
    turn_undone_back(env)


def turn_undone_back(env):
    """Undone in another currency: the matching that knew what was taken is gone."""
    rows = env["service.invoice.adjustment"].search([("partial_id", "=", False)])
    for row in rows.filtered(lambda row: row.source_currency_id):
        if row.source_currency_id != row.currency_id:
            row.pending += row.currency_id._convert(
                row.amount, row.source_currency_id, row.company_id, row.date
            )
