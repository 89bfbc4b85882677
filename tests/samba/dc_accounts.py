#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""dc_accounts.py SMB.CONF PASSWORD: the accounts of the tests, straight into a DC's database before it starts.

alice, bob; and those that are refused: disabled, locked, expired (the account), oldpass (the password), mustchange.
With a third argument N and a fourth M instead: N global groups bench000000... and M users user000000... SAMBA_MANY in
the environment: so many users many0000, many0001, ... besides."""
import os
import sys

from samba.auth import system_session
from samba.dsdb import UF_ACCOUNTDISABLE, UF_DONT_EXPIRE_PASSWD, UF_NORMAL_ACCOUNT, UF_PASSWD_NOTREQD
from samba.param import LoadParm
from samba.samdb import SamDB

conf, password = sys.argv[1:3]
groups = int(sys.argv[3]) if len(sys.argv) > 3 else 0
users = int(sys.argv[4]) if len(sys.argv) > 4 else 0
lp = LoadParm()
lp.load(conf)
db = SamDB(url=lp.private_path('sam.ldb'), session_info=system_session(), lp=lp)
domain = db.domain_dn()
LOCKED_SINCE = 2**63 - 2**60  # far in the future: the lockout does not end


def user(name, flags=UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD, change=()):
    dn = 'CN=%s,CN=Users,%s' % (name, domain)
    db.newuser(name, password, setpassword=True)
    text = 'dn: %s\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: %d\n' % (dn, flags)
    for attribute, value in change:
        text += '-\nreplace: %s\n%s: %s\n' % (attribute, attribute, value)
    db.modify_ldif(text, controls=['local_oid:1.3.6.1.4.1.7165.4.3.12:0'] if not change else
                   ['local_oid:1.3.6.1.4.1.7165.4.3.12:0', 'bypassoperational:0'])


if not groups and not users:
    db.set_minPwdAge('0')
    db.set_maxPwdAge(str(-1000 * 86400 * 10**7))
    db.transaction_start()
    user('alice')
    user('bob')
    user('disabled', UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD | UF_ACCOUNTDISABLE)
    user('locked', change=[('lockoutTime', LOCKED_SINCE)])
    user('expired', change=[('accountExpires', 126000000000000000)])
    user('oldpass', UF_NORMAL_ACCOUNT, [('pwdLastSet', 126000000000000000)])
    user('mustchange', UF_NORMAL_ACCOUNT, [('pwdLastSet', 0)])
    for i in range(int(os.environ.get('SAMBA_MANY') or 0)):
        name = 'many%04d' % i
        db.add({'dn': 'CN=%s,CN=Users,%s' % (name, domain), 'objectClass': 'user', 'sAMAccountName': name,
                'userAccountControl': str(UF_NORMAL_ACCOUNT | UF_PASSWD_NOTREQD)})
    db.transaction_commit()
for first in range(0, groups, 1000):
    db.transaction_start()
    for i in range(first, min(first + 1000, groups)):
        name = 'bench%06d' % i
        db.add({'dn': 'CN=%s,CN=Users,%s' % (name, domain), 'objectClass': 'group', 'sAMAccountName': name,
                'description': 'bench'})
    db.transaction_commit()
for first in range(0, users, 1000):
    db.transaction_start()
    for i in range(first, min(first + 1000, users)):
        name = 'user%06d' % i
        db.add({'dn': 'CN=%s,CN=Users,%s' % (name, domain), 'objectClass': 'user', 'sAMAccountName': name,
                'displayName': 'Number %d' % i, 'description': 'bench',
                'userAccountControl': str(UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE)})
    db.transaction_commit()
