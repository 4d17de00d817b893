class AuditTrailMixin:
    """A company with the restrictive audit trail, whose journals of invoices, bills and
    entries are secured with a hash at posting."""

    @classmethod
    def _secure_company(cls, company):
        company.sudo().restrictive_audit_trail = True
        journals = cls.env["account.journal"].sudo()
        journals.search(
            [
                ("company_id", "=", company.id),
                ("type", "in", ("sale", "purchase", "general")),
            ]
        ).restrict_mode_hash_table = True

    def assertSecured(self, moves):
        """Posted for good: each with its hash, none of them changed or gone."""
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        for move in moves:
            self.assertTrue(move.inalterable_hash, move.display_name)
