from odoo import Command
from odoo.tests import tagged

from ..common import ServiceInvoicingCommon


@tagged("post_install", "-at_install")
class TestPayerData(ServiceInvoicingCommon):
    """Each invoice has the data of its own payer, and of nobody else."""

    def _three_payer_order(self, **vals):
        """Labour half for the sponsor, a part for the insurer less a deductible."""
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.part, 200, {}),
            **vals,
        )
        self._new_claim(order, order.line_ids[1], deductible=30)
        return order

    @property
    def payers(self):
        return self.customer | self.sponsor | self.insurer

    def _copy_account(self, account, code):
        return account.copy({"code": code, "name": f"{account.name} {code}"})

    def test_receivable_account_is_the_payers(self):
        receivable = self.company_data["default_account_receivable"]
        accounts = [
            self._copy_account(receivable, code) for code in ("12001", "12002", "12003")
        ]
        for partner, account in zip(self.payers, accounts, strict=True):
            partner.property_account_receivable_id = account
        for move, account in zip(
            self._bill(self._three_payer_order()), accounts, strict=True
        ):
            lines = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
            self.assertEqual(lines.account_id, account)

    def test_fiscal_position_maps_taxes_and_accounts_of_its_payer_alone(self):
        revenue = self.company_data["default_account_revenue"]
        expected = []
        for number, partner in enumerate(self.payers):
            position = self.env["account.fiscal.position"].create(
                {"name": partner.name}
            )
            tax = self._percent_tax(
                number,
                fiscal_position_ids=[Command.set(position.ids)],
                original_tax_ids=[Command.set(self.tax_11.ids)],
            )
            account = self._copy_account(revenue, f"4000{number}")
            position.account_ids = [
                Command.create(
                    {"account_src_id": revenue.id, "account_dest_id": account.id}
                )
            ]
            partner.property_account_position_id = position
            expected.append((position, tax, account))
        order = self._three_payer_order()
        order.line_ids.product_id.property_account_income_id = revenue
        for move, (position, tax, account) in zip(
            self._bill(order), expected, strict=True
        ):
            products = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            self.assertEqual(move.fiscal_position_id, position)
            self.assertEqual(products.tax_ids, tax)
            self.assertEqual(products.account_id, account)

    def test_fiscal_position_follows_the_delivery_address_as_on_any_invoice(self):
        country = self.env.ref("base.sk")
        position = self.env["account.fiscal.position"].create(
            {"name": "Slovakia", "auto_apply": True, "country_id": country.id}
        )
        self.env["res.partner"].create(
            {
                "name": "Depot",
                "type": "delivery",
                "parent_id": self.sponsor.id,
                "country_id": country.id,
            }
        )
        self.sponsor.country_id = self.env.ref("base.us")
        order = self._three_payer_order()
        service, program, insurance = self._bill(order)
        self.assertEqual(program.fiscal_position_id, position)
        self.assertFalse((service | insurance).fiscal_position_id)
        program.invalidate_recordset(["fiscal_position_id"])
        self.env.add_to_compute(program._fields["fiscal_position_id"], program)
        self.assertEqual(program.fiscal_position_id, position, "core agrees")

    def test_terms_bank_and_delivery_are_the_payers(self):
        term = self.env["account.payment.term"].create({"name": "60 days"})
        self.program.payment_term_id = term
        self.sponsor.property_payment_term_id = self.pay_terms_a
        self.insurer.property_payment_term_id = self.pay_terms_b
        banks = [self._new_bank_journal(partner) for partner in self.payers]
        addresses = [
            self._new_partner("Delivery", type="delivery", parent_id=partner.id)
            for partner in self.payers
        ]
        moves = self._bill(self._three_payer_order(payment_term_id=self.pay_terms_a.id))
        self.assertEqual(
            [move.invoice_payment_term_id for move in moves],
            [self.pay_terms_a, term, self.pay_terms_b],
        )
        self.assertEqual([move.partner_bank_id for move in moves], banks)
        self.assertEqual([move.partner_shipping_id for move in moves], addresses)

    def _new_bank_journal(self, partner):
        """A bank account of ours on which the partner is to pay.

        :return: ``res.partner.bank``
        """
        company = self.env.company
        bank = self.env["res.partner.bank"].create(
            {"acc_number": f"ACC {partner.name}", "partner_id": company.partner_id.id}
        )
        journal = self.env["account.journal"].create(
            {
                "name": f"Bank for {partner.name}",
                "type": "bank",
                "code": f"B{partner.id}"[:5],
                "bank_account_id": bank.id,
            }
        )
        partner.property_inbound_payment_method_line_id = (
            journal.inbound_payment_method_line_ids[:1]
        )
        return bank

    def test_names_and_sections_are_in_the_payers_language(self):
        self._speak_french()
        self._translate_category("labour", "Main-d'œuvre")
        self._translate_category("material", "Pièces")
        self.labour.with_context(lang="fr_FR").name = "Travail"
        self.part.with_context(lang="fr_FR").name = "Filtre"
        self.sponsor.lang = self.insurer.lang = "fr_FR"
        order = self._three_payer_order()
        order.line_ids = [
            Command.create(
                {"product_id": self.part.id, "price_unit": 5, "name": "Blue hose"}
            )
        ]
        order.line_ids[2].claim_id = order.claim_ids
        service, program, insurance = (
            move.invoice_line_ids.mapped("name") for move in self._bill(order)
        )
        self.assertEqual(service[0], "Material")
        self.assertIn("Labour\nShare: ", "\n".join(service))
        self.assertEqual(program[0], "Main-d'œuvre")
        self.assertRegex(program[1], "^Travail\n")
        self.assertNotIn("Share", program[1])
        self.assertEqual(insurance[:2], ["Pièces", "Filtre"])
        self.assertIn("Blue hose", insurance, "what somebody typed stays as it is")
        self.assertTrue(insurance[3].startswith("Franchise, sinistre CLAIM-1"))

    def _translate_category(self, value, name):
        field = self.env["ir.model.fields"]._get(
            "service.work.order.line", "cost_category"
        )
        selection = field.selection_ids.filtered(lambda s: s.value == value)
        selection.with_context(lang="fr_FR").name = name

    def test_programs_and_claims_of_one_payer_share_his_invoice(self):
        second = self.program.copy({"name": "Tenth labour", "value": 10})
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.labour, 200, {"program_id": second.id}),
            (self.part, 300, {}),
            (self.part, 400, {}),
        )
        self._new_claim(order, order.line_ids[2], deductible=30)
        self._new_claim(order, order.line_ids[3], name="CLAIM-2", deductible=40)
        moves = self._bill(order)
        # sponsor 50 + 20; insurer 270 + 360; customer 50 + 180 + 30 + 40
        self.assertEqual(
            [(move.partner_id, move.amount_untaxed) for move in moves],
            [(self.customer, 300), (self.sponsor, 70), (self.insurer, 630)],
        )

    def test_several_sponsors_and_insurers_have_their_own_deductible_and_terms(self):
        sponsors = [self.sponsor, self._new_partner("Second sponsor")]
        insurers = [self.insurer, self._new_partner("Second insurer")]
        terms = [self.pay_terms_a, self.pay_terms_b]
        second = self.program.copy({"sponsor_id": sponsors[1].id})
        for program, term in zip((self.program, second), terms, strict=True):
            program.payment_term_id = term
        for insurer, term in zip(insurers, terms, strict=True):
            insurer.property_payment_term_id = term
        order = self._new_order(
            (self.labour, 100, {"program_id": self.program.id}),
            (self.external, 80, {"program_id": second.id}),
            (self.part, 300, {}),
            (self.labour, 400, {}),
        )
        for number, (line, insurer) in enumerate(
            zip(order.line_ids[2:], insurers, strict=True), 1
        ):
            self._new_claim(
                order,
                line,
                name=f"CLAIM-{number}",
                insurer_id=insurer.id,
                deductible=number * 10,
                coverage_percent=50,
            )
        service, *others = self._bill(order)
        self.assertEqual(
            [
                (m.partner_id, m.amount_untaxed, m.invoice_payment_term_id)
                for m in others
            ],
            [
                (sponsors[0], 50, terms[0]),
                (sponsors[1], 40, terms[1]),
                (insurers[0], 140, terms[0]),
                (insurers[1], 180, terms[1]),
            ],
        )
        self.assertSummary(
            service, labour=270, material=160, external_repair=40, tax=51.7
        )
