#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Samba's client library against our acceptor (the program given as argument): NTLM alone and in SPNEGO, at each
level, wrong passwords too. Needs python3-samba; without it: 77 (skipped)."""
import os
import subprocess
import sys

try:
    from samba import NTSTATUSError, credentials, gensec
    from samba.param import LoadParm
except ImportError:
    print("no python3-samba: skipped")
    sys.exit(77)

NTLM, SPNEGO = 10, 9
CONNECT, INTEGRITY, PRIVACY = 2, 5, 6


class Acceptor:
    def __init__(self, auth_type, level):
        self.process = subprocess.Popen([sys.argv[1], str(auth_type), str(level)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        text = " ".join(w if isinstance(w, str) else w.hex() or "-" for w in words)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def close(self):
        self.process.stdin.close()
        assert self.process.wait() == 0


def unhex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def new_client(auth_type, level, user, password):
    lp = LoadParm()
    lp.load_default()
    c = credentials.Credentials()
    c.guess(lp)
    c.set_username(user)
    c.set_domain("EXAMPLE")
    c.set_password(password)
    c.set_kerberos_state(credentials.DONT_USE_KERBEROS)
    g = gensec.Security.start_client({"lp_ctx": lp, "target_hostname": "server"})
    g.set_credentials(c)
    if level != CONNECT:
        g.want_feature(gensec.FEATURE_SIGN)
    if level == PRIVACY:
        g.want_feature(gensec.FEATURE_SEAL)
    g.want_feature(gensec.FEATURE_DCE_STYLE)
    g.start_mech_by_name("ntlmssp" if auth_type == NTLM else "spnego")
    return g


def handshake(client, acceptor):
    """The acceptor's last result."""
    finished, token = client.update(b"")
    result = 1
    while token:
        result, answer = acceptor.ask("token", token)
        result, answer = int(result), unhex(answer)
        if result > 1 or finished and not answer:
            break
        finished, token = client.update(answer)
    assert result > 1 or finished
    return result


def messages(client, acceptor, level):
    for i in range(6):
        text = bytes([i]) * (16 * i + 16)
        if level == INTEGRITY:
            if i % 2:
                result, _ = acceptor.ask("open", text, client.sign_packet(text, text))
                assert result == "0", result
            else:
                _, signature = acceptor.ask("protect", text)
                client.check_packet(text, text, unhex(signature))
        elif i % 2:
            sealed = client.wrap(text)
            result, opened = acceptor.ask("open", sealed[16:], sealed[:16])
            assert result == "0" and unhex(opened) == text
        else:
            body, signature = acceptor.ask("protect", text)
            assert client.unwrap(unhex(signature) + unhex(body)) == text


def main():
    os.environ.pop("KRB5CCNAME", None)
    for auth_type in NTLM, SPNEGO:
        for level in CONNECT, INTEGRITY, PRIVACY:
            for user, password, wanted in (("alice", "Pa55w0rd", 0), ("ALICE", "Pa55w0rd", 0),
                                           ("alice", "wrong", 3), ("nobody", "Pa55w0rd", 3)):
                acceptor = Acceptor(auth_type, level)
                client = new_client(auth_type, level, user, password)
                result = handshake(client, acceptor)
                assert result == wanted, (auth_type, level, user, result)
                if result == 0:
                    assert unhex(acceptor.ask("key")[0]) == client.session_key()
                    if level != CONNECT:
                        messages(client, acceptor, level)
                acceptor.close()
    print("ok")


main()
