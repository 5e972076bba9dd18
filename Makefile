# Shortcuts for working on provenly. The environment is made once, in .venv.
.PHONY: check fuzz lint test bench

.venv: pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet -e '.[test,lint]'
	touch .venv

check: lint test

lint: .venv
	PATH="$(CURDIR)/.venv/bin:$$PATH" tools/lint

test: .venv
	.venv/bin/pytest -n auto

fuzz: .venv
	.venv/bin/pip install --quiet 'atheris>=3'
	for target in tests/fuzz/fuzz_*.py; do .venv/bin/python $$target -max_total_time=60 || exit 1; done

bench: .venv
	.venv/bin/python bench/run.py
