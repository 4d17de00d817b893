import logging
import tempfile
import unittest
from pathlib import Path

from odoo import Command

from odoo.addons.service_invoicing.tests.common_night import is_night

from . import einvoice_rules
from .common import BUILDERS

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


class RulesCommon:
    """Kinds of documents, in all formats, against the rules of their publishers: some
    in every run, all of them by night.

    Classes have ``payers``, ``service`` (a product), ``plain_tax`` and ``exempt_tax``.
    """

    # kind of document → rules that it violates as core's documents do
    gaps = {}

    @classmethod
    def setUpClass(cls):
        reason = einvoice_rules.get_missing()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUpClass()
        cls.documents = cls._make_documents()
        if is_night():
            cls.documents |= cls._make_other_documents()

    @classmethod
    def _make_documents(cls):
        """Kind of document → the document; those of every run."""
        raise NotImplementedError

    @classmethod
    def _make_other_documents(cls):
        """The rest of the table in ``docs/einvoicing.md``."""
        raise NotImplementedError

    def _make_core_documents(self):
        """What core makes itself, for what it violates by itself."""
        documents = {}
        kinds = [("core", self.plain_tax, self.euro)]
        if is_night():
            kinds += [
                ("core exempt", self.exempt_tax, self.euro),
                ("core foreign", self.plain_tax, self.env.ref("base.USD")),
            ]
        for name, taxes, currency in kinds:
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.payers[0].id,
                    "ref": "PO-4711",
                    "currency_id": currency.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self.service.id,
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

    def assertRulesKept(self):
        """No document violates a rule that core's plain documents keep."""
        own = self._make_core_documents()
        for kind, by_name in self._check(own | self.documents).items():
            known = {tuple(row[:2]) for name in own for row in by_name.pop(name)}
            seen = set()
            for name, rules in by_name.items():
                with self.subTest(kind=kind, document=name):
                    seen.update(tuple(row[:2]) for row in rules)
                    kept = KEPT - self.gaps.get(name, set())
                    same = {row for row in known if row[1] not in kept}
                    self.assertFalse([r for r in rules if tuple(r[:2]) not in same])
            _logger.info(
                "%s, %s documents: core violates %s, of these we too %s",
                kind,
                len(by_name),
                sorted(known),
                sorted(seen),
            )

    def _check(self, documents):
        """What documents violate: kind → name → rows of severity, rule and text."""
        found = {}
        with tempfile.TemporaryDirectory() as folder:
            for country, kinds in SELLERS.items():
                self._move_to(country)
                for kind in kinds:
                    for name, move in documents.items():
                        path = Path(folder, f"{country} {kind}--{name}.xml")
                        path.write_bytes(self._export_content(move, kind, path.stem))
            for file, rules in einvoice_rules.check(folder).items():
                kind, __, name = file.removesuffix(".xml").partition("--")
                found.setdefault(kind, {})[name] = rules
        return found

    def _export_content(self, move, kind, name):
        """A document in a format, with the files that travel within it."""
        builder = self.env[BUILDERS[kind]]
        content, errors = builder._export_invoice(move)
        self.assertFalse(errors, name)
        files = self.env["service.einvoice"]._get_attachments(move)
        return builder._embed_service_files(move, content, files) if files else content

    def _move_to(self, country):
        """All parties live in one country."""
        numbers = iter(VAT_NUMBERS[country])
        for partner in self.company.partner_id + self.payers:
            vat, registry = next(numbers)
            partner.write(
                {
                    "country_id": self.env.ref(f"base.{country.lower()}").id,
                    "vat": vat,
                    "company_registry": registry,
                }
            )
