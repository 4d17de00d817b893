{
    "name": "Service Invoicing: Electronic Invoices",
    "summary": "References, periods, prepayments and vehicles in UBL and Factur-X",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Accounting/Accounting",
    "website": "https://github.com/service-invoicing/service-invoicing",
    "author": "Service Invoicing Contributors",
    "maintainers": ["service-invoicing"],
    "license": "LGPL-3",
    "depends": ["service_invoicing", "account_edi_ubl_cii"],
    "auto_install": True,
}
