#!/bin/bash
# SPDX-License-Identifier: MIT
# capture.sh CONVERSATION: what our client and server say to each other, judged by tshark.
set -eu
command -v tshark >/dev/null || { echo "no tshark, skipped"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pdus=$("$1" "$folder/conversation.pcap")
"$(dirname "$0")/judge.sh" "$folder/conversation.pcap" "$pdus!"
