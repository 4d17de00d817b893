"""The roles of service billing."""

ADVISOR = "service_invoicing.group_service_advisor"
BILLING = "service_invoicing.group_service_billing"
AUTHORIZER = "service_invoicing.group_service_authorizer"
MANAGER = "service_invoicing.group_service_manager"
