# make run · make test · make lint · make bench — each sets up what it needs; nothing but Python 3.11 and make is expected.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SETUP := setup.cfg pyproject.toml requirements.lock requirements-test.lock

export PORT ?= 8000
export WORKERS ?= 2

.PHONY: run test lint bench clean

run: $(VENV)/.ready
	$(BIN)/python -m cdshooks.serve --development

test: $(VENV)/.ready-test
	$(BIN)/python -m pytest -q $(ARGS)

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.ready-test
	$(BIN)/python -m benchmarks $(ARGS)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3.11, python3 or python in PATH)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(SETUP) | $(BIN)/python
	$(PIP) install --requirement requirements.lock
	$(PIP) install --no-deps --editable .
	touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	$(PIP) install --requirement requirements-test.lock
	touch $@

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
