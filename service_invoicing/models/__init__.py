# Later packages extend earlier ones; none uses what stands after it.
from . import foundation
from . import invoice
from . import work_order
from . import receipt
from . import tcd
from . import release
from . import adjustment
from . import credit_memo
from . import transfer
from . import prepayment
from . import agreement
from . import billing_run
from . import exposure
from . import print
