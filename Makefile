# photofind from a checkout: `make run` opens it, `make test` tests it. Everything is installed into .venv.
#   make run PHOTOS="$HOME/Pictures"   watch that folder at once
#   make test PYTHON=python3.12         use another Python (3.11 or newer); delete .venv to change it later

PYTHON ?= python3
PHOTOS ?=
export PHOTOS
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-long check bench

run: $(VENV)/installed
	@$(BIN)/photofind $${PHOTOS:+"$$PHOTOS"}

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest

# The tests that take long: crashes at every write, damage, fuzz, soak; about half an hour.
test-long: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m long

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One JSON object a line: name, value, unit, and the bound or peer it is a ratio of.
bench: $(VENV)/installed-bench
	@$(BIN)/python -m tests.bench

# What was installed last is remembered in these files, so that pip runs again only when pyproject.toml changed.
$(VENV)/installed: EXTRAS :=
$(VENV)/installed-dev: EXTRAS := [dev]
$(VENV)/installed-bench: EXTRAS := [dev,bench]
$(VENV)/installed $(VENV)/installed-dev $(VENV)/installed-bench: pyproject.toml
	@$(PYTHON) packaging/check_system.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --editable ".$(EXTRAS)"
	@touch $@
