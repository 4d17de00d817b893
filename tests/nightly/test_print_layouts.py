"""In each layout of Odoo, on A4 and Letter, invoices fit and break where they may."""

import pytest

from ..layouts import find_longer, find_torn, print_demo
from ..test_demo import played

__all__ = ["played"]  # a fixture
LAYOUTS = ["standard", "boxed", "bold", "striped", "bubble", "wave", "folder"]


@pytest.fixture(scope="module")
def pages(environment, first_port, played):
    return print_demo(environment, first_port, played, LAYOUTS)


def test_an_invoice_of_three_payers_is_one_page_in_every_layout(pages):
    # of three payers, of a foreign one and his credit memo, and of many lines
    assert len(pages) == (3 + 2 + 1) * 2 * len(LAYOUTS)
    assert find_longer(pages) == {}


def test_an_invoice_of_many_lines_breaks_between_them_in_every_layout(pages):
    assert find_torn(pages) == []
