# SPDX-License-Identifier: MIT
# The front door. Each target installs what is missing first (Debian 12, as root or with sudo).
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build

.PHONY: all deps demo check bench fuzz install clean format
all: deps
	@scripts/build.sh $(BUILD)
deps:
	@scripts/install-deps.sh
demo: all
	@scripts/demo.sh $(BUILD)
check: deps
	@scripts/check.sh
bench: deps
	@scripts/bench.sh
fuzz: deps
	@scripts/fuzz.sh
install: all
	@meson configure $(BUILD) -Dprefix=$(abspath $(PREFIX)) -Dlibdir=lib >/dev/null
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)
format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i
clean:
	rm -rf build build-*
