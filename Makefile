# Two commands are all the set-up: `make demo` and `make test`. Both build their own environment.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-pythons coverage check check-room bench docs wheel clean

demo: $(STAMP) ## run the main job on the embedded race, the 6 Hours of Imola 2024
	@mkdir -p build
	@$(BIN)/dryline demo --out build/imola-2024-simulated.csv --report build/imola-2024-report

test: $(STAMP) ## the whole test suite
	@scripts/install-chromium
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test-pythons: ## the whole test suite on every supported Python that is installed
	@scripts/test-pythons

coverage: $(STAMP) ## the whole test suite, and which branches of the source it never took
	@scripts/install-chromium
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=html:build/coverage --cov-report=term:skip-covered

check: $(STAMP) ## format, lint, types, storeys
	@scripts/check

check-room: $(STAMP) ## the same and its quick tests for one room: make check-room R=race
	@scripts/check-room "$(R)"

bench: $(STAMP) ## benchmarks, judged by ratios within one run
	@$(BIN)/python -m pytest benchmarks -o python_files='bench_*.py' --benchmark-columns=median,min,max,rounds --benchmark-sort=name

docs: $(STAMP) ## the documentation as a site in docs/_build/html, every warning an error
	@$(BIN)/python -m sphinx -W -E --keep-going -q -b html -d docs/_build/doctrees docs docs/_build/html
	@echo "open docs/_build/html/index.html"

wheel: $(STAMP) ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation

clean: ## remove what the commands above made
	rm -rf $(VENV) $(VENV)-3.* dist build docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up Dryline in $(VENV) (a minute or two, once)..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check hatchling editables -c constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[dev]' -c constraints.txt
	@touch $(STAMP)
