#!/bin/bash
# SPDX-License-Identifier: MIT
# thousand.sh BUILD [DELAY]: 1,000 servers (TCP listeners of netmgmtd on 127.7.x.y, NTLM and privacy) behind a relay
# that hands on each piece DELAY ms later (10: a round trip takes 20 ms more) are asked for their groups by one netmgmt.
# Lines of name, value, unit, as the other benchmarks print.
set -eu
build=$(readlink -f "$1") delay=${2:-10}
netmgmt=$build/src/cli/netmgmt netmgmtd=$build/src/daemon/netmgmtd relay=$build/bench/delay_relay
jobs=${JOBS:-256}
folder=$(mktemp -d)
daemon= proxy=
trap 'kill $daemon $proxy 2>/dev/null || :; wait; rm -rf "$folder"' EXIT

password=Bench-Pass-1
for x in 0 1 2 3; do for y in $(seq 1 250); do echo "127.7.$x.$y"; done; done >"$folder/servers"
sed 's/$/:49301/' "$folder/servers" >"$folder/listeners"
echo "$password" | "$netmgmtd" -d "$folder/accounts.db" --set-password Administrator >/dev/null
"$netmgmtd" -d "$folder/accounts.db" -s "$folder/socket" --listen-tcp "@$folder/listeners" --max-per-address=4000 \
    --max-connections=8000 2>"$folder/log" &
daemon=$!
"$relay" "$folder/listeners" 49300 "$delay" >"$folder/relay" &
proxy=$!
for _ in $(seq 100); do
    grep -q "serving" "$folder/log" && grep -q ready "$folder/relay" && break
    sleep 0.1
done

ask() { # servers port
    "$netmgmt" group list -S "@$1" --transport tcp --port "$2" -U Administrator --password-fd 3 --jobs "$jobs" \
        --raw --no-headings 3<<<"$password" >"$folder/out" 2>"$folder/errors" || :
}
time_of() { # name servers port: asks, and prints
    local before after
    before=$(date +%s%N)
    ask "$2" "$3"
    after=$(date +%s%N)
    printf '%s\t%s\tms\n' "$1" $(((after - before) / 1000000))
}
answers() {
    [ "$(wc -l <"$folder/out")" = 1000 ] || {
        echo "thousand.sh: $(wc -l <"$folder/out") answers instead of 1000" >&2
        head -3 "$folder/errors" "$folder/log" >&2
        exit 1
    }
}
time_of thousand.delayed "$folder/servers" 49300
answers
time_of thousand.direct "$folder/servers" 49301
answers
