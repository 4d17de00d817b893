import logging
import re
import tempfile
import unittest
from pathlib import Path

from odoo import Command
from odoo.tests import tagged

from . import einvoice_rules
from .common import BUILDERS, EinvoiceCommon

# where the parties live, and the formats that are used there
SELLERS = {
    "DE": ["bis3", "xrechnung", "facturx"],
    "BE": ["bis3"],
    "FR": ["facturx"],
}
# VAT number and company registry of the company and of three payers
VAT_NUMBERS = {
    "DE": [
        ("DE123475223", False),
        ("DE811569869", False),
        ("DE136695976", False),
        ("DE129273398", False),
    ],
    "BE": [
        ("BE0202239951", "0202239951"),
        ("BE0477472701", "0477472701"),
        ("BE0897223670", "0897223670"),
        ("BE0428759497", "0428759497"),
    ],
    "FR": [
        ("FR23334175221", "334175221"),
        ("FR83404833048", "404833048"),
        ("FR40303265045", "303265045"),
        ("FR03552081317", "552081317"),
    ],
}
# what core's own documents violate and ours do not
KEPT = {"BR-FR-08_BT-23", "BR-FR-CO-05_BT-3", "BR-FXEXT-E-08rev"}

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestEinvoiceRules(EinvoiceCommon):
    """All kinds of documents, in all formats, against the rules of their publishers."""

    @classmethod
    def setUpClass(cls):
        reason = einvoice_rules.get_missing()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUpClass()
        cls.documents = cls._make_documents()

    @classmethod
    def _make_documents(cls):
        """Kind of document → documents of that kind."""
        invoice = cls._bill_order()
        line = invoice.invoice_line_ids.filtered("product_id")[0]
        part = cls._credit(invoice, line_ids=[(line.id, 200)])
        invoice_2 = cls._bill_order()
        documents = {
            "invoice": invoice,
            "credit of a part": part,
            "credit of the whole": cls._credit(invoice_2),
            **cls._make_prepayments("entry"),
            **cls._make_prepayments("deduction"),
            "monthly invoice": cls._new_monthly_invoice()[1],
        }
        documents["credit of a monthly invoice"] = cls._credit(
            documents["monthly invoice"]
        )
        special = cls._make_special()
        return (
            documents
            | special
            | {f"credit of {name}": cls._credit(special[name]) for name in special}
            | cls._make_collective()
        )

    @classmethod
    def _make_prepayments(cls, mode):
        cls.company.service_prepayment_mode = mode
        prepayment, final = cls._bill_prepaid(mode)
        unused = cls._new_prepayment(cls._new_order((cls.part, 500, {})))
        return {
            f"prepayment ({mode})": prepayment,
            f"credit of a prepayment ({mode})": cls._credit(unused),
            f"final invoice ({mode})": final,
            f"credit of a final invoice ({mode})": cls._credit(final),
            f"invoice paid in advance ({mode})": cls._bill_prepaid(mode, 1000)[1],
        }

    @classmethod
    def _make_special(cls):
        cls.company.service_untaxed_tax_id = cls._new_zero_tax()
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
        line = move.invoice_line_ids.filtered("product_id")[0]
        return {
            "collective invoice": move,
            "credit of a collective invoice": cls._credit(
                move, line_ids=[(line.id, 100)]
            ),
        }

    def _make_core_documents(self):
        """What core makes itself, for what it violates by itself."""
        documents = {}
        dollar = self.env.ref("base.USD")
        for name, taxes, currency in (
            ("core", self.tax_20, self.euro),
            ("core exempt", self.company.service_untaxed_tax_id, self.euro),
            ("core foreign", self.tax_20, dollar),
        ):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "ref": "PO-4711",
                    "currency_id": currency.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self.labour.id,
                                "price_unit": 100,
                                "tax_ids": [Command.set(taxes.ids)],
                            }
                        )
                    ],
                }
            )
            move.action_post()
            refund = move._reverse_moves([{"ref": "PO-4711"}])
            refund.action_post()
            documents |= {f"{name} invoice": move, f"{name} credit note": refund}
        return documents

    def test_no_document_violates_more_than_those_of_core(self):
        own = self._make_core_documents()
        for kind, by_name in self._check(own | self.documents).items():
            known = {tuple(row[:2]) for name in own for row in by_name.pop(name)}
            kept = {row for row in known if row[1] in KEPT}
            seen = set()
            for name, rules in by_name.items():
                with self.subTest(kind=kind, document=name):
                    seen.update(tuple(row[:2]) for row in rules)
                    left = [row for row in rules if tuple(row[:2]) not in known - kept]
                    self.assertFalse(left)
            _logger.info(
                "%s, %s documents: core violates %s, of these we too %s",
                kind,
                len(by_name),
                sorted(known),
                sorted(seen),
            )

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
            self.assertIn("BR-CO-16", rules[f"{kind} sum.xml"])
            self.assertIn("XSD", rules[f"{kind} name.xml"])

    def _check(self, documents):
        """What documents violate: kind → name → rows of severity, rule and text."""
        found = {}
        with tempfile.TemporaryDirectory() as folder:
            for country, kinds in SELLERS.items():
                self._move_to(country)
                for kind in kinds:
                    for name, move in documents.items():
                        content, errors = self.env[BUILDERS[kind]]._export_invoice(move)
                        self.assertFalse(errors, f"{country} {kind}: {name}")
                        path = Path(folder, f"{country} {kind}--{name}.xml")
                        path.write_bytes(content)
            for file, rules in einvoice_rules.check(folder).items():
                kind, __, name = file.removesuffix(".xml").partition("--")
                found.setdefault(kind, {})[name] = rules
        return found

    def _move_to(self, country):
        """All parties live in one country."""
        numbers = iter(VAT_NUMBERS[country])
        partners = self.company.partner_id | self.customer | self.sponsor | self.insurer
        for partner in partners:
            vat, registry = next(numbers)
            partner.write(
                {
                    "country_id": self.env.ref(f"base.{country.lower()}").id,
                    "vat": vat,
                    "company_registry": registry,
                }
            )
