#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh DIR [meson options]: configure once, then build.
set -eu
dir=$1; shift
[ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" >/dev/null || { cat "$dir/meson-logs/meson-log.txt" >&2; exit 1; }
ninja -C "$dir" --quiet
