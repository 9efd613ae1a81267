# Everything runs in a virtual environment of the locked versions; `make help` lists the targets.
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help setup demo test test-slow attacks security bugs commands check style data release lock pictures clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make the virtual environment

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)  ## release the homework, grade sample submissions, print the table
	$(PY) -m autograder release
	$(PY) -m tests.demo demo/submitted
	@# one sample is empty and gets no grade, which grade says by exit code 1
	$(PY) -m autograder grade demo/submitted --out demo/grades --timeout 3 || test $$? -eq 1
	@echo "A page for each submission: demo/grades/<student>/feedback.html"

test: $(READY)  ## run the tests (without the slow ones), side by side
	$(PY) -m pytest -m "not slow" -q -n auto --dist loadfile

test-slow: $(READY)  ## run the slow tests, side by side
	$(PY) -m pytest -m slow -q -rs -n auto --dist loadfile

attacks: $(READY)  ## run the hostile submissions of tests/attacks, at levels A and B
	$(PY) -m pytest -q -p no:cacheprovider tests/test_attacks.py

security: $(READY)  ## renew the table of docs/security.md
	$(PY) -m tests.attack_suite

commands: $(READY)  ## renew docs/commands.md
	$(PY) -m tests.command_page

bugs: $(READY)  ## renew the table of docs/bugs.md
	$(PY) -m tests.bug_table

style: $(READY)  ## lint, format and types
	$(PY) -m ruff check --output-format concise .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

check: style test  ## what a contributor runs before a commit

data: $(READY)  ## download CIFAR-10 into datasets/ (170 MB)
	$(PY) -m utils.download datasets

release: $(READY)  ## make release/two_layer_net and its zip
	$(PY) -m autograder release

lock:  ## renew requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras \
	  --no-header --upgrade pyproject.toml -o requirements.lock

pictures: $(READY)  ## renew the README's pictures (needs chromium)
	$(PY) docs/make_pictures.py

clean:  ## remove what the targets made, except the virtual environment and the data
	rm -rf demo grades artefacts release/*.zip .pytest_cache .mypy_cache .ruff_cache .hypothesis
