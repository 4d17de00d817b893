"""What a piece of work costs, for the benchmarks that run in Odoo's shell."""

import gc
import time


def measure(env, function):
    """Processor seconds of Python and queries, from a cold cache to rows written,
    and what is done before a commit (tracking)."""
    env.cr.flush()
    env.invalidate_all()
    gc.collect()
    queries, start = env.cr.sql_log_count, time.process_time()
    function()
    env.cr.flush()
    return time.process_time() - start, env.cr.sql_log_count - queries
