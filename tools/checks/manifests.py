"""What every manifest must say, and that it names each data file there is."""

import ast
import re

LICENSE = "LGPL-3"
AUTHOR = "Service Invoicing Contributors"
WEBSITE = "https://github.com/service-invoicing/service-invoicing"
VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
PYTHON_PACKAGES = {"num2words", "python-stdnum"}
# who may build on whom; everything else has to come from Odoo itself, but for the job
# queue, which is OCA's
DEPENDS = {
    "service_invoicing": {"account", "account_fleet"},
    "maintenance_reinvoice": {"service_invoicing"},
    "maintenance_reinvoice_queue_job": {"maintenance_reinvoice", "queue_job"},
    "maintenance_reinvoice_sale": {"maintenance_reinvoice", "sale"},
    "maintenance_reinvoice_ubl": {"maintenance_reinvoice", "service_invoicing_ubl"},
    "service_invoicing_ubl": {"service_invoicing", "account_edi_ubl_cii"},
    "service_invoicing_withholding": {
        "service_invoicing",
        "l10n_account_withholding_tax",
    },
}
DATA_FOLDERS = ("security", "data", "views", "wizards", "reports")


def find(root):
    findings = []
    for path in sorted(root.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text())
        found = [
            *find_wrong_values(manifest),
            *find_wrong_depends(path.parent.name, manifest),
            *find_wrong_files(path.parent, manifest),
        ]
        findings += [f"{path.relative_to(root)}: {text}" for text in found]
    return findings


def find_wrong_values(manifest):
    expected = {"license": LICENSE, "author": AUTHOR, "website": WEBSITE}
    for key, value in expected.items():
        if manifest.get(key) != value:
            yield f"{key} must be {value!r}"
    if not VERSION.fullmatch(manifest.get("version", "")):
        yield "version must be 19.0.x.y.z"
    for key in ("name", "summary", "category", "depends"):
        if not manifest.get(key):
            yield f"{key} is missing"


def find_wrong_depends(addon, manifest):
    allowed = DEPENDS.get(addon)
    for name in manifest.get("depends", []):
        if allowed is not None and name not in allowed:
            yield f"must not depend on {name}"
    for name in manifest.get("external_dependencies", {}).get("python", []):
        if name not in PYTHON_PACKAGES:
            yield f"must not need the Python package {name}"


def find_wrong_files(folder, manifest):
    named = set(manifest.get("data", [])) | set(manifest.get("demo", []))
    for name in sorted(named):
        if not (folder / name).is_file():
            yield f"names {name}, which does not exist"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        is_data = name.parts[0] in (*DATA_FOLDERS, "demo")
        if is_data and path.suffix in (".xml", ".csv") and str(name) not in named:
            yield f"does not name {name}"
