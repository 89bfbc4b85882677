#!/bin/bash
# SPDX-License-Identifier: MIT
# fuzz.sh [SECONDS]: each fuzz target for SECONDS (60) under libFuzzer with ASan and UBSan. New inputs go to
# build-fuzz/corpus/NAME, findings to build-fuzz/findings/NAME-*. Only the targets named in TARGETS when that is set.
set -u
cd "$(dirname "$0")/.." || exit
seconds=${1:-${SECONDS_EACH:-60}}
scripts/install-deps.sh --check || exit
CC=clang scripts/build.sh build-fuzz -Dfuzz=true -Dtests=false -Db_sanitize=address,undefined -Db_lundef=false || exit 1
mkdir -p build-fuzz/findings
passed=0 failed=0
for target in build-fuzz/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    [ -z "${TARGETS:-}" ] || [[ " $TARGETS " == *" $name "* ]] || continue
    mkdir -p "build-fuzz/corpus/$name"
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build-fuzz/findings/$name-" "build-fuzz/corpus/$name" "fuzz/corpus/$name" >"build-fuzz/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$name.log") runs, no finding"
    else
        failed=$((failed + 1))
        echo "$name: FINDING, see build-fuzz/$name.log and build-fuzz/findings/$name-*" >&2
        tail -n 20 "build-fuzz/$name.log" >&2
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
