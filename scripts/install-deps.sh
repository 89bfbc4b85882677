#!/bin/bash
# SPDX-License-Identifier: MIT
# Install the Debian packages that the build (and, with --check, the tests) need and that are missing. Says nothing when all are there.
set -eu
build="gcc make meson ninja-build pkg-config libc6-dev libsqlite3-dev libuv1-dev libunistring-dev libsmartcols-dev libcmocka-dev nettle-dev libkrb5-dev"
check="clang clang-format libclang-rt-14-dev llvm samba-testsuite tshark sqlite3 python3 man-db krb5-kdc krb5-admin-server krb5-user gss-ntlmssp python3-samba python3-impacket g++ util-linux samba samba-ad-provision samba-dsdb-modules samba-vfs-modules samba-common-bin winbind smbclient iproute2"
packages=$build
[ "${1:-}" = --check ] && packages="$build $check"
missing=
for p in $packages; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "These packages are missing and there is no sudo to install them:$missing" >&2; exit 1; }
    sudo=sudo
fi
echo "Installing:$missing"
# the servers among them are for the tests, which start their own: none is to begin serving this machine
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$sudo rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
fi
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo ${sudo:+env DEBIAN_FRONTEND=noninteractive} apt-get install -y -qq --no-install-recommends $missing >/dev/null
