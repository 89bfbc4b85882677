#!/bin/bash
# SPDX-License-Identifier: MIT
# What CI runs: make check, the format of every file, a gcc and a clang build without a warning. The last line is the
# sum of the real counts.
set -u
cd "$(dirname "$0")/.." || exit
export CI=true
COUNTS_FILE=$(mktemp)
export COUNTS_FILE
trap 'rm -f "$COUNTS_FILE"' EXIT

make check
read -r passed failed skipped <"$COUNTS_FILE" || { passed=0 failed=1 skipped=0; }

# step NAME COMMAND...: one more test
step() {
    local name=$1
    shift
    echo "== $name"
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $name" >&2
    fi
}

formatted() {
    git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror
}
# without_warning COMPILER
without_warning() {
    rm -rf "build-$1"
    CC=$1 meson setup "build-$1" -Dwerror=true >/dev/null && ninja -C "build-$1" --quiet
}

step "format (clang-format)" formatted
step "gcc without warnings" without_warning gcc
step "clang without warnings" without_warning clang

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
