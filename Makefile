# fcvm's commands. `make demo` sets everything up and runs a container in a microVM; `make test` passes the tests.
# Each target installs what it lacks where it may (root or sudo), else says which packages to install.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
DIST := build/dist
MVN := scripts/maven.sh

.PHONY: help demo test test-unit test-machine test-qemu test-firecracker test-kvm test-scripts check format build install uninstall bench init kernel preflight docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: ## prepare the host, build everything and run a container in a microVM
	@scripts/demo.sh

preflight: ## say what this host has and lacks
	@scripts/preflight.sh

init: ## make the base: kernel, initramfs, root filesystem with Podman and the agent
	@scripts/fcvm-init.sh

kernel: ## build a smaller guest kernel, which boots faster (docs/kernel.md)
	@scripts/build-kernel.sh

build: ## make the distribution in build/dist
	@scripts/build-dist.sh $(DIST)

install: build ## install to $(PREFIX)
	install -d "$(DESTDIR)$(PREFIX)/lib" "$(DESTDIR)$(PREFIX)/bin"
	rm -rf "$(DESTDIR)$(PREFIX)/lib/fcvm"
	cp -a $(DIST) "$(DESTDIR)$(PREFIX)/lib/fcvm"
	ln -sfn ../lib/fcvm/bin/fcvm "$(DESTDIR)$(PREFIX)/bin/fcvm"

uninstall: ## remove what install put there
	rm -rf "$(DESTDIR)$(PREFIX)/lib/fcvm"
	rm -f "$(DESTDIR)$(PREFIX)/bin/fcvm"

test: ## all tests, machines included; installs what they need
	@scripts/test.sh all

test-unit: ## the tests that boot nothing
	@scripts/test.sh unit

test-machine: ## the tests that boot machines, and those of the scripts
	@scripts/test.sh machine

test-qemu: ## the same in QEMU alone
	@scripts/test.sh qemu

test-firecracker: ## the same in Firecracker alone
	@scripts/test.sh firecracker

test-kvm: ## the tests on an ordinary KVM with the base's own kernel; emulated where this host has none
	@scripts/test.sh kvm

test-scripts: ## the tests of the scripts that take minutes
	@scripts/test.sh scripts

check: ## format, Error Prone, NullAway, ArchUnit, shellcheck
	@scripts/check.sh

format: ## put the sources into the project's format
	$(MVN) spotless:apply

bench: ## measure, as ratios in one run; see docs/benchmarks.md
	@bench/run.sh
	@bench/machines.sh
	@bench/kernel.sh
	@if [ "$$(id -u)" = 0 ] && scripts/kvm-probe >/dev/null; then bench/clone.sh; else echo "bench/clone.sh, what a clone takes, needs root and a KVM that runs guests: left out"; fi
	@if [ "$$(id -u)" = 0 ]; then bench/net.sh; else echo "bench/net.sh, what a published port costs, needs root: left out"; fi

docs: ## draw the pictures in docs/ from their text
	for f in docs/*.dot; do dot -Tsvg "$$f" -o "$${f%.dot}.svg"; done

clean: ## remove what was built; the base under the data directory stays
	$(MVN) clean
	rm -rf build
