# make install: set up .venv.  make demo: set up and run the default configuration.  make test: set up and run the tests.
PYTHON ?= python3
BIN := .venv/bin
# uv installs in seconds what pip takes a minute for; it is told where pip looks for wheels. Without uv, pip does it.
WHEELS = $(shell $(BIN)/python -m pip config get global.find-links 2>/dev/null)
INSTALL = $(if $(shell test -x $(BIN)/uv && echo uv),UV_FIND_LINKS="$(WHEELS)" $(BIN)/uv pip install --quiet --python $(BIN)/python,$\
	$(BIN)/pip install --quiet --disable-pip-version-check) -c envs/constraints.txt
PYTEST = $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile

.PHONY: install demo test test-all lint docs benchmark gpu peers clean help

help:
	@grep -E '^# ' Makefile | sed 's/^# //'

.venv/.created: envs/constraints.txt
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m venv .venv
	-$(BIN)/pip install --quiet --disable-pip-version-check -c envs/constraints.txt uv
	touch $@

.venv/.installed: .venv/.created pyproject.toml
	$(INSTALL) -e .
	touch $@

.venv/.tested: .venv/.installed
	$(INSTALL) -e '.[test]'
	touch $@

install: .venv/.installed
	@echo "Now: source .venv/bin/activate"

demo: .venv/.installed
	$(BIN)/snakemake --cores all --prioritize information_flow
	@echo "Open results/index.html; tables are in results/tables, figures in results/figures."

test: .venv/.tested
	$(PYTEST)

# make test-all: the tests, 50 kills of whole runs, every study on a Slurm that the tests start (root, Debian), and the
# attacks of other libraries; hours.
test-all: .venv/.tested peers
	KILLS=50 SLURM=studies $(PYTEST)
	$(BIN)/python -m tests.benchmarks.attacks_against_libraries --images 16 --peers-python .peers/bin/python

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

# make gpu: what a machine with a GPU answers within ten minutes: tests of the GPU, then its benchmark as gpu.json.
gpu:
	$(PYTHON) -m pytest tests/gpu --confcutdir=tests/gpu -q
	$(PYTHON) -m tests.benchmarks.gpu --minutes 7 --output gpu.json

# make peers: an environment in .peers with the attack libraries that do not fit beside the project's packages.
peers: .peers/.installed

.peers/.installed: tests/benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .peers
	.peers/bin/pip install --quiet --disable-pip-version-check -c envs/constraints.txt -r $<
	.peers/bin/pip install --quiet --disable-pip-version-check --no-deps -r tests/benchmarks/peers/libraries.txt
	touch $@

# make clean: the environment and Snakemake's bookkeeping; results stay.
clean:
	rm -rf .venv .peers .snakemake
