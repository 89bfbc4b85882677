#!/bin/bash
# SPDX-License-Identifier: MIT
# decrypted.sh JUDGE PROGRAM [ARGUMENT ...]: inside tests/samba/world.sh, the program speaks to Samba under seal and
# encryption, and the library writes down what was meant (NETMGMT_PCAP); tshark must be able to read all of that.
set -eu
judge=$1
shift
NETMGMT_PCAP=$SAMBA_DIR/decrypted.pcap NETMGMT_TRACE=$SAMBA_DIR/trace.json "$@" >"$SAMBA_DIR/program.log" 2>&1 ||
    { cat "$SAMBA_DIR/program.log"; exit 1; }
"$judge" "$SAMBA_DIR/decrypted.pcap" 1000
# every line of the trace is one JSON object, and no password is in it
/usr/bin/python3 - "$SAMBA_DIR/trace.json" <<'PY'
import json, sys
lines = open(sys.argv[1]).read().splitlines()
for line in lines:
    json.loads(line)
assert len(lines) > 500, len(lines)
PY
! grep -q "$SAMBA_PASSWORD" "$SAMBA_DIR/trace.json" "$SAMBA_DIR/decrypted.pcap"
