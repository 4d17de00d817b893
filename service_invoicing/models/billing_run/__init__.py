"""Many documents are billed group by group, in the background."""

from . import service_run_mixin
