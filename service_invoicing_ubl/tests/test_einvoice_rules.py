import re
import tempfile
from pathlib import Path

from odoo import Command
from odoo.tests import tagged

from . import einvoice_rules
from .common import BUILDERS, EinvoiceCommon
from .common_rules import RulesCommon


@tagged("post_install", "-at_install")
class TestEinvoiceRules(RulesCommon, EinvoiceCommon):
    """All kinds of documents of service billing."""

    @classmethod
    def _make_documents(cls):
        cls.payers = cls.customer + cls.sponsor + cls.insurer
        cls.service, cls.plain_tax = cls.labour, cls.tax_20
        cls.exempt_tax = cls._new_zero_tax()
        invoice = cls._bill_order()
        line = invoice.invoice_line_ids.filtered("product_id")[0]
        return {
            "invoice": invoice,
            "credit of a part": cls._credit(invoice, line_ids=[(line.id, 200)]),
            **cls._make_prepaid("deduction"),
            **cls._make_collective(),
        }

    @classmethod
    def _make_other_documents(cls):
        final = cls.documents["final invoice (deduction)"]
        documents = {
            "credit of the whole": cls._credit(cls._bill_order()),
            "credit of a final invoice (deduction)": cls._credit(final),
            **cls._make_prepayments("deduction"),
            **cls._make_prepaid("entry"),
            **cls._make_prepayments("entry"),
            "monthly invoice": cls._new_monthly_invoice()[1],
        }
        final = documents["final invoice (entry)"]
        documents["credit of a final invoice (entry)"] = cls._credit(final)
        documents["credit of a monthly invoice"] = cls._credit(
            documents["monthly invoice"]
        )
        special = cls._make_special()
        return (
            documents
            | special
            | {f"credit of {name}": cls._credit(special[name]) for name in special}
        )

    @classmethod
    def _make_prepaid(cls, mode):
        prepayment, final = cls._bill_prepaid(mode)
        return {f"prepayment ({mode})": prepayment, f"final invoice ({mode})": final}

    @classmethod
    def _make_prepayments(cls, mode):
        cls.company.service_prepayment_mode = mode
        unused = cls._new_prepayment(cls._new_order((cls.part, 500, {})))
        mixed = cls._new_order(
            (cls.labour, 600, {}),
            (cls.part, 400, cls._taxed(cls.tax_10)),
            customer_reference="PO-4711",
        )
        advance = cls._new_prepayment(mixed)
        mixed_final = cls._authorize(cls._bill(mixed) - advance)
        return {
            f"prepayment, several rates ({mode})": advance,
            f"final invoice, several rates ({mode})": mixed_final,
            f"credit of several rates ({mode})": cls._credit(mixed_final),
            f"credit of a prepayment ({mode})": cls._credit(unused),
            f"invoice paid in advance ({mode})": cls._bill_prepaid(mode, 1000)[1],
        }

    @classmethod
    def _make_special(cls):
        cls.company.service_untaxed_tax_id = cls.exempt_tax
        rows = (
            cls._new_code("HANDLING", "charge", rate=80, tax_ids=cls.tax_20.ids)
            | cls._new_code("STAMP", "charge", rate=5)
            | cls._new_code("DSC", "discount", rate=50)
        )
        return {
            "charges and discounts": cls._new_typed(
                (cls.labour, 1000, {}), (cls.part, 500, {}), rows=rows
            ),
            **cls._make_taxes(),
            **cls._make_withheld_on_payment(),
            **cls._make_insured(),
        }

    @classmethod
    def _taxed(cls, *taxes, **vals):
        """Values of a line with some taxes beside the usual one."""
        return {"tax_ids": [Command.set([tax.id for tax in taxes])], **vals}

    @classmethod
    def _make_taxes(cls):
        withheld = cls._percent_tax(-2, service_withholding=True)
        levy = cls._percent_tax(2, amount_type="fixed", name="Tyre levy")
        included = cls._percent_tax(
            3,
            amount_type="fixed",
            name="Recycling",
            include_base_amount=True,
            sequence=0,
        )
        return {
            "several rates": cls._new_typed(
                (cls.labour, 1000, {"discount": 10}),
                (cls.part, 333.33, cls._taxed(cls.tax_10)),
            ),
            "withholding": cls._new_typed(
                (cls.labour, 1000, cls._taxed(cls.tax_20, withheld)),
                (cls.part, 500, {}),
            ),
            "cash rounding": cls._new_typed(
                (cls.labour, 333.33, {}),
                invoice_cash_rounding_id=cls._new_cash_rounding().id,
            ),
            "cash rounding in the tax": cls._new_typed(
                (cls.labour, 333.33, {}),
                invoice_cash_rounding_id=cls._new_cash_rounding(
                    strategy="biggest_tax"
                ).id,
            ),
            "taxes per piece": cls._new_typed(
                (cls.part, 50, cls._taxed(cls.tax_20, levy, quantity=10)),
                (cls.labour, 100, cls._taxed(cls.tax_20, included)),
            ),
            "foreign currency": cls._new_typed(
                (cls.labour, 1000, {}),
                (cls.part, 333.33, {}),
                currency_id=cls.env.ref("base.USD").id,
            ),
        }

    @classmethod
    def _make_withheld_on_payment(cls):
        """A tax that is withheld when the invoice is paid, where there are such."""
        if "is_withholding_tax_on_payment" not in cls.env["account.tax"]._fields:
            return {}
        sequence = cls.env["ir.sequence"].create({"name": "Certificates"})
        withheld = cls._percent_tax(
            -2,
            name="Withheld on payment",
            is_withholding_tax_on_payment=True,
            withholding_sequence_id=sequence.id,
        )
        return {
            "withholding on payment": cls._new_typed(
                (cls.labour, 1000, cls._taxed(cls.tax_20, withheld))
            )
        }

    @classmethod
    def _make_insured(cls):
        order = cls._new_order(
            (cls.labour, 1000, {"program_id": cls.program.id}),
            (cls.part, 2000, {}),
            vehicle_id=cls.vehicle.id,
            odometer=12345,
            customer_reference="PO-4711",
        )
        cls._new_claim(
            order,
            order.line_ids[1],
            deductible=300,
            policy_number="P-9",
            vat_payer="customer",
        )
        service, program, insurance = cls._authorize(cls._bill(order))
        return {
            "customer who pays the insurer's tax": service,
            "program": program,
            "insurer without tax": insurance,
        }

    @classmethod
    def _make_collective(cls):
        move = cls._bill_collective()
        # on other orders he gets an invoice of his own
        cls.sponsor.service_collective_invoice = False
        line = move.invoice_line_ids.filtered("product_id")[0]
        return {
            "collective invoice": move,
            "credit of a collective invoice": cls._credit(
                move, line_ids=[(line.id, 100)]
            ),
        }

    def test_no_document_violates_more_than_those_of_core(self):
        self.assertRulesKept()

    def test_rules_of_peppol_and_xrechnung_are_among_them(self):
        reason = einvoice_rules.get_left_out()
        if reason:
            self.skipTest(reason)
        content = self.env[BUILDERS["bis3"]]._export_invoice(self.documents["invoice"])
        with tempfile.TemporaryDirectory() as folder:
            # the rules of Peppol want the profile, those of the standard do not
            wrong = re.sub(rb"<cbc:ProfileID>.*?</cbc:ProfileID>", b"", content[0])
            Path(folder, "profile.xml").write_bytes(wrong)
            found = einvoice_rules.check(folder)["profile.xml"]
        self.assertIn("PEPPOL-EN16931-R001", [row[1] for row in found])

    def test_rules_find_what_is_wrong(self):
        """Were the rules not run, all documents would keep them."""
        move = self.documents["invoice"]
        payable = {"xrechnung": b"PayableAmount", "facturx": b"DuePayableAmount"}
        with tempfile.TemporaryDirectory() as folder:
            for kind, name in payable.items():
                content = self.env[BUILDERS[kind]]._export_invoice(move)[0]
                wrong = re.sub(name + rb"([^>]*)>\d", name + rb"\1>1", content)
                self.assertNotEqual(wrong, content)
                Path(folder, f"{kind} sum.xml").write_bytes(wrong)
                wrong = content.replace(b"BuyerReference", b"BuyersReference")
                Path(folder, f"{kind} name.xml").write_bytes(wrong)
            found = einvoice_rules.check(folder)
        rules = {name: {row[1] for row in rows} for name, rows in found.items()}
        for kind in payable:
            self.assertRegex(" ".join(rules[f"{kind} sum.xml"]), r"\bBR-.*CO-16")
            self.assertIn("XSD", rules[f"{kind} name.xml"])
