import base64
import io
import zipfile
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from ..common_documents import DocumentsCommon

REPORT = "maintenance_reinvoice.report_attachment"


@tagged("post_install", "-at_install")
class TestDocuments(DocumentsCommon):
    """Documents of a run are made once, kept, and handed out as they were kept."""

    # -- the attachment is made once --------------------------------------------

    def test_attachment_is_made_once_and_kept(self):
        first = self._get_files(self.move_a)
        number = self.move_a.name.replace("/", "_")
        self.assertEqual(first.name, f"Attachment_{number}.pdf")
        content = first.raw
        self.assertIn(b"Brakes", content)
        self.driver.name = "Somebody Else"
        again = self._get_files(self.move_a)
        self.assertEqual(again, first)
        self.assertEqual(again.raw, content)

    def test_attachments_keep_the_order_of_the_invoices(self):
        moves = self.move_b + self.move_a
        files = self._get_files(moves)
        self.assertEqual(files.mapped("res_id"), moves.ids)

    def test_print_menu_hands_out_the_stored_attachment(self):
        report = self._in_pdf(self.env["ir.actions.report"])
        first, _kind = report._render_qweb_pdf(REPORT, self.move_a.ids)
        stored = self.move_a.maintenance_attachment_id
        self.assertEqual(stored.raw, first)
        self.driver.name = "Somebody Else"
        again, _kind = report._render_qweb_pdf(REPORT, self.move_a.ids)
        self.assertEqual(again, first)
        self.assertEqual(self.move_a.maintenance_attachment_id, stored)

    def test_print_menu_stores_each_of_several(self):
        report = self._in_pdf(self.env["ir.actions.report"])
        moves = self.move_a + self.move_b
        report._render_qweb_pdf(REPORT, moves.ids)
        texts = [self._read(file)[0] for file in moves.maintenance_attachment_id]
        self.assertIn("Brakes", texts[0])
        self.assertNotIn("Brakes", texts[1])
        self.assertIn("Clutch", texts[1])

    def test_draft_prints_an_attachment_that_is_not_kept(self):
        self.company.maintenance_mass_account_id = False
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        log = self._execute_run(permission).log_ids
        self.assertEqual(log.posting_state, "draft")
        self.assertFalse(self._get_files(log.move_id))
        self.assertEqual(log.action_print_attachments()["report_name"], REPORT)
        report = self._in_pdf(self.env["ir.actions.report"])
        content, _kind = report._render_qweb_pdf(REPORT, log.move_id.ids)
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertFalse(log.move_id.maintenance_attachment_id)

    def test_reset_to_draft_drops_the_attachment(self):
        """As the PDF of the invoice: kept beside it, made anew afterwards."""
        permission = self._create_permission(
            self.vehicle_a, [{"purchase_price": 30.0, "reinvoice_method": "individual"}]
        )
        permission.line_ids.action_reinvoice(posting_date="2026-10-31")
        move = permission.line_ids.sale_invoice_id
        old = self._get_files(move)
        move.button_draft()
        self.assertFalse(move.maintenance_attachment_id)
        self.assertIn("detached", old.name)
        move.action_post()
        self.assertNotEqual(self._get_files(move), old)

    def test_credit_memo_has_an_attachment_of_its_own(self):
        self._get_files(self.move_a)
        row = self.move_a.maintenance_row_ids
        self.move_a.action_maintenance_cancel(
            row_ids=row.ids, posting_date="2026-11-01"
        )
        credit = row.credit_move_id
        file = self._get_files(credit)
        self.assertEqual(file.res_id, credit.id)
        self.assertIn(b"Brakes", file.raw)

    def test_other_documents_have_none(self):
        bill = self.permission_a.line_ids.bill_line_ids.move_id
        self.assertFalse(self._get_files(bill))
        self.assertFalse(self._get_files(self.move_a.maintenance_redistribution_id))

    def test_stored_attachment_is_not_changed(self):
        file = self._get_files(self.move_a).with_env(self.env)
        for change in (
            lambda: file.write({"raw": b"forged"}),
            lambda: file.write({"name": "other.pdf"}),
            lambda: file.unlink(),
            lambda: self.move_a.write(
                {"maintenance_attachment_file": base64.b64encode(b"forged")}
            ),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertIn(b"Brakes", file.raw)

    def test_database_keeps_one_attachment(self):
        self._get_files(self.move_a)
        vals = self.attachments._prepare_vals(self.move_a, b"again")
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env["ir.attachment"].sudo().create(vals)

    def test_only_readers_of_the_invoice_get_it(self):
        user = self._create_user("maintenance_reinvoice.group_maintenance_user")
        with self.assertRaises(AccessError):
            self._get_files(self.move_a.with_user(user))

    def test_auditor_prints_attachments(self):
        auditor = self._create_user("account.group_account_readonly")
        action = self._in_pdf(self.log_a).with_user(auditor).action_print_attachments()
        self.assertIn("Brakes", self._read(self._get_file(action))[0])
        self.assertTrue(self.move_a.maintenance_attachment_id)

    # -- driver -----------------------------------------------------------------

    def test_driver_is_printed_unless_switched_off(self):
        html = self.attachments._render(self.move_a)[self.move_a.id]
        self.assertIn(b"Dana Driver", html)
        self.company.maintenance_print_driver = False
        html = self.attachments._render(self.move_a)[self.move_a.id]
        self.assertNotIn(b"Dana Driver", html)
        self.assertNotIn(b"Driver", html)

    # -- files ------------------------------------------------------------------

    def test_merged_print_has_each_invoice_before_its_attachment(self):
        action = self._in_pdf(self.mass_run).action_print_merged()
        pages = self._read(self._get_file(action))
        texts = [
            page for page in pages if "Attachment to" in page or "in words" in page
        ]
        kinds = ["Attachment to" in text for text in texts]
        self.assertEqual(kinds, [False, True, False, True])
        moves = self.mass_run.log_ids.move_id
        names = [move.name for move in moves for _kind in range(2)]
        for text, name in zip(texts, names, strict=True):
            self.assertIn(name, text)
        self.assertEqual(set(self.mass_run.log_ids.mapped("print_state")), {"done"})

    def test_print_of_attachments_is_no_print_of_the_invoice(self):
        action = self._in_pdf(self.mass_run).action_print_attachments()
        text = " ".join(self._read(self._get_file(action)))
        self.assertIn("Brakes", text)
        self.assertIn("Clutch", text)
        self.assertNotIn("in words", text)
        self.assertEqual(set(self.mass_run.log_ids.mapped("print_state")), {"none"})

    def test_zip_holds_the_stored_documents(self):
        file = self._get_file(self.mass_run.action_download_zip())
        with zipfile.ZipFile(io.BytesIO(file.raw)) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        stored = (
            self.mass_run.log_ids.move_id.invoice_pdf_report_id
            + self.mass_run.log_ids.move_id.maintenance_attachment_id
        )
        self.assertEqual(len(stored), 4)
        self.assertEqual(content, {one.name: one.raw for one in stored})

    def test_zip_of_equal_names_loses_nothing(self):
        self.mass_run.action_download_zip()
        files = self.mass_run.log_ids.move_id.invoice_pdf_report_id
        files.sudo().name = "same.pdf"
        file = self._get_file(self.mass_run.action_download_zip())
        with zipfile.ZipFile(io.BytesIO(file.raw)) as archive:
            self.assertEqual(len(set(archive.namelist())), 4)

    def test_print_of_the_invoice_is_the_stored_one(self):
        self._in_pdf(self.log_a).action_print_invoices()
        stored = self.move_a.invoice_pdf_report_id.raw
        action = self._in_pdf(self.log_a).action_print_invoices()
        self.assertEqual(self.move_a.invoice_pdf_report_id.raw, stored)
        self.assertIn(self.move_a.name, self._read(self._get_file(action))[0])

    def test_core_prints_the_stored_invoice(self):
        """The Print menu, too; invoices without a stored document beside it."""
        self._in_pdf(self.log_a).action_print_invoices()
        stored = self.move_a.invoice_pdf_report_id.raw
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move_a.ids
        ).create({})._create_payments()
        report = self._in_pdf(self.env["ir.actions.report"])
        name = "account.report_invoice_with_payments"
        content, _kind = report._render_qweb_pdf(name, self.move_a.ids)
        self.assertEqual(content, stored)
        moves = self.move_a + self.move_b
        content, _kind = report._render_qweb_pdf(name, moves.ids)
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        self.assertIn(self.move_a.name, pages[0])
        self.assertIn(self.move_b.name, pages[-1])
        proforma, _kind = report._render_qweb_pdf(
            name, self.move_a.ids, data={"proforma": True}
        )
        self.assertNotEqual(proforma, stored)

    def test_downloads_are_seen_by_who_made_them(self):
        file = self._get_file(self.mass_run.action_download_zip())
        other = self._create_user("maintenance_reinvoice.group_maintenance_manager")
        with self.assertRaises(AccessError):
            file.with_user(other).check_access("read")

    # -- failing documents ------------------------------------------------------

    def test_failing_attachment_names_itself_and_stops_nobody(self):
        error = UserError("paper jam")
        with self._fail("_render", self.move_a, error):
            action = self._in_pdf(self.mass_run).action_print_merged()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(self.move_a.name, action["params"]["message"])
        self.assertIn("paper jam", action["params"]["message"])
        self.assertEqual(self.log_a.print_state, "failed")
        self.assertIn(self.move_a.name, self.log_a.print_error)
        self.assertEqual(self.log_b.print_state, "done")
        self.assertTrue(self.move_b.maintenance_attachment_id)
        # the invoice itself is printed, and posting is another matter
        self.assertTrue(self.move_a.invoice_pdf_report_id)
        self.assertEqual(self.log_a.posting_state, "posted")
        self.assertFalse(self.log_a.posting_error)
        text = " ".join(self._read(self._get_file(action)))
        self.assertIn("Clutch", text)

    def test_failed_print_is_mended_by_printing_again(self):
        with self._fail("_render", self.move_a, UserError("jam")):
            self.mass_run.action_download_zip()
        self.mass_run.action_download_zip()
        self.assertEqual(self.log_a.print_state, "done")
        self.assertFalse(self.log_a.print_error)

    def test_unexpected_error_is_named_too(self):
        with (
            self._fail("_render", self.move_a, ValueError("odd")),
            mute_logger("odoo.addons.service_invoicing.tools.attempt"),
        ):
            self.mass_run.action_download_zip()
        self.assertIn("Unexpected error: odd", self.log_a.print_error)

    def test_damaged_document_is_named_when_merging(self):
        run = self._in_pdf(self.mass_run)
        run.action_print_merged()
        file = self.move_a.maintenance_attachment_id
        file.sudo().raw = b"%PDF-1.4 damaged"
        with (
            self.assertRaisesRegex(UserError, file.name),
            mute_logger("PyPDF2._reader", "pypdf._reader", "odoo.tools.pdf"),
        ):
            run.action_print_merged()

    # -- long prints ------------------------------------------------------------

    def test_long_print_goes_on_in_the_background(self):
        with self._no_time():
            action = self.mass_run.action_print_merged()
        self.assertIn("0 of 2 invoices are printed", action["params"]["message"])
        self.assertEqual(set(self.mass_run.log_ids.mapped("print_state")), {"waiting"})
        self._deliver_in_background()
        self.assertEqual(set(self.mass_run.log_ids.mapped("print_state")), {"done"})
        moves = self.mass_run.log_ids.move_id
        self.assertEqual(len(moves.invoice_pdf_report_id), 2)
        self.assertEqual(len(moves.maintenance_attachment_id), 2)

    def test_execute_and_print_of_a_long_run_prints_in_the_background(self):
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        run = self._create_run(permission)
        model = self.env.registry["maintenance.reinvoice.run"]
        with patch.object(model, "_process", lambda run, seconds: None):
            run.action_execute_print()
        self.assertTrue(run.print_when_done)
        with self.enter_registry_test_mode():
            cron = self.env.ref("maintenance_reinvoice.cron_continue_runs")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.log_ids.print_state, "waiting")
        self.assertFalse(run.print_when_done)
        self._deliver_in_background()
        self.assertTrue(run.log_ids.move_id.invoice_pdf_report_id)

    # -- execute and print --------------------------------------------------------

    def _execute_print(self):
        """A run over one new line of 10, executed and printed; run and answer."""
        permission = self._create_closed(self.vehicle_a, [{"purchase_price": 10.0}])
        run = self._create_run(permission)
        run.action_check()
        return run, self._in_pdf(run).action_execute_print()

    def test_the_form_is_read_again_after_execute_and_print(self):
        run, action = self._execute_print()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._get_file(action).mimetype, "application/pdf")
        # after this target the web client forgets the form it was asked from
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertNotEqual(action["target"], "download")

    def test_execute_tells_the_result_although_nothing_can_be_printed(self):
        model = self.env.registry["maintenance.reinvoice.log"]
        with patch.object(model, "_make_invoice_pdf", side_effect=UserError("jam")):
            run, action = self._execute_print()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.log_ids.print_state, "failed")
        message = action["params"]["message"]
        self.assertIn("1 of 1 groups done", message)
        self.assertIn("jam", message)
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
