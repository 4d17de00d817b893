from collections import defaultdict

from odoo import api, fields, models

from ...tools.shares import Payer
from ...tools.states import BILLING_STATES

# of a payer's share: what is released and waits for its invoice, billed, taken back,
# billed to nobody again, and what is still to be billed, released or not; given up is
# what was corrected for him alone
COLUMNS = ("share", "released", "invoiced", "credited", "closed", "waived", "open")


class ServiceWorkOrder(models.Model):
    """One table of who bears what of the order, and what became of it."""

    _inherit = "service.work.order"

    payer_balance = fields.Html(
        string="Payers",
        compute="_compute_payer_balance",
        compute_sudo=True,
        sanitize=False,
        help="What each payer bears before tax, and what of it is invoiced, credited, "
        "closed and still open; released is what of the open waits for its invoice. "
        "Received is with tax.",
    )

    @api.depends(
        "state",
        "currency_id",
        "amount_customer",
        "amount_program",
        "amount_insurance",
        "amount_to_invoice",
        "claim_ids.deductible",
        "invoice_ids.state",
        "invoice_ids.service_stage",
        "invoice_ids.service_amount_due",
        "invoice_ids.reversal_move_ids.state",
    )
    @api.depends_context("lang")
    def _compute_payer_balance(self):
        for order in self:
            rows = order._get_payer_balance()
            order.payer_balance = rows and self.env["ir.qweb"]._render(
                "service_invoicing.payer_balance",
                {
                    "rows": rows,
                    "columns": order._get_used_columns(rows),
                    "order": order,
                },
            )

    def _get_used_columns(self, rows):
        """Columns of the table in their order; what was never given up or closed has
        none."""
        optional = ("credited", "closed", "waived")
        return [
            name
            for name in (*COLUMNS, "received")
            if name not in optional or any(row[name] for row in rows)
        ]

    @api.model
    def _get_column_titles(self):
        return {
            "share": self.env._("Share"),
            "released": self.env._("Released"),
            "invoiced": self.env._("Invoiced"),
            "credited": self.env._("Credited"),
            "closed": self.env._("Closed"),
            "waived": self.env._("Given Up"),
            "open": self.env._("Open"),
            "received": self.env._("Received"),
        }

    def _get_payer_balance(self):
        """Rows of the table: each payer's work, his own risk and his sum below it, then
        the sum of all.

        In each row share = invoiced - credited + closed + given up + open, and what is
        released is a part of what is open.

        :return: list of dict with ``title``, ``style`` and the columns: amounts before
            tax in the order's currency, ``received`` with tax; those with ``is_sum``
            are the sum of the rows above
        """
        self.ensure_one()
        sums = defaultdict(lambda: dict.fromkeys(COLUMNS, 0.0))
        self._add_shares(sums)
        if not sums:
            return []
        self._add_releases(sums)
        for move in self._get_share_invoices():
            if move.service_status != "deleted":
                self._add_invoice(sums, move)
        self._settle_balances(sums)
        received = self._get_received_amounts()
        rows = []
        for payer in dict.fromkeys(payer for payer, __ in sums):
            rows += self._get_payer_rows(payer, sums, received.get(payer, 0.0))
        if self.amount_own_cost:
            rows.append(self._get_own_cost_row())
        total = self._sum_rows([row for row in rows if not row.get("is_sum")])
        return [*rows, total | {"title": self.env._("Sum"), "style": "fw-bold"}]

    def _get_payer_rows(self, payer, sums, received):
        """A payer's work; where he bears own risk this, and what both come to.

        :param dict sums: (``Payer``, whether it is own risk) → dict of columns
        :param float received: from him, with tax
        """
        field = self._fields["next_invoice_type"]
        titles = dict(field._description_selection(self.env))
        work = {
            "title": f"{payer.partner.display_name} ({titles[payer.invoice_type]})",
            "style": "",
            "received": received,
        }
        risk = {
            "title": self.env._("Own risk"),
            "style": "text-muted ps-4",
            "received": 0.0,
        }
        rows = [
            sums[payer, is_own_risk] | texts
            for is_own_risk, texts in ((False, work), (True, risk))
            if (payer, is_own_risk) in sums
        ]
        if len(rows) > 1:
            title = self.env._("Subtotal")
            subtotal = {"title": title, "style": "ps-4", "is_sum": True}
            rows.append(self._sum_rows(rows) | subtotal)
        return rows

    def _sum_rows(self, rows):
        return {
            name: self.currency_id.round(sum(row[name] for row in rows))
            for name in (*COLUMNS, "received")
        }

    def _get_own_cost_row(self):
        """What programs of the workshop itself bear: nobody is invoiced for it."""
        empty = dict.fromkeys((*COLUMNS, "received"), 0.0)
        return empty | {
            "title": self.env._("Own cost"),
            "style": "",
            "share": self.amount_own_cost,
        }

    def _add_shares(self, sums):
        """Who bears what by now.

        :param dict sums: (``Payer``, whether it is own risk) → dict of columns
        """
        for payer, amount in self._get_agreed_shares().items():
            if payer.partner and not self.currency_id.is_zero(amount):
                sums[payer, False]["share"] += amount
        customer = Payer("service", self.partner_id)
        for claim in self.line_ids.claim_id:
            insurer = Payer("insurance", claim.insurer_id)
            if claim.deductible_applied:
                for payer, sign in ((customer, 1), (insurer, -1)):
                    amount = sign * claim.deductible_applied
                    sums[payer, False]["share"] -= amount
                    sums[payer, True]["share"] += amount
        for line, source, target, amount in self._get_moved_lines():
            sums[source, line.is_deductible]["share"] -= amount
            sums[target, line.is_deductible]["share"] += amount
        for line in self._get_standing_releases().line_ids.filtered("own_cost"):
            key = line.release_id._get_payer(), line.is_deductible
            sums[key]["share"] -= line._get_kept_own_cost()

    def _add_releases(self, sums):
        for release in self._get_unbilled_releases():
            for line in release.line_ids:
                if line._is_share():
                    key = release._get_payer(), line.is_deductible
                    sums[key]["released"] += line.price_subtotal

    def _add_invoice(self, sums, move):
        """:param move: ``account.move`` of a payer, with its authorized credit memos"""
        lines = move.invoice_line_ids.filtered(
            lambda line: line.service_order_line_id in self.line_ids._origin
            and not line.service_tcd_id
            and not line.service_tax_claim_id
        )
        payer = move._get_service_payer()
        for line in lines:
            row = sums[payer, line.service_deductible]
            row["invoiced"] += line.price_subtotal
        billed = move._get_billed_lines()
        # one that waits has given its share to others already
        for credit in move.reversal_move_ids.filtered(
            lambda m: m.state == "posted" or (m.state == "draft" and m._moves_share())
        ):
            for line, amount in billed._sum_credited(credit).items():
                if line in lines:
                    row = sums[payer, line.service_deductible]
                    row["credited"] += amount
                    if credit.service_credit_effect == "closed":
                        row["closed"] += amount

    def _settle_balances(self, sums):
        """What is neither billed nor closed is open or was given up; what was credited
        to be billed again is open again."""
        if self.state in BILLING_STATES:
            for share in self._get_open_shares():
                for part in share.parts if not share.release else ():
                    if part.is_share():
                        row = sums[share.payer, part.is_deductible]
                        row["open"] += part.amount
        rest = "waived" if self.state in BILLING_STATES else "open"
        for row in sums.values():
            row["open"] += row["released"]
            row.update({name: self.currency_id.round(row[name]) for name in COLUMNS})
            if self.state != "cancel":
                known = row["invoiced"] - row["credited"] + row["closed"] + row["open"]
                row[rest] += self.currency_id.round(row["share"] - known)

    def _get_received_amounts(self):
        """What payers have paid of their invoices of this order; of a collective
        invoice the order's part by its net.

        :return: dict ``Payer`` → amount with tax in the order's currency
        """
        amounts = defaultdict(float)
        for move in self._get_share_invoices().filtered(lambda m: m.state == "posted"):
            received = sum(move.line_ids.mapped("service_received_amount"))
            if received and len(move.work_order_ids) > 1:
                own = move.invoice_line_ids.filtered(
                    lambda line: line.service_order_line_id.order_id == self._origin
                )
                net = sum(own.mapped("price_subtotal"))
                received *= net / (move.amount_untaxed or 1.0)
            amounts[move._get_service_payer()] += self.currency_id.round(received)
        return amounts
