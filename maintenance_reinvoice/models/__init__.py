# Later packages extend earlier ones; none uses what stands after it.
from . import settings
from . import permission
from . import bill
from . import match
from . import reinvoice
from . import cancel
from . import accrual
from . import run
from . import mass_cancel
from . import delivery
from . import report
