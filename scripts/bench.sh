#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh: measure, and print one table: figure, value, target, peer. QUICK=1: 100,000 groups instead of 1,000,000.
set -eu
cd "$(dirname "$0")/.."
CC=${CC:-gcc} scripts/build.sh build-bench -Dtests=false
ninja -C build-bench --quiet $(ninja -C build-bench -t targets all | sed -n 's,^\(bench/[a-z_]*\): c_LINKER$,\1,p')
groups=1000000
[ -z "${QUICK:-}" ] || groups=100000
dir=$(mktemp -d -t netmgmt-bench.XXXXXX)
daemon=
cleanup() {
    [ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true; }
    rm -rf "$dir"
}
trap cleanup EXIT
b=build-bench/bench figures=$dir/figures

start_daemon() { # DATABASE
    build-bench/src/daemon/netmgmtd --socket "$dir/socket" --database "$1" 2>"$dir/daemon.log" &
    daemon=$!
    for _ in $(seq 100); do [ -S "$dir/socket" ] && return; sleep 0.05; done
    cat "$dir/daemon.log" >&2
    return 1
}
stop_daemon() {
    kill "$daemon"
    wait "$daemon" || true
    daemon=
}

for program in bench_ndr bench_sam bench_libndr; do
    if [ -x "$b/$program" ]; then "$b/$program" >>"$figures"; fi
done
echo "making databases: 10 and $groups groups" >&2
"$b/make_groups" "$dir/small.db" 10
"$b/make_groups" "$dir/large.db" "$groups"

export NETMGMT_LOCAL=embedded:$dir/large.db
for i in 1 2 3; do "$b/bench_groups" enum embedded.enum 1 >>"$figures"; done
"$b/bench_groups" pages embedded.pages >>"$figures"
"$b/bench_groups" getinfo embedded.getinfo "$groups" >>"$figures"
"$b/bench_groups" sync "$dir" >>"$figures"
for size in small large; do
    export NETMGMT_LOCAL=embedded:$dir/$size.db
    "$b/bench_groups" add "embedded.add.$size" 1 >>"$figures"
done
export NETMGMT_LOCAL=embedded:$dir/small.db
"$b/bench_groups" cold embedded.first >>"$figures"
"$b/bench_groups" first embedded.first >>"$figures"

export NETMGMT_LOCAL=unix:$dir/socket
start_daemon "$dir/large.db"
"$b/bench_groups" getinfo unix.getinfo "$groups" >>"$figures"
"$b/bench_groups" clients unix.clients32 "$groups" >>"$figures"
"$b/bench_groups" enum unix.enum 1 >>"$figures"
"$b/bench_groups" add unix.add1.large 1 >>"$figures"
"$b/bench_groups" add unix.add8.large 8 >>"$figures"
stop_daemon
start_daemon "$dir/small.db"
"$b/bench_groups" add unix.add1.small 1 >>"$figures"
"$b/bench_groups" add unix.add8.small 8 >>"$figures"
stop_daemon

bench/thousand.sh build-bench >>"$figures"

# without root or Samba there are none
scripts/bench_remote.sh | grep -P '\t' >>"$figures" || echo "no figures of real servers" >&2

python3 scripts/bench_table.py "$figures"
