from . import test_charged_once, test_neighbour_forms
