# Two targets do all the set-up by themselves: `make sweep` runs a real sweep, `make test` the tests.
# Both make the virtual environment .venv first and use it again while it is up to date.
.DEFAULT_GOAL := help
.PHONY: help sweep test check format lint types layers docs docker environment clean

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON_FILES := lrsweep studies tests benchmarks docs

help: ## show this list
	@awk -F ':.* ## ' '/^[a-z]+:.* ## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

sweep: environment ## sweep the learning rate of the bundled study: RUN="..." changes the options
	$(BIN)/lrsweep run $(RUN)

test: environment ## run the tests: TESTS="tests/repo -k wheel" narrows them
	$(BIN)/python -m pytest -n 2 $(TESTS)

check: lint types layers docs docker test ## all of what .ci/run checks, in .venv

format: environment ## lay the code out and mend what ruff can mend
	$(BIN)/ruff format $(PYTHON_FILES)
	$(BIN)/ruff check --fix $(PYTHON_FILES)

lint: environment ## ruff: layout and lint
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/ruff check $(PYTHON_FILES)

types: environment ## mypy, strict
	$(BIN)/mypy
	$(BIN)/mypy studies/mnist-cnn/train.py

layers: environment ## import-linter: who may import whom
	$(BIN)/lint-imports --no-logo

docs: environment ## are the generated pages up to date?
	$(BIN)/python docs/generate_reference.py --check

docker: environment ## hadolint on the Dockerfile
	$(BIN)/hadolint Dockerfile

environment: ## make or refresh .venv
	@PYTHON="$(PYTHON)" .ci/environment "$(VENV)"

clean: ## remove .venv, caches and built packages
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
