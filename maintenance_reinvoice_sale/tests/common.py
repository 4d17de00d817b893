class NeighbourMixin:
    """Other apps of Odoo beside ours: what is missing skips a test and says so."""

    _neighbour_groups = (
        "sales_team.group_sale_manager",
        "purchase.group_purchase_manager",
        "stock.group_stock_manager",
        "project.group_project_manager",
    )

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        for xmlid in cls._neighbour_groups:
            groups |= cls.env.ref(xmlid, raise_if_not_found=False) or groups.browse()
        return groups

    def _get_neighbour(self, model):
        """A model of an app that may not be there."""
        if model not in self.env:
            self.skipTest(f"the app of {model} is not installed")
        return self.env[model]
