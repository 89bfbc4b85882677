#!/bin/bash
# SPDX-License-Identifier: MIT
# daemon.sh NETMGMTD NETMGMT RELAY: what netmgmt and netmgmtd say over a unix socket, judged by tshark.
set -eu
command -v tshark >/dev/null || { echo "no tshark, skipped"; exit 77; }
netmgmtd=$1 netmgmt=$2 relay=$3
folder=$(mktemp -d)
daemon_pid= relay_pid=
finish() {
  set +e # whatever one step says, the next is still to be done
  exec 3>&-
  for pid in $relay_pid $daemon_pid; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  rm -rf "$folder"
}
trap finish EXIT
wait_for() {
  for _ in $(seq 100); do [ -S "$1" ] && return; sleep 0.05; done
  echo "no socket at $1"; cat "$folder"/*.log; exit 1
}

"$netmgmtd" --socket "$folder/daemon" --database "$folder/db" >"$folder/daemon.log" 2>&1 & daemon_pid=$!
wait_for "$folder/daemon"
mkfifo "$folder/hold" # the relay runs until this end of it is closed
"$relay" "$folder/front" "$folder/daemon" "$folder/out.pcap" <"$folder/hold" >"$folder/relay.log" 2>&1 & relay_pid=$!
exec 3>"$folder/hold"
wait_for "$folder/front"

export NETMGMT_LOCAL=unix:$folder/front
for i in $(seq 20); do "$netmgmt" group add "group $i" --comment "number $i"; done
"$netmgmt" group list >"$folder/list"
[ "$(grep -c number "$folder/list")" -eq 20 ]
"$netmgmt" group show "group 7" >/dev/null
"$netmgmt" group add-member "group 7" Administrator
"$netmgmt" group members "group 7" >/dev/null
"$netmgmt" group set "group 7" --comment seven
"$netmgmt" group remove-member "group 7" Administrator
"$netmgmt" group delete "group 8"
! "$netmgmt" group show "group 8" 2>/dev/null
! "$netmgmt" group add "group 7" 2>/dev/null

exec 3>&-
wait "$relay_pid"
relay_pid=
"$(dirname "$0")/judge.sh" "$folder/out.pcap" 300
