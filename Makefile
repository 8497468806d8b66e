# Every target does all set-up itself; a second call finds the stamps and starts at once.
#   make demo    compare one published network on three simulators, write demo/
#   make test    style, types, layers, then every test
#   make quick   the same without the slow tests
#   make lint    style, types, layers
#   make docs    docs/_build/html
#   make smoke   some tests and one comparison under another Python (PYTHON=python3.13)
# PYTHON=path chooses the interpreter, JOBS=n the number of test processes.

BIN := .venv/bin
JOBS ?= 2
USE := $(BIN)/.installed-demo
DEV := $(BIN)/.installed-dev
# What Brian2 compiles needs no debugger's tables: a quarter of the compiler's time.
# Results of NEST's modules do not hang on the optimisation, and -O1 takes three quarters of the time;
# with its headers parsed once for all, half of it.
O1 = $(CXXFLAGS) -O1
HEADERS := $(CURDIR)/build/tests/nest.h
PYTEST = CFLAGS="$(CFLAGS) -g0" CXXFLAGS="$(O1) -include '$(HEADERS)'" \
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# Bytecode of our own modules is kept even where the machine says otherwise: each test process reads it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick lint smoke format docs clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@sed -n 's/^#   //p' Makefile

$(USE): pyproject.toml setup.py tools/setup
	@tools/setup brian2,nest,report
	@touch $@

# After the lighter set, so that `make -j` never has two installers in one environment.
$(DEV): pyproject.toml setup.py tools/setup
	@tools/setup brian2,nest,pynn,report,export,dev
	@touch $(USE) $@

demo: $(USE)
	$(BIN)/spikebridge compare networks/cuba --on brian2,nest,reference --duration "1 s" -o demo/

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

$(HEADERS): $(DEV) tools/precompile
	CXXFLAGS="$(O1)" $(BIN)/python tools/precompile $@

test: lint $(HEADERS)
	$(PYTEST)

quick: lint $(HEADERS)
	$(PYTEST) -m "not slow"

smoke:
	tools/smoke $(or $(PYTHON),python3.13)

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf .venv build dist demo docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis
