"""A real Odoo 19 in one folder: no root, nothing outside the folder touched.

``python3 -m tools.sandbox COMMAND`` is started by the Makefile.  Until the virtual
environment exists only the standard library is used; the commands themselves run
inside it.
"""
