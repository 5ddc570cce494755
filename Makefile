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

.PHONY: run install test coverage lint format docs clean
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

clean:
	rm -rf .venv

.venv/run.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing the assistant into .venv (once; about a minute) ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[local]'
	@touch $@

.venv/embedding.stamp: .venv/run.stamp
	@echo "Installing sentence-transformers and torch into .venv (once; on Linux several gigabytes) ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[local,sentence-transformers]'
	@touch $@

.venv/test.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing the assistant and its tests into .venv (once; a few minutes) ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[all,dev]'
	@touch .venv/run.stamp
	@touch .venv/embedding.stamp $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: install it, or name it with 'make PYTHON=/path/to/python3'."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Making .venv failed: see above (on Debian: apt install python3-venv)."; exit 1; }
