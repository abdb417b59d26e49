# photofind from a checkout: `make run` opens it, `make test` tests it. All is installed into .venv, peers into .venv-peers.
#   make run PHOTOS="$HOME/Pictures"   watch that folder at once
#   make test PYTHON=python3.12         use another Python (3.11 or newer); delete .venv to change it later

PYTHON ?= python3
PHOTOS ?=
export PHOTOS
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
RCLIP := 3.3.0

.PHONY: run test test-long check bench bench-peers

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
bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench

# The same lines, against the program rclip itself, which is installed from the package index into .venv-peers.
bench-peers: $(VENV)/installed-dev $(PEERS)/rclip-$(RCLIP)
	@$(BIN)/python -m tests.bench.peers $(PEERS)/bin/rclip

$(PEERS)/rclip-$(RCLIP):
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install rclip==$(RCLIP)
	@touch $@

# What was installed last is remembered in these files, so that pip runs again only when pyproject.toml changed.
$(VENV)/installed: EXTRAS :=
$(VENV)/installed-dev: EXTRAS := [dev]
$(VENV)/installed $(VENV)/installed-dev: pyproject.toml
	@$(PYTHON) packaging/check_system.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --editable ".$(EXTRAS)"
	@touch $@
