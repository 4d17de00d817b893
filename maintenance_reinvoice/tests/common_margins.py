from .common import MaintenanceCommon

AMOUNTS = [
    "amount_bought",
    "amount_agreed",
    "amount_to_reinvoice",
    "amount_reinvoiced",
    "amount_kept",
    "amount_billed",
    "margin",
    "margin_expected",
]


class MarginCommon(MaintenanceCommon):
    """Rows and sums of the margin report."""

    def _get_rows(self, permissions):
        self.env.invalidate_all()
        reports = self.env["maintenance.margin.report"]
        return reports.search([("permission_id", "in", permissions.ids)], order="id")

    def _get_sums(self, permissions):
        """Sums of all amounts over the rows of permissions."""
        self.env.invalidate_all()
        domain = [("permission_id", "in", permissions.ids)]
        reports = self.env["maintenance.margin.report"]
        [sums] = reports._read_group(domain, [], [f"{name}:sum" for name in AMOUNTS])
        return dict(zip(AMOUNTS, sums, strict=True))

    def _assert_sums(self, permissions, **expected):
        """Amounts that are not named are zero."""
        found = self._get_sums(permissions)
        self.assertEqual(found, {name: expected.get(name, 0.0) for name in AMOUNTS})
