# photofind from a checkout: `make run` opens it, `make test` tests it. All is installed into .venv, peers into .venv-peers.
#   make run PHOTOS="$HOME/Pictures"   watch that folder at once
#   make test PYTHON=python3.12         use another Python (3.11 or newer); delete .venv to change it later
#   make test TESTS=tests/gui           only the tests in there
#   make bench million                  only the benchmark of that name

PYTHON ?= python3
PHOTOS ?=
export PHOTOS
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
RCLIP := 3.3.0
MUTANTS := .venv-mutants
MUTMUT := 3.8.1
MINUTES ?= 60
# What is tested with: versions and hashes, written by `make lock`.
LOCK := packaging/requirements-dev.txt
IS_LOCKED := import sys; sys.exit(not (sys.platform == "linux" and (3, 11) <= sys.version_info[:2] <= (3, 14)))
LOCKER := .venv-lock
PURELIB := import sysconfig; print(sysconfig.get_path("purelib"))
UPGRADE ?=
TESTS ?=
OPTIONS ?=
# One process more than there are cores, since many a test waits; each goes on with what another has not begun.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
TESTER ?= $(BIN)/python
PYTEST = $(TESTER) -m pytest --numprocesses=$(WORKERS) --dist=worksteal --durations=30
# Of the planted faults, only those in what this names, as photofind.core.vectors*
ONLY ?=
# Of the long tests, only this third: 0, 1, 2, or `commit` for the one that the number of the commit chooses.
THIRD ?=

.PHONY: run test test-long check lock bench bench-peers mutants

run: $(VENV)/installed
	@$(BIN)/photofind $${PHOTOS:+"$$PHOTOS"}

test: $(VENV)/installed-dev
	$(PYTEST) $(OPTIONS) $(TESTS)

# The tests that take long: crashes at every write, damage, fuzz, soak.
test-long: $(VENV)/installed-dev
	$(PYTEST) -m long $(THIRD:%=--third=%) $(OPTIONS) $(TESTS)

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One JSON object a line: name, value, unit, and the bound or peer it is a ratio of.
# `make bench million` measures that alone, and so with every name that `tests/bench` has.
BENCHES := $(filter $(basename $(notdir $(wildcard tests/bench/*.py))),$(MAKECMDGOALS))
bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench $(BENCHES)

ifneq ($(BENCHES),)
.PHONY: $(BENCHES)
$(BENCHES): bench ;
endif

# The same lines, against the program rclip itself, which is installed from the package index into .venv-peers.
bench-peers: $(VENV)/installed-dev $(PEERS)/rclip-$(RCLIP)
	@$(BIN)/python -m tests.bench.peers $(PEERS)/bin/rclip

$(PEERS)/rclip-$(RCLIP):
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install rclip==$(RCLIP)
	@touch $@

# Which faults planted into answers, sync and vectors no test notices; for so many minutes, and on from there the next time.
# pyproject.toml says where faults are planted. A fault that mypy notices counts as noticed.
mutants: $(VENV)/installed-dev $(MUTANTS)/mutmut-$(MUTMUT)
	-PATH="$(CURDIR)/$(MUTANTS)/bin:$$PATH" QT_QPA_PLATFORM=offscreen timeout $(MINUTES)m mutmut run --max-children 1 $(ONLY)
	@$(MUTANTS)/bin/mutmut results | grep -E ': (survived|no tests|suspicious)$$' || true
	@$(MUTANTS)/bin/mutmut results --all true | sed -n 's/^ .*: //p' | sort | uniq -c

# An environment of its own, which sees what is installed in the other.
$(MUTANTS)/mutmut-$(MUTMUT): $(VENV)/installed-dev
	$(PYTHON) -m venv $(MUTANTS)
	$(BIN)/python -c '$(PURELIB)' > "$$($(MUTANTS)/bin/python -c '$(PURELIB)')/tested.pth"
	$(MUTANTS)/bin/python -m pip install mutmut==$(MUTMUT)
	@touch $@

# Keeps the versions that are there where they fit; `make lock UPGRADE=1` takes the newest. One file for all systems:
# uv, which is installed for this alone, works out every system's. What pip is told to stay below, uv is told too.
lock: $(LOCKER)/bin/uv
	@UV_CONSTRAINT=$$($(PYTHON) -m pip config list | sed -n "s/^global.constraint='\(.*\)'$$/\1/p") \
	$(LOCKER)/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --output-file $(LOCK) \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
		$(if $(UPGRADE),--upgrade) --quiet

$(LOCKER)/bin/uv:
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/python -m pip install 'uv>=0.9'

# What was installed last is remembered in these files, so that pip runs again only when what it is told changed.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) packaging/check_system.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --editable .
	@touch $@

# Hashes are checked of all that is downloaded, so photofind itself, which has none, is installed after the rest.
$(VENV)/installed-dev: pyproject.toml $(LOCK)
	@$(PYTHON) packaging/check_system.py
	$(PYTHON) -m venv $(VENV)
	@if [ -n "$(LOCK)" ] && $(BIN)/python -c '$(IS_LOCKED)'; then set -ex; \
		$(BIN)/python -m pip install --require-hashes --requirement $(LOCK); \
		$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .; \
	else echo 'No lock file is used for this system and Python: what pyproject.toml allows is installed, in its newest versions.'; \
		set -ex; $(BIN)/python -m pip install --upgrade pip; $(BIN)/python -m pip install --editable '.[dev]'; \
	fi
	@touch $@
