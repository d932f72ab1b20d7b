# make run · make test · make lint · make bench · make locks — each sets up what it needs; nothing but Python 3.11 and make is expected.
#   make test RULE=itb-refill-due   what concerns one rule, in seconds: its vignettes, words and page
#   make test ARGS='-k …'           whatever pytest takes; JOBS=1 one after the other
#   make bench SPARK=1              the population report on Apache Spark (Java 17; installs 400 MB)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Nothing is installed that the lock files do not name with its hash; the project itself comes from this folder.
LOCKED := $(PIP) install --require-hashes --requirement
SETUP := setup.cfg pyproject.toml requirements-build.lock requirements.lock requirements-test.lock
packages = $(shell grep -c '^[a-z]' $(1))
LOCKS := build/locks
COMPILE = $(LOCKS)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-options $(UPGRADE)

JOBS ?= auto
# What the tests' servers import is compiled once, also where nothing may be written beside the sources (PYTHONDONTWRITEBYTECODE).
COMPILED := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/build/bytecode
OF_A_RULE := tests/rules tests/console/test_console.py tests/hooks/test_same_answer.py tests/hooks/test_silence_invariants.py tests/hostile/test_damage.py

export PORT ?= 8000
export WORKERS ?= 2

.PHONY: run test lint bench locks clean

run: $(VENV)/.ready
	@echo "Starting the service (PORT=$(PORT), WORKERS=$(WORKERS))."
	@$(BIN)/python -m cdshooks.serve --development

test: $(VENV)/.ready-test
ifdef RULE
	@test -f fixtures/vignettes/$(RULE).yaml || { echo "There is no fixtures/vignettes/$(RULE).yaml: is $(RULE) the name of a rule?" >&2; exit 1; }
	$(BIN)/python -m pytest -q --durations=3 --durations-min=1 -k "$(RULE)" $(OF_A_RULE) $(ARGS)
else
	$(COMPILED) $(BIN)/python -m pytest -q --numprocesses=$(JOBS) --dist=worksteal --durations=10 --durations-min=1 $(ARGS)
endif

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ifdef SPARK
bench: $(VENV)/.ready-spark
	$(BIN)/python -m benchmarks.on_spark $(ARGS)
else
bench: $(VENV)/.ready-test
	$(BIN)/python -m benchmarks $(if $(PEERS),--peers) $(ARGS)
endif

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3.11, python3 or python in PATH)" >&2; exit 1; }
	@echo "Setting up $(VENV), once: a virtual environment of $$($(PYTHON) --version), then what the lock files name (a minute or two)."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(SETUP) | $(BIN)/python
	@echo "Installing what the service needs: $(call packages,requirements.lock) packages."
	@$(LOCKED) requirements-build.lock --requirement requirements.lock
	@echo "Installing the service from this folder."
	@$(PIP) --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	@echo "Installing what the tests need: $(call packages,requirements-test.lock) packages."
	@$(LOCKED) requirements-test.lock
	@touch $@

# Apache Spark, 400 MB: for its suite and its figures alone.
$(VENV)/.ready-spark: $(VENV)/.ready-test requirements-spark.lock
	@echo "Installing Apache Spark and what it needs."
	@$(LOCKED) requirements-spark.lock
	@touch $@

# Writes the lock files again from setup.cfg and pyproject.toml, with the oldest Python that is supported; versions stay as they are where
# they fit. `make locks UPGRADE=--upgrade`: the newest, or UPGRADE='--upgrade-package NAME'.
locks:
	python3.11 -m venv $(LOCKS)
	$(LOCKS)/bin/pip --disable-pip-version-check --quiet install pip-tools==7.6.2
	$(COMPILE) --extra postgres --output-file requirements.lock setup.cfg
	$(COMPILE) --extra test --constraint requirements.lock --output-file requirements-test.lock setup.cfg
	$(COMPILE) --extra postgres --extra otel --constraint requirements.lock --output-file requirements-otel.lock setup.cfg
	$(COMPILE) --extra spark --constraint requirements.lock --constraint requirements-test.lock --output-file requirements-spark.lock setup.cfg
	$(COMPILE) --build-deps-for wheel --only-build-deps --output-file requirements-build.lock pyproject.toml

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
