# What people type. Everything is built once, in release mode; tests, demo and benchmarks share that build.
.PHONY: demo cascade-demo build test bench upgrade-check soak fuzz lint format install-packages
.PHONY: install uninstall test-service clean

# `make demo ARGS="--seconds 60"`
ARGS ?=
SWIFT_BUILD := swift build -c release --build-tests --explicit-target-dependency-import-check error

demo: build
	@scripts/make-media
	@.build/release/mcu-server demo $(ARGS)

build: install-packages
	@$(SWIFT_BUILD)

test: build
	@scripts/test

bench: build
	@scripts/bench $(ARGS)

# GO or NO-GO beside the recorded baseline; `make upgrade-check ARGS=--record` writes it.
upgrade-check: build
	@Benchmarks/upgrade/check $(ARGS)

# `make soak ARGS="--minutes 10 --seed 7"`: province-13 at 720p on bad lines.
soak: build
	@scripts/soak $(ARGS)

# Eleven bridges on four levels: who sees and hears whom.
cascade-demo: build
	@scripts/cascade-demo $(ARGS)

# `make fuzz ARGS=600`: seconds for each reader of strangers' bytes.
fuzz: install-packages
	@scripts/fuzz $(ARGS)

lint:
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzzing Benchmarks
	@scripts/check-house

format:
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Fuzzing Benchmarks

install-packages:
	@scripts/install-packages

# Puts what `make build` made in place: below PREFIX (/usr/local) and /etc, all of it below DESTDIR. `make uninstall` takes
# it away, and leaves the configuration.
export DESTDIR PREFIX SYSCONFDIR BINARY
install:
	@scripts/install

uninstall:
	@scripts/install --uninstall

# An install into a folder of its own, and a bridge under something that plays systemd.
test-service:
	@scripts/test-service $(BINARY)

clean:
	rm -rf .build .build-fuzz media out
