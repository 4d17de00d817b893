{
    "name": "Maintenance Re-invoicing: Electronic Invoices",
    "summary": "Contracts, vehicles, periods and credited invoices in UBL and Factur-X",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Accounting/Accounting",
    "website": "https://github.com/service-invoicing/service-invoicing",
    "author": "Service Invoicing Contributors",
    "maintainers": ["service-invoicing"],
    "license": "LGPL-3",
    "depends": ["maintenance_reinvoice", "service_invoicing_ubl"],
    "auto_install": True,
}
