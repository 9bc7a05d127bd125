.PHONY: help run test build lint format bench fuzz clean up dev demo-map down logs ps images secrets
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the whole pipeline here with a live view (ARGS="--eve FILE …")
	@scripts/run $(ARGS)

test: ## Run every test (ARGS="--no-install FILTER")
	@scripts/test $(ARGS)

build: ## Build the services for use into build/bin
	@scripts/install-dependencies build && scripts/build

lint: ## Check format and style of all sources, Dockerfiles, and manifests by their schemas
	@scripts/lint

format: ## Put the Swift sources into the project's format
	@swift format --in-place --recursive --parallel shared services fuzz benchmarks

bench: ## Measure speed and memory of the pipeline on this machine
	@scripts/install-dependencies build run test bench && scripts/build --if-changed && benchmarks/run $(ARGS)

fuzz: ## Feed mutated events to the mapping (SECONDS=60 CORPUS=FOLDER ARGS="--inputs N")
	@scripts/install-dependencies build test && scripts/fuzz \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(CORPUS),--corpus $(CORPUS)) $(ARGS)

up: ## Start the suite in containers and wait until all are healthy
	@scripts/containers up $(ARGS)

dev: ## The same from the sources, with recorded traffic and debug logs (IDS_DEV=1 for down, logs, ps)
	@scripts/containers dev $(ARGS)

demo-map: ## Start the suite and example services that the live map shows (ARGS=down stops those)
	@scripts/containers demo-map $(ARGS)

down: ## Stop and remove the containers; the data stays (ARGS=--volumes removes it)
	@scripts/containers down $(ARGS)

logs: ## Follow the logs of the containers (ARGS=SERVICE)
	@scripts/containers logs $(ARGS)

ps: ## Show the containers and their health
	@scripts/containers ps $(ARGS)

images: ## Build the images (PLATFORM=linux/amd64,linux/arm64 REGISTRY=… VERSION=… UPDATE=1)
	@scripts/containers images $(ARGS)

secrets: ## Make the passwords and folders that the containers need
	@scripts/containers secrets

clean: ## Remove what was built, and say what; what runs have stored (runs/) stays
	@scripts/clean
