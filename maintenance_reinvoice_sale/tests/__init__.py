from . import test_charged_once
