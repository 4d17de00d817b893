{
    "name": "Maintenance Re-invoicing: Sales",
    "summary": "Garage bills of permissions are not charged on sales orders, too",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Accounting/Accounting",
    "website": "https://github.com/service-invoicing/service-invoicing",
    "author": "Service Invoicing Contributors",
    "maintainers": ["service-invoicing"],
    "license": "LGPL-3",
    "depends": ["maintenance_reinvoice", "sale"],
    "auto_install": True,
}
