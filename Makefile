# `make` lists what there is to do. Everything is set up on the way, inside this folder.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.PHONY: help run say bulk unit test test-all lint audit bench bench-jobs bench-bulk bench-table fuzz soak docs openapi voices corpus upload-voices train-small eval-small lock \
  clean sam

# Python 3.11 to 3.14; make PYTHON=/path/to/python chooses one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
# torch's Linux build is the CUDA one: 8 GB installed, and as much in uv's cache on another disk.
INSTALL_GB := 10
MINUTES := 90
VOCODER_MINUTES := 22
CORPUS := build/small/corpus
HOURS := 4
CALLS := 5000
SEED := 0
# Debian's wordnet-base.
WORDNET := /usr/share/wordnet
# The teacher's voices; models.kokoro knows the checksum.
PACKS := build/teacher/kokoro-js-1.2.1.tgz
# Debian's libjemalloc2, where it is installed: with it and huge pages a training step took 0.38 s and not 0.60 s.
JEMALLOC = $(shell ldconfig -p | sed -n 's/.*libjemalloc\.so\.2 .* => //p' | head -1)
# What `make test` needs for all tests.
EVERYTHING := .venv-lambda/installed .venv-policy/installed .venv-sagemaker/installed build/deploy/packages sam lint
UV := .venv/bin/uv
# Exactly what is locked: f5-tts asks for packages that nothing here imports, and the lock files leave them out.
INSTALL := $(UV) pip install --no-deps --require-hashes --python
COMPILE := $(UV) pip compile -q --no-emit-index-url --generate-hashes --no-header --no-annotate
COMPILE_ANYWHERE := $(COMPILE) --universal --python-version 3.11

export SAM_CLI_TELEMETRY := 0

help: ## list these targets
	@sed -n -e 's/^##@ \(.*\)/\n\1/p' -e 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

##@ Hear it

# MODEL names a model of the hub, which is fetched once; MODEL_DIR a directory; neither the small one of models/.
define model_dir
export MODEL_DIR="$(MODEL_DIR)"
[ -z "$(MODEL)" ] || MODEL_DIR=$$(.venv/bin/python -W ignore -m deploy.model "$(MODEL)")
endef

run: .venv/installed-run ## start the whole stack on this machine (PORT=3000, MODEL=, MODEL_DIR=) and keep it up until Ctrl-C
	@$(model_dir)
	exec .venv/bin/python -m local.stack

say: .venv/installed-run ## speak TEXT without servers (CHAMPION=ahri, OUT=say.wav, QUALITY=standard, FORMAT=, MODEL=, MODEL_DIR=)
	@$(model_dir)
	exec .venv/bin/python -W ignore -m local.say

bulk: .venv/installed-run ## speak all LINES (files, s3://) into OUT (VOICES=voices, MODEL_DIR=, ARGS="--keep-going"): docs/bulk.md
	@.venv/bin/python -W ignore -m bulk $(LINES) $(if $(OUT),--out "$(OUT)") \
	  $(if $(VOICES),--voices "$(VOICES)") $(if $(MODEL_DIR),--model "$(MODEL_DIR)") $(ARGS)

##@ Prove it

# In a process a core: a file's tests stay together. The models of these tests are so small that threads wait for each
# other longer than they compute.
UNIT := OMP_NUM_THREADS=1 .venv/bin/pytest tests/unit --numprocesses logical --dist loadfile

unit: .venv/installed-test ## the quick unit tests alone, a minute
	@$(UNIT) -m "not slow"

# Tests that TESTS names and that need more than this say so, or are left out. Stacks and browsers want the cores alone.
test: .venv/installed-test $(if $(TESTS),,$(EVERYTHING)) ## check, build and test, but for the slow proofs; TESTS="tests/unit/api -k kept": only these
	@$(if $(TESTS),exec .venv/bin/pytest $(TESTS))
	$(UNIT)
	.venv/bin/pytest --ignore tests/unit -m "not slow"

test-all: test ## the same, and the slow proofs
	@.venv/bin/pytest --ignore tests/unit -m slow

lint: .venv/installed-test ## ruff, mypy, and which part may import which
	@.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/pytest --quiet tests/unit/test_imports.py

# What runs in AWS beside its containers, by the lock files that say so.
DEPLOYED := api/requirements.txt deploy/requirements-ray.lock deploy/requirements-pytorch.lock
LICENCES := Apache;BSD;MIT;PSF;Python Software Foundation;CNRI
# num2words is under the LGPL, and replaceable in model.tar.gz. vocos is MIT and does not say so to the package index.
# encodec's authors put it under MIT in 2023 (facebookresearch/encodec, issue 48), after this version; vocos imports it.
LICENCES_READ := num2words vocos encodec

audit: .venv-audit/installed .venv/installed-test ## licences and bills of materials of what is deployed; then known advisories, from the network
	@mkdir -p build/sbom
	for lock in $(DEPLOYED); do
	  name=$$(tr / - <<<"$${lock%.*}")
	  .venv-audit/bin/cyclonedx-py requirements --output-reproducible "$$lock" -o "build/sbom/$$name.cdx.json"
	done
	echo "Bills of materials (CycloneDX): build/sbom/"
	packages=$$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' $(DEPLOYED) | sort -u)
	.venv-audit/bin/pip-licenses --python .venv/bin/python --packages $$packages --ignore-packages $(LICENCES_READ) \
	  --partial-match --allow-only "$(LICENCES)" --format markdown
	for lock in $(DEPLOYED); do
	  .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r "$$lock" || {
	    echo "pip-audit found advisories in $$lock, or could not ask the package index: its words above say which." >&2
	    exit 1
	  }
	done

sam: .venv-sam/installed
	@PATH="$$PWD/.venv-sam/bin:$$PATH" sam build --beta-features

fuzz: .venv/installed-test ## send every door of the stack made-up requests and events, CALLS=5000 of each kind; fails at the first 5xx
	@CALLS="$(CALLS)" .venv/bin/pytest tests/integration/test_schema.py tests/integration/test_mutations.py

##@ Measure it

bench: .venv/installed-test ## measure this machine, some minutes; GPU rows where there is a GPU
	@.venv/bin/python -W ignore -m bench.engine
	.venv/bin/python -W ignore -m bench.stack
	.venv/bin/python -m bench.table

bench-jobs: .venv/installed-test ## measure jobs: a chapter, fifty beside lines, what each adds
	@.venv/bin/python -W ignore -m bench.jobs
	.venv/bin/python -m bench.table

bench-bulk: .venv/installed-test ## measure bulk synthesis, about twenty minutes on two cores, and draw docs/bulk.svg
	@.venv/bin/python -W ignore -m bench.bulk

# A soak has minutes of its own: MINUTES is what a training takes unless the command line says otherwise.
soak: .venv/installed-test ## hold the stack under load, hang-ups and killed replicas for MINUTES=20; fails if anything is lost or grows
	@exec .venv/bin/python -W ignore -m bench.soak $(if $(filter command line,$(origin MINUTES)),--minutes $(MINUTES))

bench-table: .venv/installed-test
	@.venv/bin/python -m bench.table
	.venv/bin/python -m bench.bulk_page

##@ Write what is made of the code

# The reference is the page that GET /docs answers.
docs: .venv-docs/installed .venv/installed-run ## make the site of README and docs/ in build/site; a broken link stops it
	@mkdir -p build/api-reference
	PYTHONPATH=api .venv/bin/python -m deploy.api_reference build/api-reference/reference.html
	.venv-docs/bin/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky -c docs -d build/site-trees . build/site
	echo "build/site/README.html"

openapi: .venv/installed-run ## write the OpenAPI documents that are deployed, deploy/openapi/
	@PYTHONPATH=api .venv/bin/python -m deploy.openapi_documents

##@ Make voices and models

voices: .venv-voice/installed $(PACKS) ## make the sample champions in voices/ (needs npm)
	@.venv-voice/bin/python -W ignore -m models.make_voices

corpus: .venv-voice/installed $(PACKS) ## make speech to train on, or more of it (CORPUS=, HOURS=4, SEED=0; needs npm, wordnet-base)
	@.venv-voice/bin/python -W ignore -m models.make_corpus $(CORPUS) --hours $(HOURS) --seed $(SEED) --wordnet $(WORDNET)

upload-voices: .venv/installed-run ## check the champions in FOLDER and upload them to BUCKET
	@.venv/bin/python -W ignore -m deploy.voices "$(FOLDER)" "$(BUCKET)"

train-small: .venv/installed-test ## train the small model (CORPUS=, MINUTES=90, VOCODER_MINUTES=22, FROM=models/small; needs g++)
	@$(if $(JEMALLOC),LD_PRELOAD=$(JEMALLOC) MALLOC_CONF=thp:always) \
	  .venv/bin/python -W ignore -m models.train_small --minutes $(MINUTES) --vocoder-minutes $(VOCODER_MINUTES) \
	  --corpus $(CORPUS) $(if $(FROM),--start-from $(FROM))

eval-small: .venv-voice/installed $(PACKS) ## judge the small model by sentences it never learnt (needs npm, espeak-ng)
	@.venv-voice/bin/python -W ignore -m models.eval_small

##@ Keep house

lock: $(UV) ## write the lock files anew from pyproject.toml
	@set -x
	$(COMPILE_ANYWHERE) --group pyproject.toml:dev -o requirements-dev.lock
	# What only the comparison with upstream's own pipeline imports.
	$(COMPILE_ANYWHERE) --group pyproject.toml:local -c requirements-dev.lock -o requirements.lock \
	  --excludes <(printf '%s\n' accelerate datasets ema-pytorch matplotlib pydub transformers wandb)
	$(COMPILE_ANYWHERE) --group pyproject.toml:voice -c requirements-dev.lock -o requirements-voice.lock
	$(COMPILE_ANYWHERE) --group pyproject.toml:sam -o requirements-sam.lock
	$(COMPILE_ANYWHERE) --group pyproject.toml:policy -o requirements-policy.lock
	$(COMPILE_ANYWHERE) --group pyproject.toml:audit -o requirements-audit.lock
	$(COMPILE_ANYWHERE) --group pyproject.toml:docs -o requirements-docs.lock
	# The Lambda's machine and AWS's containers, not this machine.
	$(COMPILE) --python-version 3.13 --python-platform linux --group pyproject.toml:api \
	  -c requirements-dev.lock -o api/requirements.txt
	$(COMPILE) --no-deps --python-version 3.13 --python-platform linux --group pyproject.toml:packed-ray \
	  -c requirements-dev.lock -o deploy/requirements-ray.lock
	$(COMPILE) --no-deps --python-version 3.12 --python-platform linux --group pyproject.toml:packed-pytorch \
	  -c deploy/requirements-ray.lock -c api/requirements.txt -o deploy/requirements-pytorch.lock
	$(COMPILE) --python-version 3.13 --python-platform linux --group pyproject.toml:container-ray \
	  -o tests/containers/requirements-ray.lock
	$(COMPILE) --python-version 3.12 --python-platform linux --group pyproject.toml:container-pytorch \
	  -o tests/containers/requirements-torchserve.lock
	$(COMPILE_ANYWHERE) --group pyproject.toml:sagemaker -o deploy/requirements-sagemaker.lock

clean: ## remove everything that make has made
	rm -rf .venv .venv-* .aws-sam build demo.wav say.wav .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/uv:
	@for python in $(PYTHON); do
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
	    found=$$python
	    break
	  fi
	done
	if [ -z "$${found:-}" ]; then
	  echo "No Python 3.11 to 3.14 found: install one, or name it with make PYTHON=/path/to/python." >&2
	  exit 1
	fi
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then
	  echo "$$found cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2
	  exit 1
	fi
	echo "Making .venv with $$("$$found" --version)"
	"$$found" -m venv .venv
	version=$$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$$version"

.venv/enough-disk: | .venv/bin/uv
	@cache=$$($(UV) cache dir)
	mkdir -p "$$cache"
	for folder in . "$$cache"; do
	  free=$$(($$(df -Pk "$$folder" | awk 'NR == 2 { print $$4 }') / 1000000))
	  if [ "$$free" -lt $(INSTALL_GB) ]; then
	    echo "Only $$free GB of disk are free in $$(cd "$$folder" && pwd): the first installation needs $(INSTALL_GB) GB, free some." >&2
	    exit 1
	  fi
	done
	touch $@

# For every `python -m` and tool: the repository, and the endpoint's modules as they are called in a container. A relative
# line of a .pth file starts at the folder that the file lies in, .venv/lib/pythonX.Y/site-packages.
define importable
packages=$$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' ../../../.. ../../../../endpoint >"$$packages/champion-voice.pth"
endef

.venv/importable: | .venv/bin/uv
	@$(call importable,.venv)
	touch $@

.venv/installed-run: requirements.lock | .venv/enough-disk .venv/importable
	@echo "Installing the packages of $< into .venv"
	$(INSTALL) .venv/bin/python -r $<
	touch $@

.venv/installed-test: requirements-dev.lock | .venv/enough-disk .venv/importable
	@echo "Installing the packages of $< into .venv"
	$(INSTALL) .venv/bin/python -r $<
	touch $@

# An environment of its own for what is locked apart.
define environment
echo "Installing $(1) into .venv-$(2)"
$(UV) venv --quiet --clear --python $(3) .venv-$(2)
$(INSTALL) .venv-$(2)/bin/python -r $<
touch $@
endef

.venv-sam/installed: requirements-sam.lock | .venv/bin/uv
	@$(call environment,the SAM CLI,sam,.venv/bin/python)

.venv-voice/installed: requirements-voice.lock | .venv/enough-disk
	@$(call environment,the teacher and the judge,voice,.venv/bin/python)
	$(call importable,.venv-voice)

$(PACKS):
	@if ! command -v npm >/dev/null; then
	  echo "npm is missing: install it, on Debian and Ubuntu with \`apt install npm\`." >&2
	  exit 1
	fi
	mkdir -p $(@D)
	npm pack --silent --pack-destination $(@D) kokoro-js@1.2.1

.venv-docs/installed: requirements-docs.lock | .venv/bin/uv
	@$(call environment,what makes the site,docs,.venv/bin/python)

.venv-policy/installed: requirements-policy.lock | .venv/bin/uv
	@$(call environment,the policy scanner,policy,.venv/bin/python)

.venv-audit/installed: requirements-audit.lock | .venv/bin/uv
	@$(call environment,what audits packages,audit,.venv/bin/python)

# What AWS's containers hold, for tests/containers. Where their Python is not to be had, the tests say so and leave them out.
.venv-ray/installed: tests/containers/requirements-ray.lock | .venv/bin/uv
	@$(call container,3.13,ray)

.venv-torchserve/installed: tests/containers/requirements-torchserve.lock | .venv/bin/uv
	@$(call container,3.12,torchserve)

define container
for python in python$(1) "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$(1).*/bin/python$(1) "$$($(UV) python find $(1) 2>/dev/null)"; do
  if "$$python" -c 'import ensurepip' 2>/dev/null; then
    found=$$python
    break
  fi
done
if [ -z "$${found:-}" ]; then
  echo "No Python $(1) found: what .venv-$(2) is for is left out." >&2
  exit
fi
$(call environment,what AWS's container holds,$(2),"$$found")
endef

.venv-sagemaker/installed: deploy/requirements-sagemaker.lock | .venv/bin/uv
	@$(call environment,the SageMaker SDK,sagemaker,.venv/bin/python)

# So that the tests need no network.
build/deploy/packages: deploy/requirements-ray.lock deploy/requirements-pytorch.lock | .venv/installed-test
	@for container in ray pytorch; do .venv/bin/python -m deploy.packages $$container; done
	touch $@

# AWS's runtime client for the function's Python, which need not be that of .venv: what `sam build` built is run with it.
.venv-lambda/installed: requirements-dev.lock | .venv/bin/uv
	@echo "Installing the Lambda runtime client into .venv-lambda"
	rm -rf .venv-lambda
	$(UV) pip install --python-version 3.13 --target .venv-lambda -c $< awslambdaric
	touch $@
