from odoo.tests import BaseCase, tagged

from .common_properties import WithoutHypothesisMixin


@tagged("post_install", "-at_install")
class TestWithoutHypothesis(WithoutHypothesisMixin, BaseCase):
    def test_without_hypothesis_properties_are_skipped_with_a_reason(self):
        self.assertPropertiesAreSkipped(__package__)
