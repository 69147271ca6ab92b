# Two commands for a newcomer: `make app` and `make test`.
# PYTHON=python3.12 make app    picks another interpreter (3.11 to 3.13).
PYTHON ?= python3
PIP = .venv/bin/python -m pip --quiet --disable-pip-version-check
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: app test lint format soak bench screenshots clean

app: .venv/app.stamp
	.venv/bin/streamlit run streamlit_app.py

test: lint
	.venv/bin/python -m pytest -m "not soak" -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/dev.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

format: .venv/dev.stamp
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

soak: .venv/dev.stamp
	.venv/bin/python -m pytest -m soak --timeout 36000

bench: .venv/dev.stamp
	.venv/bin/python -m benchmarks $(BENCH)

screenshots: .venv/dev.stamp
	.venv/bin/python scripts/take_screenshots.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"lesionlab needs Python 3.11 to 3.13, found {v[0]}.{v[1]}. Install one, or: make PYTHON=python3.12 app")'
	$(PYTHON) -m venv .venv

.venv/app.stamp: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/app.stamp
	$(PIP) install -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
