.PHONY: help run test build lint format bench clean
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the whole pipeline here with a live view (ARGS="--eve FILE …")
	@scripts/run $(ARGS)

test: ## Run every test (ARGS="--no-install FILTER")
	@scripts/test $(ARGS)

build: ## Build the services for use into build/bin
	@scripts/install-dependencies build && scripts/build

lint: ## Check format and style of Swift, shell and Python sources
	@scripts/lint

format: ## Put the Swift sources into the project's format
	@swift format --in-place --recursive --parallel shared services

bench: ## Measure speed and memory of the pipeline on this machine
	@scripts/install-dependencies build run && scripts/build --if-changed && benchmarks/run $(ARGS)

clean: ## Remove everything that was built or recorded by a run
	rm -rf build
