# Only names for commands; offices without make type the commands themselves (README).
# The newest Python from 3.11 on that is there and starts.
PYTHON ?= $(shell for v in 3.14 3.13 3.12 3.11 3; do python$$v -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo python$$v && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help env report test test-fast attack verbund benchmark benchmark-menge lab browser bubblewrap lint sbom audit-lock lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# uv installs the lock in seconds; where it cannot be had or reach the index, pip reads the same lock.
$(VENV)/.ready: requirements.lock requirements-uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Kein Python ab 3.11 gefunden. Eines einrichten, oder: make PYTHON=/pfad/zu/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

env: $(VENV)/.ready ## set up the environment as the lock says

report: $(VENV)/.ready ## build the demo city's report of the default Stichtag
	$(BIN)/sozcontrol demo --stichtag 2024-06-30 --stichtag 2025-06-30
	$(BIN)/sozcontrol check --stichtag 2024-06-30
	$(BIN)/sozcontrol run

test: $(VENV)/.ready ## run the test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not thorough"

test-fast: $(VENV)/.ready ## run what needs no kernel, server or browser
	$(BIN)/python -m pytest -m "not notebook and not browser and not server and not real"

attack: $(VENV)/.ready ## what `make test` takes a sample of: whole kinds of faults, five hundred random reports
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m thorough
	SOZCONTROL_ANGRIFFE=500 $(BIN)/python -m pytest -q -n 2 tests/test_gegenprobe_zufall.py

.venv-verbund/.ready: requirements-verbund.lock $(VENV)/.ready
	$(PYTHON) -m venv .venv-verbund
	$(BIN)/uv pip install --quiet --python .venv-verbund/bin/python --compile-bytecode --require-hashes -r requirements-verbund.lock
	.venv-verbund/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

verbund: .venv-verbund/.ready ## measures on Spark, runs on a Dask cluster: in an environment of its own, needs Java 17
	.venv-verbund/bin/python -m pytest -m verbund

benchmark: $(VENV)/.ready ## how fast the press is against papermill, nbconvert and Great Expectations by hand; about five minutes
	$(BIN)/python benchmarks/presse.py

benchmark-menge: $(VENV)/.ready ## what a large delivery, ten million cases and ten municipalities take; about four minutes
	$(BIN)/python benchmarks/menge.py

browser: ## install what the browser tests need (Debian's Chromium, axe-core from npm)
	command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium)
	npm ci --silent --no-audit --no-fund

bubblewrap: ## install what shuts notebooks off from the key, raw files and reports (Debian's bubblewrap)
	command -v bwrap >/dev/null || (apt-get update -qq && apt-get install -y -qq bubblewrap)

lab: requirements-lab.lock ## open JupyterLab in its own environment
	@test -n "$(PYTHON)" || { echo "Kein Python ab 3.11 gefunden. Eines einrichten, oder: make PYTHON=/pfad/zu/python3" >&2; exit 1; }
	test -x .venv-lab/bin/jupyter || $(PYTHON) -m venv .venv-lab
	.venv-lab/bin/python -m pip install --quiet --require-hashes -r requirements-lab.lock
	.venv-lab/bin/python -m pip install --quiet --no-deps --editable .
	.venv-lab/bin/jupyter lab --ip=127.0.0.1 notebooks

lint: $(VENV)/.ready ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv-tools/.ready: requirements-tools.lock
	@test -n "$(PYTHON)" || { echo "Kein Python ab 3.11 gefunden. Eines einrichten, oder: make PYTHON=/pfad/zu/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv-tools
	.venv-tools/bin/python -m pip install --quiet --require-hashes -r requirements-tools.lock
	touch $@

sbom: .venv-tools/.ready ## list what the lock installs (CycloneDX): build/sbom.json
	@mkdir -p build
	.venv-tools/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json requirements.lock

audit-lock: .venv-tools/.ready ## look for known vulnerabilities of the lock; needs the index, and says so
	.ci/audit-lock

lock: $(VENV)/.ready ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra test pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra test --extra lab pyproject.toml -o requirements-lab.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra test --extra verbund -c requirements.lock pyproject.toml -o requirements-verbund.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group tools -o requirements-tools.lock

clean: ## forget the environments
	rm -rf $(VENV) .venv-lab .venv-tools
