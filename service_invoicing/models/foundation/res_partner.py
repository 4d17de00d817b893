from collections import defaultdict

from odoo import models


class ResPartner(models.Model):
    """What is counted for a payer and his contacts."""

    _inherit = "res.partner"

    def _sum_over_contacts(self, model, aggregate, domain=()):
        """Aggregate of records that belong to these contacts or their addresses.

        :param str model: its field ``partner_id`` says whose a record is
        :param str aggregate: as for ``_read_group``
        :param domain: which records count
        :return: dict partner → value; 0 for one that is not saved yet
        """
        members = self.with_context(active_test=False).search_fetch(
            [("id", "child_of", self.ids)], ["parent_id"]
        )
        sums = defaultdict(int, dict.fromkeys(self._origin, 0))
        for partner, value in self.env[model]._read_group(
            [*domain, ("partner_id", "in", members.ids)], ["partner_id"], [aggregate]
        ):
            while partner:
                if partner in sums:
                    sums[partner] += value
                partner = partner.parent_id
        return sums
