# `make` alone prints what there is.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Without what only a debugger reads: a third less, and a panic still names its lines.
LDFLAGS  := -s -w -X github.com/andon-dev/andon/internal/cli.Version=$(VERSION)
DURATION ?= 60s
NIGHTS   ?= 1000
SEED     ?= 0
FUZZTIME ?= 10s

export CGO_ENABLED = 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/andon, one static binary
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/andon ./cmd/andon

.PHONY: ui
ui: ## Build the dashboard from ui/ into internal/webui/dist; needs Node
	cd ui && npm ci --no-audit --no-fund && npm run check && npm run build

.PHONY: demo
demo: build ## Watch a pipeline of real workers in a throw-away home, in a minute
	bin/andon demo

.PHONY: test
test: deps ## Run all tests
	go test ./...

.PHONY: guarantees
guarantees: deps ## Check every promise of docs/guarantees.md and print a table
	go run ./test/guarantees $(G)

.PHONY: mutations
mutations: deps ## Break each rule in a scratch copy and show the test that notices
	go run ./test/mutations $(M)

.PHONY: lint
lint: ## Check style, mistakes and the direction of imports; vet for darwin and the real agents' tests too
	go tool -modfile=tools/go.mod golangci-lint run ./...
	GOOS=darwin go vet ./...
	go vet -tags lanes ./test/lanes

.PHONY: fmt
fmt: ## Format all Go code
	go tool -modfile=tools/go.mod golangci-lint fmt ./...

.PHONY: bench
bench: build ## Print the figures of docs/benchmarks.md, measured here
	go run ./bench

.PHONY: chaos
chaos: deps ## Break everything for DURATION (60s), by SEED or a new one, and look for what was lost
	go test ./test/chaos -run Chaos -count=1 -v -timeout 0 -mounts -duration=$(DURATION) -seed=$(SEED)

.PHONY: heard
heard: deps ## Let Telegram, Slack and a webhook fail in turn for DURATION (60s) while the gateway is killed, and look for who was not told
	go test ./test/heard -count=1 -v -timeout 0 -duration=$(DURATION) -seed=$(SEED)

.PHONY: neighbours
neighbours: deps ## Let foreign programs do their worst beside a board, each storm for DURATION, and see the controls lose
	go test ./test/neighbours -count=1 -v -timeout 90m -duration=$(DURATION) -control

.PHONY: fuzz
fuzz: ## Throw anything at every parser that meets strangers, each for FUZZTIME (10s)
	scripts/fuzz.sh $(FUZZTIME)

.PHONY: simulate
simulate: ## Play NIGHTS (1000) simulated nights of a home, from SEED (0) on
	go test ./test/simulate -run Nights -count=1 -v -timeout 60m -nights=$(NIGHTS) -seed=$(SEED)

LANES ?= $(CURDIR)/tmp/.lanes
AGENTS := @anthropic-ai/claude-code @openai/codex @google/gemini-cli opencode-ai

.PHONY: lanes-real
lanes-real: ## Drive the real agent programs (npm) against loopback models; ONLY=codex,gemini for some, RECORD=1 to record them
	@mkdir -p $(LANES)
	for agent in $(AGENTS); do npm install --silent --no-audit --no-fund --prefix $(LANES) $$agent || echo "$$agent cannot be installed here"; done
	go test -tags lanes ./test/lanes -count=1 -v -timeout 60m -programs=$(LANES) -only=$(ONLY) $(if $(RECORD),-record)
	$(if $(RECORD),go generate ./internal/worker/preset)

.PHONY: screenshots
screenshots: deps ## Take the pictures of docs/dashboard.md anew
	go test ./test/browser -run Pictures -count=1 -args -screenshots

.PHONY: powercut
powercut: ## Cut the power at every write of a workload, in five ways each, and look for what was lost
	go test ./internal/store/sqlite -run PowerCut -count=1 -v -timeout 30m -cuts=0

.PHONY: histories
histories: ## Look for what order and chance hide: long random and concurrent histories of all use cases
	go test ./internal/board -run 'Histories|EveryState' -count=1 -v -timeout 60m -rapid.checks=1000 -histories=60 -reach=99

.PHONY: image
image: ## Build the Dockerfile on a stand-in for its base, with no registry, and run what comes of it; needs root, buildah, mmdebstrap
	scripts/image.sh

.PHONY: generate
generate: ## Rewrite golden files and what is generated
	go generate ./...

.PHONY: deps
deps: # What the tests use besides Go
	@scripts/deps.sh
