# Two commands matter: `make run` and `make test`. The rest are their parts.
SHELL := /bin/bash
DATA ?= demo
PEOPLE ?= 30000
SEED ?= 1
ADDRESS ?= 127.0.0.1:8080
TUODI := target/debug/tuodi

.PHONY: run demo test deps format lint unit packs browser bench bench-engine release clean

run: ## build, make the demo district if there is none, serve it
	@scripts/need cargo node npm cc
	cargo build --bin tuodi
	@scripts/demo $(TUODI) $(DATA) $(PEOPLE) $(SEED)
	$(TUODI) serve --data $(DATA) --listen $(ADDRESS) --demo

demo: ## only the demo district
	cargo build --bin tuodi
	@scripts/demo $(TUODI) $(DATA) $(PEOPLE) $(SEED)

test: deps format lint unit ## everything that CI runs
	@# Side by side: the packs' cases want one core, the browser is mostly waiting.
	$(MAKE) --jobs=2 packs browser

deps: ## what the tests need from Debian and npm
	@scripts/test-deps

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

unit: ## unit and service tests, on SQLite and on a PostgreSQL of their own
	scripts/with-postgres --throwaway cargo test --workspace --no-fail-fast

packs: ## the policy packs' own checks and cases
	cargo build --bin tuodi
	for pack in starter qingyan country-template; do \
		$(TUODI) pack check packs/$$pack && $(TUODI) pack test packs/$$pack || exit 1; \
	done

browser: ## whole journeys in Debian's Chromium
	cargo build --bin tuodi
	scripts/browser-tests $(CURDIR)/$(TUODI)

release:
	cargo build --release --bin tuodi

bench: release ## figures of the issue's table, on this machine
	scripts/bench target/release/tuodi

bench-engine: release ## the engine against DuckDB on the same data, and its own limits
	benches/run.sh target/release/tuodi

clean:
	cargo clean
	rm -rf demo
