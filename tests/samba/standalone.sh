# SPDX-License-Identifier: MIT
# standalone.sh, sourced by world.sh: a standalone smbd (tdbsam) on 127.0.0.2, name "files". Global groups are unix
# groups, made by scripts in the world's own /etc. Accounts, all with SAMBA_PASSWORD: admin (Administrators), alice,
# and those that are refused: disabled, locked, expired (the account), oldpass (the password), mustchange. And
# SAMBA_MANY users many0000, many0001, ...
export SAMBA_FILES_ADDRESS=127.0.0.2 SAMBA_FILES_CONF=$SAMBA_DIR/files/smb.conf

files_configure() {
    local dir=$SAMBA_DIR/files
    mkdir -p "$dir"/{private,state,cache,lock,run,ncalrpc,log}
    echo 30000 >"$dir/next-id"
    cat >"$dir/accounts" <<SCRIPT
#!/bin/bash
# accounts VERB NAME [GROUP]: what smbd calls to change unix accounts
exec 9>"$dir/accounts.lock"
flock 9
next() { read -r id <"$dir/next-id"; echo \$((id + 1)) >"$dir/next-id"; }
edit() { awk -F: -v OFS=: -v name="\$2" -v user="\$3" "\$4" "/etc/\$1" >"$dir/new" && cat "$dir/new" >"/etc/\$1"; }
case \$1 in
add-user) next; echo "\$2:x:\$id:100::/:/bin/false" >>/etc/passwd ;;
delete-user) edit passwd "\$2" '' '\$1 != name' ;;
add-group) next; echo "\$2:x:\$id:" >>/etc/group; echo \$id ;;
delete-group) edit group "\$2" '' '\$1 != name' ;;
add-member) edit group "\$3" "\$2" '\$1 == name { \$4 = \$4 == "" ? user : \$4 "," user } { print }' ;;
delete-member)
    edit group "\$3" "\$2" '\$1 == name { n = split(\$4, m, ","); \$4 = ""
        for (i = 1; i <= n; i++) if (m[i] != user) \$4 = \$4 (\$4 == "" ? "" : ",") m[i] } { print }' ;;
primary) gid=\$(awk -F: -v g="\$3" '\$1 == g { print \$3 }' /etc/group)
    edit passwd "\$2" "\$gid" '\$1 == name { \$4 = user } { print }' ;;
esac
SCRIPT
    chmod +x "$dir/accounts"
    cat >"$SAMBA_FILES_CONF" <<CONF
[global]
    netbios name = FILES
    workgroup = WORLD
    server role = standalone server
    passdb backend = tdbsam:$dir/private/passdb.tdb
    private dir = $dir/private
    state directory = $dir/state
    cache directory = $dir/cache
    lock directory = $dir/lock
    pid directory = $dir/run
    ncalrpc dir = $dir/ncalrpc
    usershare max shares = 0
    log file = $dir/log/log.%m
    log level = ${SAMBA_LOG_LEVEL:-0}
    interfaces = $SAMBA_FILES_ADDRESS/8
    bind interfaces only = yes
    smb ports = 445
    disable netbios = yes
    load printers = no
    printcap name = /dev/null
    disable spoolss = yes
    map to guest = never
    add user script = $dir/accounts add-user %u
    add machine script = $dir/accounts add-user %u
    delete user script = $dir/accounts delete-user %u
    add group script = $dir/accounts add-group "%g"
    delete group script = $dir/accounts delete-group "%g"
    add user to group script = $dir/accounts add-member %u "%g"
    delete user from group script = $dir/accounts delete-member %u "%g"
    set primary group script = $dir/accounts primary %u "%g"
$(printf '%b' "${SAMBA_FILES_OPTIONS:-}")
CONF
}

files_accounts() {
    local dir=$SAMBA_DIR/files uid=20000 name flags set
    # name, flags of smbpasswd(5), when the password was set (hexadecimal, seconds since 1970)
    while read -r name flags set; do
        [ -n "$name" ] || continue
        uid=$((uid + 1))
        echo "$name:x:$uid:100::/:/bin/false" >>/etc/passwd
        printf '%s:%d:%032d:%s:[%-11s]:LCT-%s:\n' "$name" $uid 0 80A95685C2B1B18764D3DED13E6F036A "$flags" "$set"
    done >"$dir/smbpasswd" <<ACCOUNTS
admin UX 68000000
alice UX 68000000
bob UX 68000000
disabled UDX 68000000
locked ULX 68000000
expired UX 68000000
oldpass U 10000000
mustchange U 00000000
$(for ((i = 0; i < ${SAMBA_MANY:-0}; i++)); do printf 'many%04d UX 68000000\n' "$i"; done)
ACCOUNTS
    printf 'admins:x:20900:admin\nadmins2:x:20901:admin\n' >>/etc/group
    pdbedit -s "$SAMBA_FILES_CONF" -i "smbpasswd:$dir/smbpasswd" -e "tdbsam:$dir/private/passdb.tdb"
    pdbedit -s "$SAMBA_FILES_CONF" -P "lockout duration" -C 4294967295
    pdbedit -s "$SAMBA_FILES_CONF" -P "maximum password age" -C 1000000
    pdbedit -s "$SAMBA_FILES_CONF" -u expired --kickoff-time 1000000000
    net -s "$SAMBA_FILES_CONF" groupmap add sid=S-1-5-32-544 unixgroup=admins type=builtin ntgroup=Administrators
    net -s "$SAMBA_FILES_CONF" groupmap add sid=S-1-5-32-545 unixgroup=users type=builtin ntgroup=Users
}

files_start() {
    smbd -s "$SAMBA_FILES_CONF" -D
    wait_port $SAMBA_FILES_ADDRESS 445 10
}

files_configure
files_accounts >"$SAMBA_DIR/files/accounts.log" 2>&1 || { cat "$SAMBA_DIR/files/accounts.log" >&2; exit 1; }
files_start
