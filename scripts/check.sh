#!/bin/bash
# SPDX-License-Identifier: MIT
# check.sh: everything that must pass. Builds and runs all tests plainly, under ASan+UBSan and (what has threads) under
# TSan, and ends with the counts. CI=true: a skipped test is a failure.
#   --quick: the plain run only.
set -u
cd "$(dirname "$0")/.." || exit
scripts/install-deps.sh --check || exit 1

passed=0 failed=0 skipped=0
jobs=$(nproc)

# run NAME BUILD-DIR [meson test arguments]: run tests, add to the counts from meson's own log
run() {
    local name=$1 dir=$2 counts
    shift 2
    echo "== $name"
    rm -f "$dir/meson-logs/testlog.json"
    meson test -C "$dir" --no-rebuild --print-errorlogs -q --num-processes "$jobs" "$@"
    counts=$(python3 - "$dir/meson-logs/testlog.json" <<'PY'
import json, sys
n = {'p': 0, 'f': 0, 's': 0}
try:
    for line in open(sys.argv[1]):
        t = json.loads(line)
        r = t['result']
        k = 'p' if r in ('OK', 'EXPECTEDFAIL') else 's' if r == 'SKIP' else 'f'
        n[k] += 1
        if k == 's':
            why = (t.get('stdout') or '').strip().splitlines()
            print('SKIPPED %s: %s' % (t['name'], why[-1] if why else 'no reason given'), file=sys.stderr)
        if k == 'f':
            print('FAILED %s (%s)' % (t['name'], r), file=sys.stderr)
except OSError:
    n['f'] += 1
    print('FAILED: no test ran', file=sys.stderr)
print(n['p'], n['f'], n['s'])
PY
)
    set -- $counts
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
    echo "   $1 passed, $2 failed, $3 skipped"
}

# build DIR [meson options]; a build that fails is one failed test
build() {
    if ! scripts/build.sh "$@"; then
        echo "FAILED to build $1" >&2
        failed=$((failed + 1))
        return 1
    fi
}

build build && run "plain" build
if [ "${1:-}" != --quick ]; then
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    build build-asan -Db_sanitize=address,undefined -Db_lundef=false &&
        run "ASan and UBSan" build-asan --no-suite install --no-suite interop --timeout-multiplier 5
    export TSAN_OPTIONS=halt_on_error=1
    build build-tsan -Db_sanitize=thread -Db_lundef=false &&
        run "TSan" build-tsan --suite threads --timeout-multiplier 5
fi

if [ "${CI:-}" = true ] && [ "$skipped" != 0 ]; then
    echo "In CI nothing may be skipped: $skipped counted as failed." >&2
    failed=$((failed + skipped)) skipped=0
fi
# for scripts/ci.sh, which adds its own counts
[ -z "${COUNTS_FILE:-}" ] || echo "$passed $failed $skipped" >"$COUNTS_FILE"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
