# `make` lists what it can do. Everything lives in .venv and var; nothing is installed system-wide.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
# Two at once would install into one .venv.
.NOTPARALLEL:
.PHONY: help setup setup-dev client client-test keep-client demo up down test check format types imports migrations torture bench bench-day bench-intake bench-client bench-learning bench-money bench-plays pictures lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: .venv/setup-run ## Make .venv with what the product needs

setup-dev: .venv/setup-dev ## Make .venv with what its makers need besides

.venv/setup-run: pyproject.toml constraints.txt tools/setup.py
	$(PYTHON) tools/setup.py run

.venv/setup-dev: pyproject.toml constraints.txt tools/setup.py
	$(PYTHON) tools/setup.py dev

client: setup ## Build the client for H5, WeChat and Alipay
	$(BIN)/python tools/client.py build

client-test: setup ## Check and test the client: types, components, mini-program
	$(BIN)/python tools/client.py test

keep-client: setup ## Keep the built client for the tests of later servers
	$(BIN)/python tools/client.py keep

demo: setup client ## Live one day of Wuhan in minutes and leave the site up
	$(BIN)/lintuan demo $(DEMO)

up: setup client ## Run an empty installation on this machine
	$(BIN)/lintuan up --state var/own

down: ## Stop what demo or up left running
	$(BIN)/lintuan down
	$(BIN)/lintuan down --state var/own

test: setup-dev client ## Run the tests on a real PostgreSQL, with Chromium where there is one
	$(BIN)/pytest

check: setup-dev client client-test ## What CI runs: client and its tests, format, lint, types, imports, migrations, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/with_database.py $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/pytest

format: setup-dev ## Put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: setup-dev ## mypy alone
	$(BIN)/mypy

imports: setup-dev ## The import contracts alone
	$(BIN)/lint-imports

migrations: setup-dev ## Make migrations for changed models (NAME=... ROOM=...)
	$(BIN)/python tools/with_database.py $(BIN)/python manage.py makemigrations $(ROOM) -n $(NAME)

bench: bench-day bench-intake bench-client bench-learning bench-money bench-plays ## Run all benchmarks

bench-day: setup-dev ## Measure the simulated day; ends with one JSON line
	$(BIN)/python -m bench.day

bench-intake: setup-dev ## Measure orders, shelf and purchases against PostgreSQL's own limits (QUICK=1: 3 minutes)
	$(BIN)/python -m bench.intake $(BENCH)

bench-client: setup-dev client ## Measure the H5 client in Chromium on slow 4G with a slow processor
	$(BIN)/python -m bench.client $(BENCH)

bench-learning: setup-dev ## Measure what trials, offers and hindsight of plays are worth in simulated markets
	$(BIN)/python -m bench.learning $(BENCH)

bench-money: setup-dev ## Measure how a day of a million order lines is settled, and purchases under faults (QUICK=1: 3 minutes)
	$(BIN)/python -m bench.money $(BENCH)

bench-plays: setup-dev ## Measure plays: the catalogue, the engine, what hearing costs while orders flow (QUICK=1: 3 minutes)
	$(BIN)/python -m bench.plays $(BENCH)

torture: setup-dev ## Kill, starve, poison and flood a site of its own, 20 rounds (ROUNDS=...)
	$(BIN)/python -m tests.journeys.torture --rounds $(or $(ROUNDS),20) $(TORTURE)

pictures: setup-dev client ## Take the README's pictures of a day lived for them (PICTURES=...)
	$(BIN)/python tools/pictures.py $(PICTURES)

lock: setup-dev ## Write constraints.txt from what .venv holds
	$(BIN)/python tools/lock.py

clean: ## Remove .venv and var (the demo's data too)
	-$(BIN)/lintuan down
	-$(BIN)/lintuan down --state var/own
	rm -rf .venv var
