from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.actions import open_invoices
from ...tools.arguments import expects, parse_amounts, parse_id, parse_text
from ...tools.groups import BILLING
from ...tools.guards import refuse_without_group
from ...tools.shares import OpenShare, Payer
from ...tools.split import group_by_fields
from ...tools.states import BILLING_STATES


class ServiceWorkOrder(models.Model):
    """Shares move from one payer to another after the document check."""

    _inherit = "service.work.order"

    @expects(
        one=True,
        invoice_type=parse_text,
        partner_id=parse_id("res.partner"),
        reason=parse_text,
        amounts=parse_amounts,
    )
    def action_move_share(
        self, invoice_type=None, partner_id=None, reason=None, amounts=None
    ):
        """Move the share that would be invoiced next to another payer.

        :param str invoice_type: what the new payer gets; without it the dialog that
            asks for everything is returned
        :param int partner_id: the new payer
        :param str reason: told in the chatter
        :param list amounts: pairs of work order line id and amount before tax; by
            default the whole share
        :return: action that opens the new invoice
        """
        refuse_without_group(self.env, BILLING)
        self.check_access("write")
        self._check_state(BILLING_STATES)
        if not (invoice_type and partner_id and reason):
            return self.env["service.share.wizard"]._open(self)
        self._lock_for_billing()
        source = self._take_next_release()
        target = Payer(invoice_type, self.env["res.partner"].browse(partner_id))
        moves = source._move_share(self, target, reason, amounts)
        return open_invoices(moves)

    def _release_to(self, target, source, parts, reason, credit=None):
        """Release to another payer what one was to bear.

        :param Payer target: who bears it from now on
        :param source: ``service.release`` of who was to bear it
        :param list parts: ``SharePart`` that are moved
        :param str reason: told to the readers of all documents
        :param credit: the credit memo of the first payer, if there is one
        :return: ``service.release``, fresh
        """
        self.ensure_one()
        self._check_target(target, source._get_payer())
        order = self._in_language_of(target)
        parts = [
            part._replace(
                name=order.env._(
                    "%(name)s\nTaken over from %(payer)s",
                    name=part.name,
                    payer=source.partner_id.display_name,
                )
            )
            for part in parts
        ]
        release = order._create_release(
            OpenShare(target, parts, False, source.browse()),
            origin_id=source.id,
            credit_move_id=credit.id if credit else False,
            is_moved=True,
            is_supplement=True,
            reason=reason,
        )
        self._message_log(
            body=self.env._(
                "%(amount)s before tax moved from %(first)s to %(new)s: %(reason)s",
                amount=self.currency_id.format(release.amount_untaxed),
                first=source.partner_id.display_name,
                new=target.partner.display_name,
                reason=reason,
            )
        )
        return release.with_env(self.env).sudo(self.env.su)

    def _check_target(self, target, source):
        """:raise UserError: when a payer cannot take over a share

        :param Payer target: who is to bear it
        :param Payer source: who was to bear it
        """
        self.ensure_one()
        types = self.env["account.move"]._get_share_types()
        if target.invoice_type not in types:
            raise UserError(
                self.env._(
                    "%(order)s: “%(type)s” is no kind of invoice. Choose one of "
                    "%(types)s.",
                    order=self.name,
                    type=target.invoice_type,
                    types=", ".join(types),
                )
            )
        if target == source:
            raise UserError(
                self.env._(
                    "%(order)s: %(payer)s bears this share already. Choose another "
                    "payer.",
                    order=self.name,
                    payer=target.partner.display_name,
                )
            )

    # Payers who become one when their contacts are merged.

    @api.model
    def _search_billed_to(self, partners):
        """Orders in billing of which one of these partners bears or bore a share."""
        payers = ("partner_id", "line_ids.sponsor_id", "claim_ids.insurer_id")
        domain = Domain.OR(
            Domain(name, "in", partners.ids)
            for name in (*payers, "release_ids.partner_id")
        )
        return self.with_context(active_test=False).search(
            domain & Domain("state", "in", BILLING_STATES)
        )

    def _cancel_colliding_releases(self, partners):
        """Cancel the unbilled releases that become one if these partners are one;
        what was moved or credited in part stays by itself."""
        releases = self._get_unbilled_releases().filtered(
            lambda release: release.partner_id in partners and not release.is_supplement
        )
        groups = group_by_fields(releases, ["work_order_id", "invoice_type"])
        for group in groups.values():
            if len(group) > 1:
                group._cancel(self.env._("Two payers became one"))

    def _follow_merged_payers(self):
        """Release for the merged payers together, and bring states in line."""
        self._release_rest()
        self.env.add_to_compute(self._fields["next_invoice_type"], self)
        self._update_billing_state()
