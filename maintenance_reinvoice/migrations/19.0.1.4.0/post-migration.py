from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Runs that ended note what their check reports come to."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    ended = env["maintenance.reinvoice.run"].search(
        [("state", "in", ("done", "done_with_errors"))]
    )
    for run, rows in ended._get_report_totals().items():
        run.report_totals = rows
