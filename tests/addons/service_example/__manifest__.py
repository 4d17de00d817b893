{
    "name": "Service Billing: Ten Likely Changes",
    "summary": "What docs/architecture.md shows, installed and run by the tests",
    "version": "19.0.1.0.0",
    "author": "Service Invoicing Contributors",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["service_invoicing", "maintenance_reinvoice"],
    "data": ["data/ir_sequence.xml", "reports/delivery_note.xml"],
}
