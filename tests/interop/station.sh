#!/bin/sh
# SPDX-License-Identifier: MIT
# station.sh STATION: inside tests/samba/world.sh standalone,dc: the example, with one identity for both servers.
umask 077
printf 'username = alice\npassword = %s\n' "$SAMBA_PASSWORD" >"$SAMBA_DIR/auth"
export NETMGMT_AUTH_FILE="$SAMBA_DIR/auth"
output=$("$1" '\\files' 'ncacn_np:dc1.world.test[\pipe\wkssvc]' 2>&1) && [ "$(wc -l <<LINES
$output
LINES
)" = 2 ] && case $output in
'\\files: FILES in WORLD, version '*'ncacn_np:dc1.world.test[\pipe\wkssvc]: DC1 in WORLD, version '*) exit 0 ;;
esac
printf 'FAILED: %s\n' "$output"
exit 1
