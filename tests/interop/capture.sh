#!/bin/bash
# SPDX-License-Identifier: MIT
# capture.sh JUDGE PROGRAM [ARGUMENT ...] [-- PROGRAM ...]: inside tests/samba/world.sh, runs the programs, captures what
# they and the servers say to each other, and lets the library write down what it meant (NETMGMT_PCAP, NETMGMT_TRACE).
# tshark must find no malformed packet and no fragment that never came together: as it came over the wire, without keys;
# then with the password, the DC's keys and the session keys, which open encrypted SMB and show each signature to be
# good; and in what the library wrote. What tshark 4.0 itself cannot do is excepted below, each with its reason.
set -u
judge=$1
shift
file=$SAMBA_DIR/capture.pcapng
failed=0 dumpcap=
export WIRESHARK_CONFIG_DIR=$SAMBA_DIR/wireshark
mkdir -p "$WIRESHARK_CONFIG_DIR"
if command -v dumpcap >/dev/null; then
    dumpcap -q -i lo -B 64 -f 'tcp port 445 or tcp port 135 or tcp portrange 49152-49300' -w "$file" 2>"$SAMBA_DIR/dumpcap.log" &
    dumpcap=$!
    for _ in $(seq 100); do grep -q File: "$SAMBA_DIR/dumpcap.log" && break; sleep 0.05; done
fi
run=()
for word in "$@" --; do
    if [ "$word" != -- ]; then run+=("$word"); continue; fi
    NETMGMT_PCAP=$SAMBA_DIR/decrypted.pcap NETMGMT_TRACE=$SAMBA_DIR/trace.json "${run[@]}" >"$SAMBA_DIR/program.log" 2>&1 ||
        { cat "$SAMBA_DIR/program.log"; failed=1; }
    run=()
done
[ $failed = 0 ] || exit 1
[ -n "$dumpcap" ] || { echo "no tshark: what was said is not looked at"; exit 77; }
sleep 0.5
kill -INT "$dumpcap"
wait "$dumpcap" 2>/dev/null
grep -q 'interface.*/0 (pcap' "$SAMBA_DIR/dumpcap.log" || { cat "$SAMBA_DIR/dumpcap.log"; failed=1; } # none lost

read_all() {
    tshark -n -2 -r "$file" "$@" -o dcerpc.reassemble_dcerpc:TRUE -o smb2.pipe_reassembly:TRUE \
        -o tcp.desegment_tcp_streams:TRUE 2>/dev/null
}
# judge FILTER [tshark arguments]
judge() {
    local filter=$1 lines
    shift
    read_all "$@" -c 1 -Y "$filter" >/dev/null || { echo "capture: tshark does not take $filter"; exit 1; }
    lines=$(read_all "$@" -Y "$filter" -T fields -e frame.number -e tcp.stream -e _ws.col.Info -e _ws.expert.message)
    [ -n "$lines" ] || return 0
    echo "capture: tshark finds fault with $(wc -l <<<"$lines") packets:"
    head -n 20 <<<"$lines"
    failed=1
}
bad='_ws.malformed || _ws.expert.severity == "Error" || dcerpc.fragment.error || dcerpc.fragment.overlap.conflict
  || dcerpc.fragment.toolongfragment || dcerpc.fragment.multipletails || smb2.bad_signature'
# Without keys it now and then takes noise for what it decrypted.
judge "($bad) && !smb2.header.transform.signature"

keys=(-o "ntlmssp.nt_password:$SAMBA_PASSWORD")
if [ -n "${SAMBA_DC_CONF:-}" ]; then
    samba-tool domain exportkeytab "$SAMBA_DIR/keytab" -s "$SAMBA_DC_CONF" >/dev/null 2>&1
    keys+=(-K "$SAMBA_DIR/keytab")
fi
# The session keys that it finds out for NTLM it does not use for SMB by itself: they are given to it as a list, of the
# session's number as it is on the wire and the key. What Kerberos agreed about it does not tell.
read_all "${keys[@]}" -Y 'smb2 && ntlmssp.auth.sesskey' -T fields -e smb2.sesid -e _ws.expert.message |
    sed -nE 's/^0x(..)(..)(..)(..)(..)(..)(..)(..)\t.*SessionKey \(([0-9a-f]*)\).*/\8\7\6\5\4\3\2\1,\9,"",""/p' \
        >"$WIRESHARK_CONFIG_DIR/smb2_seskey_list"
known=$(sed -E 's/^(..)(..)(..)(..)(..)(..)(..)(..),.*/0x\8\7\6\5\4\3\2\1/' "$WIRESHARK_CONFIG_DIR/smb2_seskey_list" |
    paste -sd, | sed 's/,/, /g')
foreign="smb2.header.transform.signature && !(smb2.sesid in {${known:-0}})"
# Sealed NTLM on TCP it cannot open, also when Samba's client has sealed it: it loses the place in the key stream.
sealed='dcerpc.auth_level == 6 && ntlmssp.verf'
judge "($bad) && !($foreign) && !($sealed)" "${keys[@]}"
# Signatures with AES-GMAC it does not know, and those of requests that are sent as one it counts otherwise than Samba,
# which takes ours, and also when they are Samba's.
gmac=$(read_all -Y 'smb2.cmd == 0 && smb2.flags.response == 1 && smb2.negotiate_context.signing_id == 2' \
    -T fields -e tcp.stream | sort -un | paste -sd, | sed 's/,/, /g')
keys+=(-o smb2.verify_signatures:TRUE)
judge "($bad) && !($foreign) && !($sealed) && !(tcp.stream in {${gmac:-0}}) && !(smb2.chain_offset > 0)" "${keys[@]}"

# count FILTER: packets, with all keys
count() { read_all "${keys[@]}" -Y "$1" | wc -l; }
samr=$(count samr)
signed=$(count 'smb2.good_signature')
opened=$(count "smb2.header.transform.signature && smb2.sesid in {${known:-0}} && samr")
closed=$(count "smb2.header.transform.signature && smb2.sesid in {${known:-0}} && !smb2.cmd")
echo "capture: $samr packets of SAMR read, $opened of them encrypted SMB ($closed could not be opened), $signed signatures good"
[ "$samr" -ge 100 ] && [ "$opened" -ge 100 ] && [ "$closed" = 0 ] && [ "$signed" -ge 100 ] || failed=1

"$judge" "$SAMBA_DIR/decrypted.pcap" 1000 || failed=1
# every line of the trace is one JSON object, and no password is in it
/usr/bin/python3 - "$SAMBA_DIR/trace.json" <<'PY' || failed=1
import json, sys
lines = open(sys.argv[1]).read().splitlines()
for line in lines:
    json.loads(line)
assert len(lines) > 500, len(lines)
PY
! grep -q "$SAMBA_PASSWORD" "$SAMBA_DIR/trace.json" "$SAMBA_DIR/decrypted.pcap" || failed=1
[ -z "${CAPTURE_KEEP:-}" ] || cp "$file" "$CAPTURE_KEEP"
exit $failed
