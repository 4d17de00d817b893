from . import test_worked_example
