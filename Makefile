# make install: set up .venv.  make demo: set up and run the default configuration.  make test: set up and run the tests.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check -c envs/constraints.txt

.PHONY: install demo test lint docs benchmark clean help

help:
	@grep -E '^# ' Makefile | sed 's/^# //'

.venv/.installed: pyproject.toml envs/constraints.txt
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv .venv
	$(INSTALL) -e .
	touch $@

.venv/.tested: .venv/.installed
	$(INSTALL) -e '.[test]'
	touch $@

install: .venv/.installed
	@echo "Now: source .venv/bin/activate"

demo: .venv/.installed
	$(BIN)/snakemake --cores all --prioritize information_flow
	$(BIN)/python -m workflow_scripts.publication.report
	@echo "Open results/report.html; tables are in results/tables, figures in results/figures."

test: .venv/.tested
	$(BIN)/python -m pytest

# make lint: ruff, snakefmt and Snakemake's own linter.
lint: .venv/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

.venv/.documented: .venv/.installed
	$(INSTALL) -e '.[docs]'
	touch $@

# make docs: the documentation as a site in site/; a broken link is an error.
docs: .venv/.documented
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html."

# make benchmark: mutual information against scikit-learn, attacks against Foolbox and ART, filter saliency against a
# loop, adversarial training; large plans; jobs' starts.
benchmark: .venv/.tested
	$(BIN)/python -m tests.benchmarks.mutual_information
	$(BIN)/python -m tests.benchmarks.attacks_against_libraries
	$(BIN)/python -m tests.benchmarks.saliency_by_vmap
	$(BIN)/python -m tests.benchmarks.adversarial_training
	$(BIN)/python -m tests.benchmarks.planning --dry-run
	$(BIN)/python -m tests.benchmarks.job_start

# make clean: the environment and Snakemake's bookkeeping; results stay.
clean:
	rm -rf .venv .snakemake
