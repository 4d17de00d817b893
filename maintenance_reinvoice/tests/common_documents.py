import io
import re
from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools.pdf import PdfReader

from .common import MaintenanceCommon


class DocumentsCommon(MaintenanceCommon):
    """Two customers, each with a contract: 400 for the first, 450 for the second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No server answers while tests run: prints have their text without styles.
        params = cls.env["ir.config_parameter"].sudo()
        params.set_param("report.url", "http://127.0.0.1:9")
        cls.customer.email = "first@example.com"
        cls.second = cls._create_partner("Second", email="second@example.com")
        cls.contract_b.partner_id = cls.second
        cls.driver = cls._create_partner("Dana Driver")
        cls.permission_a = cls._create_closed(
            cls.vehicle_a,
            [{"purchase_price": 400.0, "name": "Brakes"}],
            driver_id=cls.driver.id,
        )
        cls.permission_b = cls._create_closed(
            cls.vehicle_b, [{"purchase_price": 450.0, "name": "Clutch"}]
        )
        cls.mass_run = cls._execute_run()
        cls.log_a, cls.log_b = cls.mass_run.log_ids.sorted("amount")
        cls.move_a, cls.move_b = cls.log_a.move_id, cls.log_b.move_id
        cls.attachments = cls.env["maintenance.attachment"]

    # -- helpers ----------------------------------------------------------------

    def _in_pdf(self, records):
        return records.with_context(force_report_rendering=True)

    def _get_files(self, moves):
        return self.attachments._ensure_files(moves)

    def _get_file(self, action):
        if action["type"] == "ir.actions.client":
            action = action["params"]["next"]
        attachment = re.search(r"/web/content/(\d+)", action["url"])
        return self.env["ir.attachment"].browse(int(attachment[1]))

    def _read(self, file):
        pages = PdfReader(io.BytesIO(file.raw)).pages
        return [" ".join(page.extract_text().split()) for page in pages]

    def _get_mail(self, move):
        """The message by which an invoice was sent."""
        messages = move.message_ids.filtered("attachment_ids")
        return messages.filtered(lambda m: m.message_type == "comment")

    def _fail(self, method, move, error):
        """Let a method of the attachments fail for one document."""
        model = self.env.registry["maintenance.attachment"]
        original = getattr(model, method)

        def failing(attachment, moves, *args):
            if move in moves:
                raise error
            return original(attachment, moves, *args)

        return patch.object(model, method, failing)

    def _create_user(self, groups):
        return new_test_user(
            self.env,
            f"documents.{groups.replace(',', '.')}",
            groups=groups,
            company_id=self.company.id,
        )

    def _deliver_in_background(self):
        """What the scheduler does."""
        with self.enter_registry_test_mode():
            cron = self.env.ref("maintenance_reinvoice.cron_deliver")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _no_time(self):
        """Leave everything to the scheduler."""
        model = self.env.registry["maintenance.reinvoice.log"]
        return patch.object(model, "_get_inline_seconds", lambda logs: -1)
