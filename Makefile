# Everything from a bare checkout: Python 3.11 and its venv module are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every command compiles its libraries anew

.PHONY: install dev demo web node test check lint check-web document bench lock clean

install: $(VENV)/.run        ## the program, as its users have it
dev: $(VENV)/.dev            ## and what its developers need

$(BIN)/uv: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

demo: export WSOPTV_HOME ?= $(CURDIR)/.wsoptv
demo: install node
	@$(BIN)/python -m deployments.web.build --optional
	$(BIN)/wsoptv demo

web: install node            ## the web app, if its sources have changed
	$(BIN)/python -m deployments.web.build

# A Node.js from a wheel, on machines without one.
node: $(BIN)/uv
	@$(BIN)/python -m deployments.web.node || $(INSTALL) --require-hashes -r requirements/web.txt || \
		echo "web: Node.js cannot be installed; WSOPTV shows its plain page"

check: lint check-web

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.prose

check-web: dev node          ## builds the web app, then eslint, tsc and vitest
	@$(BIN)/python -m tests.web.check

# The lints, and the build and check of the web app, run beside the tests, which wait for servers now and then;
# what they found comes last.
test: dev node
	@mkdir -p $(VENV)/log; $(MAKE) --no-print-directory lint >$(VENV)/log/lint 2>&1 & lint=$$!; \
	$(BIN)/python -m tests.web.check >$(VENV)/log/web 2>&1 & web=$$!; \
	$(BIN)/pytest --numprocesses 3 --dist loadgroup --no-loadscope-reorder; tests=$$?; \
	wait $$lint; lints=$$?; [ $$lints = 0 ] || cat $(VENV)/log/lint; \
	wait $$web; pages=$$?; cat $(VENV)/log/web; exit $$((tests + lints + pages))

document: dev                ## writes the description of the API again, after a change of it
	$(BIN)/python -m serving.document > web/openapi.json

bench: dev
	$(BIN)/python -m benchmarks

lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/uv.txt requirements/uv.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/run.txt requirements/build.in pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/web.txt requirements/web.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
