# A real Odoo 19 in .sandbox/ (or $SERVICE_SANDBOX), without root.
PYTHON ?= python3
SANDBOX = @$(PYTHON) -m tools.sandbox
export DB MODULES TAGS KEEP

.PHONY: prepare shell test-module

prepare: ## Odoo, PostgreSQL and the template database
	$(SANDBOX) prepare

shell: ## Odoo's Python shell on DB=...; a script may come by standard input
	$(SANDBOX) shell

test-module: ## MODULES=a,b [TAGS=/a:Class] [DB=name] [KEEP=1]: install and test
	$(SANDBOX) test-module
