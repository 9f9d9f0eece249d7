# make notes   the lecture notes of every spec in problems/ and problems/calculus/, and the course in problems/lectures/, into build/
# make sheets  a sheet to work on and its key for each network of problems/, as PDF, into build/
# make exam    an exam of three problems for a class of thirty, with keys and answers, into build/
# make test    the tests (those of the renderers need node, Chromium and Java, and say so)
# make check   format, lint, types and the fast tests, in about a minute
# make measures  what the proofs catch and what keys accept, in full size, into docs/measures/ (an hour)
# make site    the documentation as a site, into build/site
# make gallery   the pictures of grids and circuits in docs/gallery/ (needs pdftoppm)
# make bench   what it costs on this machine, into benchmarks/results.md
# Each sets up everything by itself the first time.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
RENDERERS := tests/render/node_modules/.package-lock.json

# a test for each idea that needs no renderer and no long run
FAST := $(patsubst %,tests/test_%.py,gates codes draws number trigonometry formulas parameters derivative simplify laws follows backward tape views)
.PHONY: notes sheets exam check test measures gallery site bench clean

notes: $(INSTALLED)
	$(BIN)/worksheet notes problems problems/calculus problems/lectures --out build --thorough

sheets: $(INSTALLED)
	$(BIN)/worksheet sheet problems --out build

exam: $(INSTALLED)
	$(BIN)/worksheet exam problems/exams/midterm.yaml --out build --replace

check: $(INSTALLED)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto $(FAST)

test: $(INSTALLED) $(RENDERERS)
	$(BIN)/python -m pytest -n auto --dist loadgroup

measures: $(INSTALLED)
	WORKSHEET_MEASURES=full $(BIN)/python -m pytest -n auto tests/measures

site: $(INSTALLED)
	$(BIN)/python docs/site.py

gallery: $(INSTALLED)
	$(BIN)/python docs/gallery/make.py

bench: $(INSTALLED)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/run.py | tee benchmarks/results.md

clean:
	rm -rf .venv dist tests/render/node_modules
	find build -mindepth 1 ! -name README.md -delete

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(RENDERERS): tests/render/package-lock.json
	@if command -v npm >/dev/null; then cd tests/render && npm ci --no-audit --no-fund && touch node_modules/.package-lock.json; \
	else echo 'no npm here: the tests of the renderers will be skipped'; fi
