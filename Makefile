# Two commands for a fresh machine with Python 3.11+, make and git:
#   make run    install, fill vectorstore/ from seeds/, start the assistant's page (PORT=8080 for another port;
#               EMBEDDING=BAAI/bge-m3, or any other SentenceTransformer's name or folder, for another embedding model)
#   make test   install what the tests need, check the code, run all tests (`.venv/bin/pytest` runs the quick ones)

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SEEDS ?= seeds
# Another embedding model needs torch, and a store of its own.
ifdef EMBEDDING
export ASSISTANT_EMBEDDING_MODEL := $(EMBEDDING)
export ASSISTANT_STORE := vectorstore-$(notdir $(EMBEDDING))
endif

# Both locks hold for every system and Python; pip takes no file of a package whose SHA-256 digest they have not.
LOCKED := $(PIP) install --quiet --require-hashes --no-deps --requirement
ITSELF := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
COMPILE := uv pip compile --quiet --universal --generate-hashes --constraint constraints.txt --no-annotate --no-header

.PHONY: run install test coverage torture lint format docs bench lock sbom audit clean
.DELETE_ON_ERROR:

install: .venv/run.stamp

run: .venv/run.stamp $(if $(EMBEDDING),.venv/embedding.stamp)
	@$(BIN)/assistant sync $(SEEDS)
	@$(BIN)/assistant models pull local || echo "Going on without a chat model: answers will quote the articles."
	@$(BIN)/assistant serve $(if $(PORT),--port $(PORT))

# First what two processes share, then what needs a browser, a model or much memory, in one process.
test: lint
	@$(BIN)/pytest
	@$(BIN)/pytest --numprocesses 0 -m "browser or model or slow" tests

# Which lines the quick tests run, branch by branch: a table of what they miss, and htmlcov/index.html.
coverage: .venv/test.stamp
	@$(BIN)/pytest --cov --cov-report=term --cov-report=html

# Hours of attacks on the store, the readers and a served page; the tests have a short form. Linux, with a C compiler.
torture: .venv/test.stamp
	@$(BIN)/python benchmarks/torture/disk.py
	@$(BIN)/python benchmarks/torture/damage.py --number 500
	@$(BIN)/python benchmarks/torture/files.py --number 1000
	@$(BIN)/python benchmarks/torture/addresses.py
	@$(BIN)/python benchmarks/torture/served.py --questions 200
	@$(BIN)/python benchmarks/torture/served.py --minutes 30
	@$(BIN)/python benchmarks/injections.py

lint: .venv/test.stamp
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run 'make format'."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > .venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

format: .venv/test.stamp
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

# Writes the help of all commands into docs/cli.md and the settings into docs/settings.md, which tests compare with the
# program; then builds the site.
docs: .venv/test.stamp
	@$(BIN)/python -m typer assistant.cli.main utils docs --name assistant --output docs/cli.md
	@$(BIN)/python docs/write_settings.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "The site is in site/index.html."

# Beside LangChain's recipe, txtai and LlamaIndex, where they are installed: see benchmarks/compare.py. Then a store that
# grows to PASSAGES, a million by default, which takes ten minutes and 5 GB of disk: see benchmarks/growth.py.
bench: .venv/test.stamp
	@$(BIN)/python benchmarks/compare.py --check benchmarks/compare.json
	@$(BIN)/python benchmarks/growth.py --most $(or $(PASSAGES),1000000) --check benchmarks/growth.json

# Renews the locks after a change of pyproject.toml or constraints.txt. torch is in none: each of its indexes (for
# processors, for each CUDA) has other files under the same version. The tool has a throwaway environment of its own.
lock: .venv/bin/python
	@$(PYTHON) -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check --no-input install --quiet uv
	@printf "editables\nhatchling\n" | .venv/lock/bin/$(COMPILE) --python-version 3.11 --output-file requirements.lock \
		--extra local pyproject.toml -
	@.venv/lock/bin/$(COMPILE) --python-version 3.11.5 --output-file requirements-test.lock \
		$(addprefix --extra ,cluster local mcp milvus openai otel postgres dev) pyproject.toml
	@rm -rf .venv/lock

# What is installed, as CycloneDX, in sbom.json. The tool has a throwaway environment of its own.
sbom: .venv/run.stamp
	@$(PYTHON) -m venv .venv/sbom
	@if .venv/sbom/bin/python -m pip --disable-pip-version-check --no-input install --quiet cyclonedx-bom; then \
		.venv/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-file sbom.json $(BIN)/python && \
		echo "The bill of materials is in sbom.json."; \
	else \
		echo "Skipped: the package index cannot be reached."; \
	fi
	@rm -rf .venv/sbom

# Asks the package index for known weaknesses of the pinned versions. What bandit finds in code, `make lint` finds by
# ruff's rules of the same numbers (S).
audit: .venv/bin/python
	@$(PYTHON) -m venv .venv/audit
	@if .venv/audit/bin/python -m pip --disable-pip-version-check --no-input install --quiet pip-audit; then \
		.venv/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict; \
	else \
		echo "Skipped: the package index cannot be reached."; \
	fi

clean:
	rm -rf .venv

.venv/run.stamp: .venv/bin/python pyproject.toml requirements.lock
	@echo "Installing the assistant into .venv (once; about a minute) ..."
	@$(LOCKED) requirements.lock
	@$(ITSELF)
	@touch $@

.venv/embedding.stamp: .venv/run.stamp constraints.txt
	@echo "Installing sentence-transformers and torch into .venv (once; on Linux several gigabytes) ..."
	@$(PIP) install --quiet --no-build-isolation --constraint constraints.txt --editable '.[sentence-transformers]'
	@touch $@

.venv/test.stamp: .venv/bin/python pyproject.toml constraints.txt requirements-test.lock
	@echo "Installing the assistant and its tests into .venv (once; a few minutes) ..."
	@$(LOCKED) requirements-test.lock
	@$(PIP) install --quiet --no-build-isolation --constraint constraints.txt --editable '.[sentence-transformers]'
	@touch .venv/run.stamp
	@touch .venv/embedding.stamp $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: install it, or name it with 'make PYTHON=/path/to/python3'."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Making .venv failed: see above (on Debian: apt install python3-venv)."; exit 1; }
