from .common import ServiceInvoicingCommon


class MovedSharesCommon(ServiceInvoicingCommon):
    """Parts for 2,000 the insurer pays less a deductible of 300; labour for 1,000, of
    which the sponsor pays half. 11 % tax.

    Customer 500 + 300 = 800; sponsor 500; insurer 1,700.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._new_order(
            (cls.labour, 1000, {"program_id": cls.program.id}),
            (cls.part, 2000, {}),
        )
        cls._new_claim(cls.order, cls.order.line_ids[1], deductible=300)
        moves = cls._bill(cls.order)
        moves.with_user(cls.authorizer).action_service_authorize()
        cls.service, cls.sponsored, cls.insured = moves

    @classmethod
    def _move(cls, move, user=None, **answers):
        """Move a share to the customer and return the new invoice."""
        answers = {
            "invoice_type": "service",
            "partner_id": cls.customer.id,
            "reason": "Refused",
        } | answers
        move = move.with_user(user or cls.authorizer)
        action = move.action_service_move_share(**answers)
        return cls._get_documents(action)

    def _get_credit(self, move):
        return move.reversal_move_ids

    def _bill_fresh(self):
        return self._bill(self._new_order((self.part, 10, {})))
