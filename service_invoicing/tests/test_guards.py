from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..tools.guards import raise_together, refuse_protected


@tagged("post_install", "-at_install")
class TestGuards(TransactionCase):
    def test_all_errors_are_raised_at_once(self):
        raise_together([])
        with self.assertRaisesRegex(UserError, "first\nsecond"):
            raise_together(["first", "second"])

    def test_protected_fields_are_named_and_harmless_values_pass(self):
        model = self.env["res.partner"].with_user(self.env.ref("base.user_admin"))
        refuse_protected(model, {"name": "x"}, {"name": "x", "ref": "free"})
        refuse_protected(model.sudo(), {"name": "x"}, {"name": "y"})
        with self.assertRaisesRegex(AccessError, "Name"):
            refuse_protected(model, {"name": "x"}, {"name": "y"})
