#!/bin/bash
# SPDX-License-Identifier: MIT
# capture.sh PROGRAM [ARGUMENT ...] [-- PROGRAM ...]: inside tests/samba/world.sh, captures what the programs and the
# servers say to each other; tshark must find no malformed packet and no fragment that never came together, without
# and with the password and the DC's keys. (Sealed RPC it opens; of encrypted SMB it reads the outside only.)
set -u
command -v dumpcap >/dev/null || { echo "no tshark: skipped"; exit 77; }
file=$SAMBA_DIR/capture.pcapng
dumpcap -q -i lo -B 64 -f 'tcp port 445 or tcp port 135 or tcp portrange 49152-49300' -w "$file" 2>"$SAMBA_DIR/dumpcap.log" &
dumpcap=$!
for _ in $(seq 100); do grep -q File: "$SAMBA_DIR/dumpcap.log" && break; sleep 0.05; done
failed=0
run=()
for word in "$@" --; do
    if [ "$word" != -- ]; then run+=("$word"); continue; fi
    "${run[@]}" >"$SAMBA_DIR/program.log" 2>&1 || { cat "$SAMBA_DIR/program.log"; failed=1; }
    run=()
done
sleep 0.5
kill -INT $dumpcap
wait $dumpcap 2>/dev/null
grep -q 'interface.*/0 (pcap' "$SAMBA_DIR/dumpcap.log" || { cat "$SAMBA_DIR/dumpcap.log"; failed=1; } # none lost

keys=()
if [ -n "${SAMBA_DC_CONF:-}" ]; then
    samba-tool domain exportkeytab "$SAMBA_DIR/keytab" -s "$SAMBA_DC_CONF" >/dev/null 2>&1
    keys=(-K "$SAMBA_DIR/keytab")
fi
read_all() {
    tshark -n -2 -r "$file" "$@" -o dcerpc.reassemble_dcerpc:TRUE -o smb2.pipe_reassembly:TRUE \
        -o tcp.desegment_tcp_streams:TRUE 2>/dev/null
}
keys+=(-o "ntlmssp.nt_password:$SAMBA_PASSWORD" -o smb2.verify_signatures:TRUE)
bad='_ws.malformed || _ws.expert.severity == "Error" || dcerpc.fragment.error || dcerpc.fragment.overlap.conflict
  || dcerpc.fragment.toolongfragment || dcerpc.fragment.multipletails || smb2.bad_signature'
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
# Of encrypted SMB it has no keys, and now and then takes noise for what it decrypted: see decrypted.sh for that.
bad="($bad) && !smb2.header.transform.signature"
judge "$bad"
# Sealed NTLM on TCP it cannot open, also when Samba's client has sealed it: it loses the place in the key stream.
judge "($bad) && !(dcerpc.auth_level == 6 && ntlmssp.verf)" "${keys[@]}"
smb=$(read_all "${keys[@]}" -Y smb2 | wc -l)
rpc=$(read_all "${keys[@]}" -Y dcerpc | wc -l)
samr=$(read_all "${keys[@]}" -Y samr | wc -l)
echo "capture: $smb packets of SMB, $rpc of RPC, $samr of SAMR read"
[ "$samr" -ge 100 ] || failed=1
[ -z "${CAPTURE_KEEP:-}" ] || cp "$file" "$CAPTURE_KEEP"
exit $failed
