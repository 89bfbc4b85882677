#!/bin/bash
# SPDX-License-Identifier: MIT
# The main job on the embedded default: the machine's real groups into a fresh account database, and back.
set -eu
dir=$1
folder=$(mktemp -d -t netmgmt-demo.XXXXXX)
trap 'rm -rf "$folder"' EXIT
NETMGMT_LOCAL=embedded:$folder/accounts.db "$dir/examples/groups"
