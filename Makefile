# Every target does its own set-up from a bare Python 3.11+, make and git.
# demo: a filled platform · serve: an empty one · test, check, bench: for developers.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo serve manage test check check-types check-code check-rows check-texts bench lock editor clean

# uv and Python would otherwise run without compiled modules, several times slower.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
# Trust whom the machine trusts: companies put a certificate of their own before the internet.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif
export SEMGREP_ENABLE_VERSION_CHECK := 0
export SEMGREP_SEND_METRICS := off

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV := .venv
SEMGREP := .venv-semgrep
BIN := $(VENV)/bin
RUN := $(BIN)/python

help:
	@echo "make demo    a filled platform on this machine (DEMO_ONCE=1: stop after the job)"
	@echo "make serve   an empty platform (PORT, DATA_DIR)"
	@echo "make manage ARGS='create_organization --help'   manage.py against it"
	@echo "make test | check | bench   tests; all checks; figures"

$(VENV)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv); name another one with PYTHON=."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.base: $(VENV)/.uv requirements/base.txt
	@echo "Installing the platform's packages …"
	@$(BIN)/uv pip install --quiet --python $(RUN) --require-hashes --compile-bytecode -r requirements/base.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	@echo "Installing the packages for tests and checks …"
	@$(BIN)/uv pip install --quiet --python $(RUN) --require-hashes --compile-bytecode -r requirements/dev.txt
	@touch $@

$(SEMGREP)/.done: $(VENV)/.uv requirements/semgrep.txt
	@echo "Installing Semgrep, in an environment of its own …"
	@$(BIN)/uv venv --quiet --allow-existing --python $(RUN) $(SEMGREP)
	@$(BIN)/uv pip install --quiet --python $(SEMGREP)/bin/python --require-hashes --compile-bytecode -r requirements/semgrep.txt
	@touch $@

demo: $(VENV)/.base $(SEMGREP)/.done
	@$(RUN) -m assistant_platform.supervisor demo

serve: $(VENV)/.base $(SEMGREP)/.done
	@$(RUN) -m assistant_platform.supervisor serve

manage: $(VENV)/.base $(SEMGREP)/.done
	@$(RUN) manage.py $(ARGS)

test: $(VENV)/.dev $(SEMGREP)/.done
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 30 $(ARGS)

check: $(VENV)/.dev $(SEMGREP)/.done
	@mkdir -p .cache
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check-types check-code check-rows check-texts

# Parts of `check`, the longest first: two of them run side by side.
check-types:
	@$(BIN)/mypy .

check-code:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check --no-cache .
	@$(BIN)/lint-imports
	@$(SEMGREP)/bin/semgrep test --json .semgrep >.cache/semgrep-tests.json || { cat .cache/semgrep-tests.json; exit 1; }
	@$(SEMGREP)/bin/semgrep scan --experimental --metrics=off --disable-version-check --error --quiet \
		--config .semgrep --exclude .semgrep --exclude demo/shop --exclude demo/rules .

check-rows:
	@$(RUN) manage.py makemigrations --check --dry-run
	@$(RUN) manage.py check --database default --fail-level WARNING

check-texts:
	@$(BIN)/djlint --quiet --check --lint templates
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(RUN) -m pytest --quiet --no-header -p no:cacheprovider tests/laws

bench: $(VENV)/.base $(SEMGREP)/.done
	@$(RUN) -m bench $(ARGS)

lock: $(VENV)/.uv
	@cd requirements && for name in base semgrep uv; do \
	../$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 $$name.in -o $$name.txt; done
	@cd requirements && ../$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 -c base.txt dev.in -o dev.txt

# The only thing here that wants Node; what it builds is committed, so that nobody else needs it.
editor:
	@cd editor && npm ci --silent && npm run --silent build

clean:
	rm -rf $(VENV) $(SEMGREP) .cache .data staticfiles
