from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..tools.attempt import attempt_each


@tagged("post_install", "-at_install")
class TestAttempts(TransactionCase):
    """Thirty-two partners, of whom some cannot be dealt with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"Partner {number}"} for number in range(32)]
        )

    def setUp(self):
        super().setUp()
        self.attempts = []

    def _try(self, bad, results=None):
        """Mark the partners; the bad ones fail at the end."""

        def work(partners):
            self.attempts.append(len(partners))
            partners.ref = "done"
            if failing := partners & bad:
                raise UserError(failing[0].name)
            return partners

        return attempt_each(self.partners, work, results)

    def test_what_goes_well_is_done_at_once(self):
        results = []
        self.assertEqual(self._try(self.partners.browse(), results), {})
        self.assertEqual(self.attempts, [32])
        self.assertEqual(results, [self.partners])

    def test_one_that_fails_costs_few_attempts(self):
        """All, then two of 16, 8, 4, 2 and 1 each: 1 + 2 · 5."""
        bad, results = self.partners[19], []
        self.assertEqual(self._try(bad, results), {bad: bad.name})
        self.assertEqual(len(self.attempts), 11)
        self.assertEqual(self.partners - bad, self.partners.union(*results) - bad)
        self.assertEqual(sum(map(len, results)), 31)

    def test_each_that_fails_is_named_and_undone_alone(self):
        bad = self.partners[0] + self.partners[7] + self.partners[31]
        self.assertEqual(self._try(bad), {each: each.name for each in bad})
        self.assertEqual(self.partners.filtered("ref"), self.partners - bad)

    def test_what_nobody_expected_is_logged_once_for_the_one_that_fails(self):
        """Of the eleven attempts six fail."""
        bad = self.partners[19]

        def work(partners):
            self.attempts.append(partners)
            if bad in partners:
                raise ZeroDivisionError("no such rate")

        with self.assertLogs("odoo.addons.service_invoicing.tools.attempt") as logs:
            errors = attempt_each(self.partners, work)
        self.assertEqual(errors, {bad: "Unexpected error: no such rate"})
        self.assertEqual(sum(bad in partners for partners in self.attempts), 6)
        self.assertEqual(len(logs.records), 1)
        self.assertIn(str(bad), logs.output[0])

    def test_nothing_is_tried_for_nothing(self):
        self.partners = self.partners.browse()
        self.assertEqual(self._try(self.partners), {})
        self.assertEqual(self.attempts, [])

    def test_conflict_is_left_to_who_tries_the_whole_again(self):
        def work(partners):
            self.attempts.append(len(partners))
            raise SerializationFailure

        with self.assertRaises(SerializationFailure):
            attempt_each(self.partners, work)
        self.assertEqual(self.attempts, [32])
