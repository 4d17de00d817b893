from . import maintenance_attachment
from . import maintenance_check_xlsx
