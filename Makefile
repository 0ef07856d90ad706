PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: demo test test-large lint format bench bench-fashion bench-minutes bench-ring

$(VENV)/installed: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test,lint]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/keras-gans train dcgan --data digits --minutes 3 --set upsampling=resize --set hidden=128,128

test: $(VENV)/installed
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-large: $(VENV)/installed
	$(BIN)/python -m pytest -m large -s

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.layers
	$(BIN)/python -m benchmarks.cycle_step
	$(BIN)/python -m benchmarks.stylegan2_step
	$(BIN)/python -m benchmarks.metric_speed
	$(BIN)/python -m benchmarks.precision
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.inception_speed

bench-fashion: $(VENV)/installed
	$(BIN)/python -m benchmarks.fashion

bench-minutes: $(VENV)/installed
	$(BIN)/python -m benchmarks.minutes

bench-ring: $(VENV)/installed
	$(BIN)/python -m benchmarks.ring
