#!/bin/bash
# SPDX-License-Identifier: MIT
# judge.sh FILE.pcap [PDUS]: tshark reads a capture of DCE/RPC (TCP port 135) and must find nothing malformed,
# no error, no fragment that does not fit, and at least (exactly, when the count ends in "!") PDUS of them.
# Exit status: 0, 1, or 77 when there is no tshark.
set -u
file=$1 want=${2:-1}
command -v tshark >/dev/null || { echo "judge: no tshark, skipped"; exit 77; }
bad='_ws.malformed || _ws.expert.severity == "Error" || dcerpc.fragment.error || dcerpc.fragment.overlap.conflict
  || dcerpc.fragment.toolongfragment || dcerpc.fragment.multipletails || tcp.analysis.flags'
read_file() {
  tshark -n -2 -r "$file" -d tcp.port==135,dcerpc -o dcerpc.reassemble_dcerpc:TRUE -o tcp.desegment_tcp_streams:TRUE "$@" 2>/dev/null
}
# A filter that is not understood must not read as "nothing bad".
read_file -Y "$bad" >/dev/null || { echo "judge: tshark does not take the file or the filter"; exit 1; }
failed=0
if lines=$(read_file -Y "$bad" -T fields -e frame.number -e _ws.col.Info -e _ws.expert.message) && [ -n "$lines" ]; then
  echo "judge: tshark finds fault with"; echo "$lines" | head -n 20; failed=1
fi
pdus=$(read_file -Y dcerpc -T fields -e dcerpc.pkt_type | tr ',' '\n' | grep -c .)
echo "judge: $pdus PDUs read"
case $want in
  *!) [ "$pdus" -eq "${want%!}" ] || { echo "judge: ${want%!} were sent"; failed=1; } ;;
  *)  [ "$pdus" -ge "$want" ] || { echo "judge: at least $want were expected"; failed=1; } ;;
esac
exit $failed
