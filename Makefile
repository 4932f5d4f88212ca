# Every target sets up what it needs: `make demo` and `make test` are all a fresh machine takes.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.ONESHELL:
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONPATH

PYTHON ?= $(shell scripts/find-python)
UV := $(or $(shell command -v uv),var/tools/bin/uv)
RUN := .venv/bin/python
DEMO := $(RUN) -m local $(if $(HISTORY),--history $(HISTORY)) $(if $(PORT),--port $(PORT))

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: .venv/.ready ## make the environment from uv.lock (every other target does this by itself)

var/tools/bin/uv:
	@test -n "$(PYTHON)" || exit 1
	echo "Setting up uv from PyPI"
	"$(PYTHON)" -m venv var/tools && var/tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"

.venv/.ready: uv.lock pyproject.toml $(if $(findstring var/,$(UV)),$(UV))
	@test -n "$(PYTHON)" || exit 1
	echo "Setting up the environment with $(PYTHON)"
	$(UV) sync --frozen --quiet --python "$(PYTHON)" && touch $@

.PHONY: demo
demo: .venv/.ready ## the main job: 20 market days of every asset class to gold [DAYS= FROM= TO= ASSETS=stocks,forex HISTORY=dir]
	@$(DEMO) demo $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO)) $(if $(DAYS),--days $(DAYS)) $(if $(ASSETS),--asset-classes $(ASSETS))

.PHONY: up
up: .venv/.ready ## leave the whole stack running with the Airflow UI [PORT=8080 HISTORY=dir]
	@$(DEMO) up

.PHONY: down
down: .venv/.ready ## end what `make up` started
	@$(DEMO) down

.PHONY: sql
sql: .venv/.ready ## ask silver and gold: a prompt, or one query [Q="select …" FORMAT=table|csv]
	@$(DEMO) sql $(if $(FORMAT),--format $(FORMAT)) $(if $(Q),--query "$$Q")
sql: export Q := $(value Q)

.PHONY: test
test: .venv/.ready ## run all tests [ARGS="-k landing"]
	@$(RUN) -m pytest -q -n 2 --dist loadfile $(ARGS)

.PHONY: check
check: .venv/.ready ## lint, formatting, types, and that every DAG imports
	@set -e
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	scripts/check-dags

.PHONY: format
format: .venv/.ready ## put the code into its form
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

.PHONY: bench-landing
bench-landing: .venv/.ready ## landing 250 grouped days beside the official client [DAYS=250]
	@PYTHONPATH=plugins $(RUN) -m benchmarks.landing $(if $(DAYS),--days $(DAYS))

.PHONY: bench-backfill
bench-backfill: .venv/.ready ## years of daily data through market_backfill, and where the time goes [YEARS=5 ASSETS=stocks]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.backfill $(if $(YEARS),--years $(YEARS)) $(if $(ASSETS),--asset-classes $(ASSETS))

.PHONY: bench-rate
bench-rate: .venv/.ready ## how much of a plan's rate a bulk landing uses (3 minutes)
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.rate

.PHONY: bench-parse
bench-parse: .venv/.ready ## what importing a DAG file costs beyond Airflow itself
	@$(RUN) -m benchmarks.parsing

.PHONY: terraform-check
terraform-check: .venv/.ready ## format, validate, test and scan the Terraform, and say what this machine cannot check
	@UV="$(abspath $(UV))" $(RUN) -m terraform.check

.PHONY: terraform-apply-local
terraform-apply-local: .venv/.ready ## apply dev for real against an AWS emulator, read it back, destroy it (5 minutes)
	@$(RUN) -m terraform.rehearsal --impossible || ANTHILL_TERRAFORM_APPLY=1 $(RUN) -m pytest -q -rs tests/terraform/test_apply.py tests/scripts/test_review.py

.PHONY: lock
lock: .venv/.ready ## resolve uv.lock inside MWAA's pins, and write requirements.txt
	@$(RUN) scripts/lock.py --uv "$(abspath $(UV))"

.PHONY: clean
clean: ## remove the environment and everything that was made
	@rm -rf .venv var dist .pytest_cache .mypy_cache .ruff_cache
