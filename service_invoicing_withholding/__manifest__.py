{
    "name": "Service Invoicing: Withholding on Payment",
    "summary": "Withholding on payment in the invoice summary, whole after adjustments",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Accounting/Accounting",
    "website": "https://github.com/service-invoicing/service-invoicing",
    "author": "Service Invoicing Contributors",
    "maintainers": ["service-invoicing"],
    "license": "LGPL-3",
    "depends": ["service_invoicing", "l10n_account_withholding_tax"],
    "data": [
        "views/account_payment_views.xml",
        "wizards/account_payment_register_views.xml",
    ],
    "auto_install": True,
}
