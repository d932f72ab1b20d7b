# make run · make test · make lint · make bench · make locks — each sets up what it needs; nothing but Python 3.11 and make is expected.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Nothing is installed that the lock files do not name with its hash; the project itself comes from this folder.
LOCKED := $(PIP) install --require-hashes --requirement
SETUP := setup.cfg pyproject.toml requirements-build.lock requirements.lock requirements-test.lock
LOCKS := build/locks
COMPILE = $(LOCKS)/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-options $(UPGRADE)

export PORT ?= 8000
export WORKERS ?= 2

.PHONY: run test lint bench locks clean

run: $(VENV)/.ready
	$(BIN)/python -m cdshooks.serve --development

test: $(VENV)/.ready-test
	$(BIN)/python -m pytest -q $(ARGS)

lint: $(VENV)/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready-test
	$(BIN)/python -m benchmarks $(ARGS)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3.11, python3 or python in PATH)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(SETUP) | $(BIN)/python
	$(LOCKED) requirements-build.lock --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	$(LOCKED) requirements-test.lock
	touch $@

# Writes the lock files again from setup.cfg and pyproject.toml, with the oldest Python that is supported; versions stay as they are where
# they fit. `make locks UPGRADE=--upgrade`: the newest, or UPGRADE='--upgrade-package NAME'.
locks:
	python3.11 -m venv $(LOCKS)
	$(LOCKS)/bin/pip --disable-pip-version-check --quiet install pip-tools==7.6.2
	$(COMPILE) --extra postgres --output-file requirements.lock setup.cfg
	$(COMPILE) --extra test --constraint requirements.lock --output-file requirements-test.lock setup.cfg
	$(COMPILE) --build-deps-for wheel --only-build-deps --output-file requirements-build.lock pyproject.toml

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
