from . import test_parts, test_summary
