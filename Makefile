# Everything runs in a private virtual environment, .venv; `make help` lists the targets.
# PYTHON names the interpreter to make it with (3.11 or later): make PYTHON=python3.12 test

# Set-up runs while this file is read, not as a recipe: when it fails it has said why in one
# sentence, and `--question` then ends make with code 1 and without a word of its own.
WORK := run ui test quick browser
ifneq ($(filter $(WORK),$(MAKECMDGOALS)),)
SETUP := $(shell PYTHON='$(PYTHON)' sh tools/setup.sh && echo done)
ifneq ($(SETUP),done)
MAKEFLAGS += -q
FAILED := yes
endif
endif

PY := .venv/bin/python -m
# One thread per test process: the processes share the cores already.
PYTEST := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(PY) pytest -n auto

.DEFAULT_GOAL := help
.PHONY: $(WORK) lock clean help

ifdef FAILED
$(WORK): ; @exit 1
else

run: ## solve the shipped example, write results/forge_all_stages
	@.venv/bin/pricing solve forge_all_stages --out results/forge_all_stages --force

ui: ## open the app, http://127.0.0.1:8501
	@.venv/bin/pricing ui

test: ## everything: style, types, all tests, coverage
	$(PY) ruff check .
	$(PY) ruff format --check .
	$(PY) mypy
	$(PYTEST) --cov

quick: ## all but the slowest tests
	$(PYTEST) -m "not slow"

browser: ## the app in a real browser; part of `make test`, needs Chromium
	$(PYTEST) tests/browser

endif

lock: ## rewrite requirements.lock (needs the network); UPGRADE=1 takes newer versions
	@PYTHON='$(PYTHON)' sh tools/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## remove caches and build output; keeps .venv and results
	rm -rf dist build .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find pricing tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-9s%s\n", $$1, $$2 }' Makefile
