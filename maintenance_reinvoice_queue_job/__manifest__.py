{
    "name": "Maintenance Re-invoicing: Job Queue",
    "summary": "Several workers and hosts share a mass re-invoicing run",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Accounting/Accounting",
    "website": "https://github.com/service-invoicing/service-invoicing",
    "author": "Service Invoicing Contributors",
    "maintainers": ["service-invoicing"],
    "license": "LGPL-3",
    "depends": ["maintenance_reinvoice", "queue_job"],
    "data": ["data/queue_job_function.xml"],
    "auto_install": True,
}
