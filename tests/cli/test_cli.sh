#!/bin/bash
# SPDX-License-Identifier: MIT
# test_cli.sh NETMGMT NETMGMTD COMPLETION: the tool's exact output, exit statuses, JSON, standard input and completion.
set -u
tool=$1 daemon=$2 completion=$3
folder=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
servers=
trap 'set +e; [ -z "$servers" ] || { kill $servers; wait $servers; } 2>/dev/null; rm -rf "$folder"' EXIT
export NETMGMT_LOCAL=embedded:$folder/accounts.db LC_ALL=C.UTF-8
failures=0

fail() {
    echo "FAILED line ${BASH_LINENO[1]}: $*" >&2
    failures=$((failures + 1))
}

# run STATUS ARGUMENT...: output in $out, messages in $err
run() {
    local expected=$1 status
    shift
    "$tool" "$@" >"$folder/out" 2>"$folder/err" </dev/null
    status=$?
    out=$(cat "$folder/out") err=$(cat "$folder/err")
    [ "$status" = "$expected" ] || fail "$* gave $status instead of $expected: $err"
}
out_is() {
    [ "$out" = "$1" ] || fail "output is
$out
and not
$1"
}
err_is() {
    [ "$err" = "$1" ] || fail "message is
$err
and not
$1"
}
err_has() {
    [[ $err == *"$1"* ]] || fail "\"$1\" is not in: $err"
}
# of $out: a Python expression over `d` must be true
json() {
    python3 -m json.tool <<<"$out" >/dev/null || fail "not JSON: $out"
    python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert eval(sys.argv[2]), d' "$out" "$1" || fail "$1"
}

# Usage
run 0 --help
[[ $out == *"netmgmt group list"*"netmgmt buffers"* ]] || fail "help"
run 0 -h
run 0 --version
[[ $out == "netmgmt "[0-9]* ]] || fail "version: $out"
for command in list show add set delete members add-member remove-member; do
    run 0 group $command --help
    [[ $out == "Usage: netmgmt group $command"*"Options:"* ]] || fail "help of $command"
    run 0 group $command --version
done
run 0 buffers
[[ $out == *NETMGMT_BUFFERS=leaks*NETMGMT_BUFFERS=guard* ]] || fail "buffers"
run 2
err_is 'netmgmt: a command is missing; try "netmgmt --help"'
run 2 frob
err_is 'netmgmt: there is no command "frob"; try "netmgmt --help"'
run 2 group
run 2 group frob
err_is 'netmgmt: there is no command "group frob"; try "netmgmt --help"'
run 2 group list extra
err_is 'netmgmt: too many arguments; try "netmgmt group list --help"'
run 2 group show
run 2 group list --frob
err_is 'netmgmt: "--frob" is not an option of this command; try "netmgmt group list --help"'
run 2 group list --comment x
run 2 group set Operators --comment
err_is 'netmgmt: "--comment" needs a value; try "netmgmt group set --help"'
run 2 group list --local nowhere
err_has 'unix:PATH or embedded:PATH'
for local in '' unix embedded: unix: nowhere; do
    run 2 group list --local "$local"
done
NETMGMT_LOCAL=embedded: run 2 group list
err_is 'netmgmt: NETMGMT_LOCAL is unix:PATH or embedded:PATH, not "embedded:"'
NETMGMT_TIMEOUT=5s run 2 group list
err_is 'netmgmt: NETMGMT_TIMEOUT is a number of seconds, not "5s"'
run 1 group list --local "unix:$folder/none"
err_has 'and the network. No netmgmtd listens where --local or NETMGMT_LOCAL says.'
echo 'no database' >"$folder/text"
run 1 group list --local "embedded:$folder/text"
err_has 'ERROR_INTERNAL_DB_CORRUPTION (1358): The account database is damaged, or is not one of ours'
run 1 group list --local "embedded:$folder"
err_has 'ERROR_INVALID_NAME (123)'
[ "$("$tool" ping -S 127.0.0.77 -N 2>&1 | tail -n 1 | cut -c 1-21)" = 'netmgmt: 127.0.0.77: ' ] || fail 'the message is not last'
run 2 group delete -S '' Operators
err_is 'netmgmt: the name after --server is empty; without --server it is this machine'
run 2 group list -S server -N --address ''
run 2 group list --columns NAME,FROB
err_has 'there is no column "FROB"'
run 2 group list --columns NAME,name
run 2 group list --json --raw
run 2 group add
run 2 group delete
run 2 group add-member Operators
run 2 group set Operators
run 2 group set Operators --attributes seven

# Other machines: 127.0.0.77 is nobody
run 2 group list -U someone
err_is 'netmgmt: name the server: -S SERVER'
run 2 group list -S server --local embedded:x
run 2 group list -S server -N -k perhaps
err_is 'netmgmt: -k is one of desired required off, not "perhaps"'
run 2 group list -S server -N --transport pigeon
run 2 group list -S server -N --port 65536
for range in '' - 3 3.0-x 2.0-3.0 3.0--3.1.1; do
    run 2 group list -S server -N --smb "$range"
    err_is "netmgmt: --smb is a dialect or a range such as 3.0- or 2.1-3.0.2, of 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1; not \"$range\""
done
run 2 group list -S server -N --signing aes-cmac,
err_is 'netmgmt: --signing is a list of hmac-sha256, aes-cmac, aes-gmac, with commas between them; not "aes-cmac,"'
run 2 group list -S server -N --encryption off,aes-256-gcm
run 2 group list -S server -N --smb 3.0-2.1
err_is 'netmgmt: there is no SMB dialect with all that --smb, --signing and --encryption ask for'
run 2 group list -S server -N --smb -3.0.2 --encryption aes-256-gcm
run 2 group list -S server -N --smb 3.0- --transport tcp
err_is 'netmgmt: --smb, --signing and --encryption are of SMB, which --transport tcp does without'
run 2 group list --smb 3.0-
err_is 'netmgmt: name the server: -S SERVER'
run 2 group list -S server -U u -A file
run 2 group list -S server --nt-hash
run 2 group list -S server -U u --password-fd x
run 1 group list -S server -U u --password-fd 77
"$tool" group list -S server -U u --password-fd 0 < <(printf '%01024d' 0) 2>"$folder/err" && fail "a password was cut"
err=$(cat "$folder/err")
err_is 'netmgmt: the password is longer than 1023 bytes'
# -k says how the user of a file is authenticated, too
(umask 077 && printf 'username = u\npassword = p\n' >"$folder/auth")
run 1 ping -S 127.0.0.77 -A "$folder/none" -k off
err_has "cannot use \"$folder/none\""
NETMGMT_AUTH_FILE=$folder/none run 1 ping -S 127.0.0.77 -k off
err_has "cannot use \"$folder/none\""
run 2 ping -S 127.0.0.77 -A "" -U u
run 2 group list -S one -S two -N --address 127.0.0.77
err_is 'netmgmt: --address goes with one server'
run 2 group add -S @- -S two -N --stdin
err_is 'netmgmt: the standard input cannot hold both servers and names: put the servers into a file'
run 2 group add -S @- -N -
run 2 group add-member -S @- -N Operators -
run 2 group list -S one -S two --jobs 0
run 2 group list -S "@$folder/not-there"
err_is "netmgmt: cannot read the list of servers \"$folder/not-there\": No such file or directory"
run 2 group list -S one -S two -N --columns FROB
[ "$(grep -c 'there is no column' <<<"$err")" = 1 ] || fail "said once, not for each server"
run 1 group list -S 127.0.0.77 -N
err_has 'netmgmt: 127.0.0.77: cannot list the groups: RPC_S_SERVER_UNAVAILABLE (1722)'
run 2 group list -S 127.0.0.77 -U u --nt-hash --password-fd 3 3<<<31d6cfe0d16ae931b73c59d7e0c089cX
run 1 group list -S 127.0.0.77 -U u --nt-hash --password-fd 3 3<<<31d6cfe0d16ae931b73c59d7e0c089c0
err_has '(1722)'
printf '# servers\n127.0.0.77\n\n  127.0.0.78\t\r\n127.0.0.79' >list
run 1 group list -S @list -S 127.0.0.80 -N
[ "$(cut -d: -f2 <<<"$err" | tr -d '\n')" = ' 127.0.0.77 127.0.0.78 127.0.0.79 127.0.0.80' ] || fail "each server, in order"
chmod 644 list
run 1 group list -S 127.0.0.77 -A list
err_has 'ERROR_NO_SECURITY_ON_OBJECT'

run 1 ping -S 127.0.0.77 -N --raw --no-headings --columns STEP,STATUS
out_is 'resolve OK
connect RPC_S_SERVER_UNAVAILABLE
resolve OK
connect RPC_S_SERVER_UNAVAILABLE'
err_has 'netmgmt: 127.0.0.77: cannot reach the accounts: RPC_S_SERVER_UNAVAILABLE (1722)'
# what SMB may agree about says that it must be SMB
run 1 ping -S 127.0.0.77 -N --raw --no-headings --columns STEP,STATUS --smb 2.1-3.1.1 --signing AES-CMAC,aes-gmac \
    --encryption aes-256-gcm,aes-256-ccm
out_is 'resolve OK
connect RPC_S_SERVER_UNAVAILABLE'
run 0 ping --raw --no-headings --columns STEP,STATUS
out_is 'connect OK
bind OK
call OK'

# Names are UTF-8 in any locale; what is not printable stays off the terminal
for locale in C C.UTF-8; do
    LC_ALL=$locale run 1 group show $'\e[31mred\n\xc2\x9b Ünïcode'
    err_has 'show group "\x1b[31mred\x0a\xc2\x9b Ünïcode": NERR_GroupNotFound'
    LC_ALL=$locale run 0 group add 'グループ' --local embedded:names.db
    LC_ALL=$locale run 0 group list --local embedded:names.db --no-headings --columns NAME
    out_is 'None
グループ'
    rm names.db*
done
run 1 group add $'\xff'
err_is 'netmgmt: "\xff" is not valid UTF-8; nothing was done with it'

# Adding and listing
run 0 group list
out_is ' RID NAME COMMENT
 513 None Ordinary users'
run 0 group add Operators "Two words" --comment "Night shift"
out_is ''
err_is ''
run 0 group list --columns rid,name,comment
out_is ' RID NAME      COMMENT
 513 None      Ordinary users
1000 Operators Night shift
1001 Two words Night shift'
run 0 group list --raw --columns NAME,COMMENT
out_is 'NAME COMMENT
None Ordinary\x20users
Operators Night\x20shift
Two\x20words Night\x20shift'
run 0 group list -r -n -o NAME
out_is 'None
Operators
Two\x20words'
run 0 group list --json
json '[g["name"] for g in d["groups"]] == ["None", "Operators", "Two words"]'
json '[g["rid"] for g in d["groups"]] == [513, 1000, 1001]'
run 1 group add Operators New
err_is 'netmgmt: cannot add group "Operators": NERR_GroupExists (2223): There is already a group with this name. Choose another name, or change the group with "netmgmt group set".'
run 0 group show New --json
json 'd["groups"][0]["comment"] in ("", None)'
run 1 group add "bad/name"
err_has 'NERR_BadUsername (2202)'
run 1 group add administrators
err_has 'ERROR_ALIAS_EXISTS (1379)'
run 1 group add $'\xff'
err_has 'not valid UTF-8'
run 0 group add $'Übung \U1F600'
run 0 group show $'übung \U1F600' --json
json 'd["groups"][0]["name"] == "\u00dcbung \U0001f600"'
run 0 group delete $'Übung \U1F600' New "Two words"

# Users
run 0 user list
out_is ' RID NAME               FULL-NAME COMMENT
 500 Administrator                Predefined account that administers this computer
 501 Guest                        Predefined account for visitors
 503 DefaultAccount               Account that the system looks after itself
 504 WDAGUtilityAccount           Account that the system uses for isolated applications'
run 0 user list -n -r -o NAME,PRIVILEGE,FLAGS
out_is 'Administrator admin normal,disabled,password-lasts
Guest guest normal,disabled,no-password-needed,password-lasts
DefaultAccount user normal,disabled,no-password-needed,password-lasts
WDAGUtilityAccount user normal,disabled'
run 0 user list --kinds workstation,server
out_is ''
run 0 user list --kinds all -n -o RID
out_is ' 500
 501
 503
 504'
run 0 user list --json -o name,rid,sid
json '[u["rid"] for u in d["users"]] == [500, 501, 503, 504]'
json 'all(u["sid"].endswith("-%d" % u["rid"]) for u in d["users"]) and d["users"][1]["sid"].startswith("S-1-5-21-")'
run 0 user show guest --json
json 'd["users"][0]["name"] == "Guest" and d["users"][0]["privilege"] == "guest" and d["users"][0]["expires"] == "never"'
json 'd["users"][0]["password-set"].endswith("Z") and not d["users"][0]["last-logon"]'
# a password that was never set has no time, and above all not now
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE user SET created = 0")
db.commit()' "$folder/accounts.db"
run 0 user show Guest --json -o PASSWORD-SET
json 'd["users"][0]["password-set"] in ("", None)'
run 0 user show Guest ADMINISTRATOR -o name,rid,sid,home,workstations,operator -n
[[ $out == *"Guest"*"S-1-5-21-"*"Administrator"*"-500"* ]] || fail "user show: $out"
run 1 user show Nobody Guest -n -o NAME
out_is 'Guest'
err_is 'netmgmt: cannot show user "Nobody": NERR_UserNotFound (2221): There is no user with this name. "netmgmt user list" shows the users that there are.'
run 1 user show None
err_has 'NERR_UserNotFound (2221)'
run 2 user list --kinds normal,people
err_is 'netmgmt: --kinds is a list of normal, workstation, server, trust, temporary, or all, not "normal,people"'
run 2 user list --columns NAME,MEMBERS
run 2 user show
run 2 user list extra
run 2 user frob

# Showing, changing
run 0 group show Operators --json
json 'd["groups"][0]["sid"].startswith("S-1-5-21-") and d["groups"][0]["sid"].endswith("-1000")'
json 'd["groups"][0]["members"] == 0'
run 1 group show Nobody Operators --columns NAME --no-headings
out_is 'Operators'
err_is 'netmgmt: cannot show group "Nobody": NERR_GroupNotFound (2220): There is no group with this name. "netmgmt group list" shows the groups that there are.'
run 0 group set Operators --comment "Day shift" --attributes 0x3 --name Crew
run 0 group show crew --columns NAME,ATTRIBUTES,COMMENT --no-headings
out_is 'Crew mandatory,default Day shift'
run 0 group set Crew --comment ""
run 0 group show Crew --json --columns COMMENT
json 'd["groups"][0]["comment"] in ("", None)'
run 1 group set Operators --comment x
run 0 group add Shift
run 1 group set Crew --comment Late --attributes 7 --name Shift
err_has 'cannot change the name of group "Crew" (its comment and attributes have been changed): NERR_GroupExists'
run 1 group set Crew --name Shift
err_has 'cannot change the name of group "Crew": NERR_GroupExists'
run 0 group set Crew --comment ""
run 0 group delete Shift
run 1 group delete None
err_has 'NERR_SpeGroupOp (2234)'

# Members
run 0 group add-member Crew Guest administrator
run 0 group members Crew
out_is 'NAME          ATTRIBUTES
Administrator mandatory,default,enabled
Guest         mandatory,default,enabled'
run 0 group members Crew --raw -n -o NAME
out_is 'Administrator
Guest'
run 0 group members Crew --json
json '[m["name"] for m in d["members"]] == ["Administrator", "Guest"]'
run 1 group add-member Crew Guest
err_has 'NERR_UserInGroup (2236)'
run 1 group remove-member Crew Nobody Guest
err_has 'cannot remove member "Nobody": NERR_UserNotFound (2221)'
run 0 group members Crew --raw -n -o NAME
out_is 'Administrator'
run 1 group members Nobody
run 0 group delete Crew
run 0 group add Empty
run 0 group members Empty --json
json 'd["members"] == []'
run 0 group delete Empty

# Many names from the standard input
seq -f 'Many%04g' 1 300 | "$tool" group add --stdin First || fail "--stdin"
printf 'Many0300\n\nNobody\nMany0299' | "$tool" group delete - 2>"$folder/err" && fail "an unknown name went through"
grep -q 'cannot delete group "Nobody"' "$folder/err" || fail "no message about the unknown name"
[ -s "$folder/err" ] && [ "$(wc -l <"$folder/err")" = 1 ] || fail "more messages than one"
run 0 group list --json
json 'len(d["groups"]) == 300'
run 0 group list --raw --no-headings
[ "$(wc -l <<<"$out")" = 300 ] || fail "raw: $(wc -l <<<"$out") lines"
"$tool" group list >/dev/full 2>"$folder/err" && fail "a full disk was not noticed"
grep -q 'cannot write the output' "$folder/err" || fail "no message about the full disk"
for command in "group list --raw" "group list --json" "group list -r -S localhost -S ." "group list -J -S localhost -S ." \
    "group show First" "--help" "group list --help" "--version" "buffers"; do
    "$tool" $command >/dev/full 2>"$folder/err" && fail "a full disk was not noticed by $command"
    err=$(cat "$folder/err")
    err_is 'netmgmt: cannot write the output'
done

# A character is one, and as wide as it is, whatever the locale
export NETMGMT_LOCAL=embedded:$folder/wide.db
run 0 group add Größe 漢字
for locale in C C.UTF-8; do
    LC_ALL=$locale run 0 group list -o NAME,RID
    out_is 'NAME   RID
Größe 1000
None   513
漢字  1001'
done
export NETMGMT_LOCAL=embedded:$folder/accounts.db

# Names from files with the line ends of Windows
printf 'Many0001\r\n' | "$tool" group delete --stdin || fail "CR LF"

# Servers
run 1 group list --local unix:/nonexistent
err_has 'cannot list the groups: RPC_S_SERVER_UNAVAILABLE (1722)'
run 1 group list --local embedded:/proc/nowhere/accounts.db
"$daemon" --socket "$folder/sock" --database "$folder/other.db" 2>/dev/null &
servers=$!
for _ in {1..100}; do [ -S "$folder/sock" ] && break; sleep 0.05; done
run 0 group add Daemon --local "unix:$folder/sock"
run 0 group list -r -n -o NAME --local "unix:$folder/sock"
out_is 'Daemon
None'
# what is closed does not become a connection, to which output would go
"$tool" group list --local "unix:$folder/sock" >&- 2>"$folder/err" && fail "closed output was not noticed"
err=$(cat "$folder/err")
err_is 'netmgmt: cannot write the output'
"$tool" group show Daemon Nobody --local "unix:$folder/sock" >"$folder/out" 2>&- && fail "Nobody was shown"
grep -q Daemon "$folder/out" || fail "nothing was shown without a place for messages"
"$tool" group list --local "unix:$folder/sock" <&- >"$folder/out" || fail "no standard input"

# Several servers are given the same names; each says for itself what it cannot do
port=$(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.71", 0))
b.bind(("127.0.0.72", a.getsockname()[1]))
print(a.getsockname()[1])')
for n in 71 72; do
    "$daemon" --database "$folder/$n.db" --set-password=Administrator <<<secret >/dev/null || fail "--set-password"
    "$daemon" --socket "$folder/$n.sock" --database "$folder/$n.db" --listen-tcp="127.0.0.$n:$port" 2>/dev/null &
    servers="$servers $!"
done
for n in 71 72; do
    for _ in {1..100}; do [ -S "$folder/$n.sock" ] && break; sleep 0.05; done
done
both=(-S 127.0.0.71 -S 127.0.0.72 -U Administrator -k off --transport tcp --port "$port" --password-fd 3)
printf 'Alpha\nBeta\n\nGamma' | "$tool" group add --stdin First "${both[@]}" 3<<<secret || fail "--stdin, two servers"
run 0 group list -r -n -o SERVER,NAME "${both[@]}" 3<<<secret
out_is "$(for n in 71 72; do printf "127.0.0.$n %s\n" Alpha Beta First Gamma None; done)"
"$tool" group delete -S 127.0.0.72 "${both[@]:4}" Beta 3<<<secret || fail "delete on one"
printf 'Alpha\nBe\0ta\nBeta\nGamma\n' | "$tool" group delete - "${both[@]}" 3<<<secret >"$folder/out" 2>&1
[ $? = 1 ] || fail "what one server could not do went through"
out=$(cat "$folder/out")
out_is 'netmgmt: a line of the standard input holds a zero byte; nothing was done with it
netmgmt: 127.0.0.72: cannot delete group "Beta": NERR_GroupNotFound (2220): There is no group with this name. "netmgmt group list" shows the groups that there are.'
printf 'secret\nGuest\n' | "$tool" group add-member First - "${both[@]:0:12}" --password-fd 0 || fail "password and names"
run 0 group members First -r -n -o SERVER,NAME "${both[@]}" 3<<<secret
out_is $'127.0.0.71 Guest\n127.0.0.72 Guest'
run 0 group list -r -n -o SERVER,NAME "${both[@]}" 3<<<secret
out_is "$(for n in 71 72; do printf "127.0.0.$n %s\n" First None; done)"
"$tool" group add --stdin "${both[@]}" 3<<<secret <"$folder" 2>"$folder/err" && fail "a folder was read"
err=$(cat "$folder/err")
err_is 'netmgmt: cannot read the standard input: Is a directory'

# Completion
if bash -n "$completion"; then
    complete_for() { # WORD...: the last is to be completed
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        _netmgmt 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]}" | sort
    }
    netmgmt() { "$tool" "$@"; }
    . "$completion"
    completed() { # EXPECTED WORD...
        local expected=$1 got
        shift
        got=$(complete_for "$@" | tr '\n' ' ')
        [ "$got" = "$expected " ] || fail "completion of \"$*\" is \"$got\""
    }
    completed 'group' netmgmt gr
    completed 'add add-member' netmgmt group add
    completed '--json' netmgmt group list --js
    completed 'desired' netmgmt group list -k d
    completed 'pipe tcp' netmgmt group list --transport ''
    completed '3.0 3.0.2' netmgmt group list --smb 3.0
    completed '2.1-3.0 2.1-3.0.2 2.1-3.1.1' netmgmt group list --smb 2.1-3
    completed 'aes-256-ccm aes-256-gcm' netmgmt group list --encryption aes-256
    completed 'off offered' netmgmt group list --encryption of
    completed 'aes-cmac,hmac-sha256' netmgmt group list --signing aes-cmac,h
    completed '--comment' netmgmt group set X --c
    completed 'First' netmgmt group show Fi
    completed 'embedded:' netmgmt group list --local e
    completed 'MEMBERS' netmgmt group list --columns M
    completed 'NAME,SID' netmgmt group list --columns NAME,S
else
    fail "the completion is not bash"
fi

[ "$failures" = 0 ] && echo "all as expected"
exit $((failures != 0))
