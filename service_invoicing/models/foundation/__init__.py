"""What everything rests on: what is kept while it is needed, taxes, the company."""

from . import service_kept_mixin
from . import service_document_mixin
from . import service_odometer_mixin
from . import account_account
from . import account_fiscal_position
from . import account_tax
from . import account_tax_net
from . import product_template
from . import product_product
from . import fleet_vehicle_model
from . import service_abstract_line
from . import res_company
from . import res_config_settings
from . import res_partner
