# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
BROWSER ?= /usr/bin/chromium

.PHONY: demo test check test-long test-ui lock bench clean

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/^[^ ]*==/{/^uv==/p;/^    --hash/p}' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch .venv/ready

demo: .venv/ready            ## Set up and run the main job on the bundled sample.
	$(BIN)/regulars demo

test: .venv/ready            ## Run the tests.
	$(BIN)/pytest -q -m "not ui and not long" -n 2 --dist worksteal

check: .venv/ready           ## Linters, types, contracts and the tests.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar sql
	$(BIN)/regulars check
	$(MAKE) test

test-long: .venv/ready       ## Run the tests of many whole runs and random shops.
	$(BIN)/pytest -q -m long -n 2 --dist worksteal

test-ui: .venv/ready         ## Drive the UI in a real browser; needs Debian's chromium.
	REGULARS_BROWSER=$(BROWSER) $(BIN)/pytest -q -m ui tests/ui

bench: .venv/ready           ## Measure speed as ratios, on generated data; takes minutes.
	$(BIN)/python -m tests.benchmarks.speed
	$(BIN)/python -m tests.benchmarks.parsing
	$(BIN)/python -m tests.benchmarks.workbooks
	$(BIN)/python -m tests.benchmarks.backfilling

lock: .venv/ready            ## Renew requirements.lock from pyproject.toml.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev \
	  --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

clean:                       ## Remove what runs have made.
	rm -rf output .venv
