from . import test_cancel
from . import test_check_report
from . import test_currency_storno
from . import test_mass_run
from . import test_worked_example
