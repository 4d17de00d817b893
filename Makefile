# A real Odoo 19 in .sandbox/ (or $SERVICE_SANDBOX): no root, nothing else touched.
PYTHON ?= python3
# one that was asked for is taken as it is
export SERVICE_PYTHON := $(if $(filter file,$(origin PYTHON)),,$(PYTHON))
SANDBOX = @$(PYTHON) -m tools.sandbox
export DB MODULES TAGS KEEP LANE FIX LIST

.DEFAULT_GOAL := help
.PHONY: help prepare demo test lint core-names bench serve stop shell test-module

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

prepare: ## Odoo, PostgreSQL and the template database, nothing more
	$(SANDBOX) prepare

demo: ## the main job on a fresh database with demo data; the server stays
	$(SANDBOX) demo

test: ## everything that is checked; LANE=core,... for some, LANE=nightly for more
	$(SANDBOX) tests

lint: ## style, conventions, manifests; FIX=1 repairs what can be repaired
	$(SANDBOX) lint

core-names: ## names of Odoo we rely on that ODOO_HOME lacks; LIST=1 lists all
	$(SANDBOX) core-names

bench: ## what work costs with and without us: docs/ratios.md, docs/scale.png
	$(SANDBOX) bench

serve: ## a server on the database DB=..., made with all add-ons if missing
	$(SANDBOX) serve

stop: ## end the servers and PostgreSQL
	$(SANDBOX) stop

shell: ## Odoo's Python shell on DB=...; a script may come by standard input
	$(SANDBOX) shell

test-module: ## MODULES=a,b [TAGS=/a:Class] [DB=name] [KEEP=1]: install and test
	$(SANDBOX) test-module
