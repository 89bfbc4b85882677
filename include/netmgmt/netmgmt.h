/* SPDX-License-Identifier: MIT */
/*
 * netmgmt.h: what libnetmgmt has beyond the functions of Windows. All may be called from any thread.
 */
#ifndef NETMGMT_NETMGMT_H
#define NETMGMT_NETMGMT_H

#include <stddef.h>
#include <stdio.h>

#include "lmcons.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version: "0.1.0". */
NETMGMT_API const char *netmgmt_version(void);

/* A sentence in English that says what a status means and, where there is something to do, what. In UTF-8,
 * constant, never NULL: a status without a text of its own has one that says so. */
NETMGMT_API const char *netmgmt_strerror(NET_API_STATUS status);

/* The name of a status: "NERR_GroupNotFound", "ERROR_ACCESS_DENIED"; NULL when it has none here. */
NETMGMT_API const char *netmgmt_status_name(NET_API_STATUS status);

/* How long a call waits for each answer of the server, in all threads from now on; then ERROR_TIMEOUT. 30000
 * at the start, or what NETMGMT_TIMEOUT (seconds) in the environment says. 0: no limit. Making a connection
 * has one such time for all of it: name, transport, Kerberos, logon, bind.
 *
 * To keep to it two waits are in threads of the library's, for what they wait on has no limit of its own:
 * that for a name server, and that for a Kerberos KDC. One that is late goes on alone after the call has
 * returned, until the resolver or the Kerberos library gives up; it blocks all signals and touches nothing of
 * the program's. There are at most 64 for Kerberos; further calls wait for one of them to end. Where the
 * limit is 0 there are none for Kerberos. */
NETMGMT_API void netmgmt_set_timeout(unsigned milliseconds);

/*
 * Servers: who one is for them, and how they are spoken to.
 *
 * `server` is what the Net functions are given, with or without leading backslashes; case does not count.
 * NULL or "": all servers for which nothing else was said. Other text is UTF-8, as it comes from a command
 * line, a file or the environment. All is copied; secrets are wiped from memory with the last call that uses
 * them.
 *
 * A call takes the first of these that there is:
 *   1. netmgmt_set_credentials() for the server, then for all servers
 *   2. NetUseAdd of "\\server\IPC$"
 *   3. the file that NETMGMT_AUTH_FILE names: see netmgmt_set_credentials_file()
 *   4. the default Kerberos ticket cache (KRB5CCNAME)
 * This machine needs none: its server asks the kernel who the caller is.
 *
 * Structures are cleared, then `size` is set, then what is to be said:
 *     struct netmgmt_credentials c = {.size = sizeof(c), .user = "EXAMPLE\\admin", .password = secret};
 * Members that are 0 or NULL have the meaning of not being there, also those that later versions add.
 */

/* netmgmt_credentials.kerberos */
enum {
    /* Kerberos; NTLM when it cannot start and there is a password. When the KDC refuses the password of a
     * user that was named without a domain, NTLM too, but only to a server with accounts of its own. With the
     * same credentials the KDC is then asked again after ten minutes, or when they are set anew: every wrong
     * try counts towards the account's lockout. */
    NETMGMT_KERBEROS_DESIRED = 0,
    NETMGMT_KERBEROS_REQUIRED = 1,
    NETMGMT_KERBEROS_OFF = 2 /* NTLM only */
};

struct netmgmt_credentials {
    size_t size;      /* sizeof(struct netmgmt_credentials) */
    const char *user; /* "user", "DOMAIN\user", "user@realm"; "": anonymous; NULL: the tickets' owner */
    const char *domain;
    const char *password;
    const unsigned char *nt_hash; /* 16 bytes, in place of the password; good for NTLM only */
    const char *ccache; /* Kerberos tickets, "FILE:/run/t"; NULL: KRB5CCNAME, or the system's default */
    const char *keytab; /* Kerberos keys of the user's, in place of the password */
    int kerberos;       /* NETMGMT_KERBEROS_... */
};

/* NULL: what was set for `server` is forgotten. Calls that have begun are not affected; later ones make new
 * connections. ERROR_INVALID_PARAMETER (`size`, a secret without a user, two secrets, text that is not UTF-8
 * or too long), ERROR_NOT_SUPPORTED (a member of a later version is set), ERROR_INVALID_NAME or
 * NERR_InvalidComputer (the server's name is malformed), ERROR_NOT_ENOUGH_MEMORY. */
NETMGMT_API NET_API_STATUS netmgmt_set_credentials(LPCWSTR server,
                                                   const struct netmgmt_credentials *credentials);

/*
 * The same from a file, which is read now. It has lines as Samba's tools take them:
 *     username = admin
 *     password = secret
 *     domain   = EXAMPLE
 * Empty lines and those that begin with # or ; are skipped. "realm" stands for a domain too. A value ends
 * with its line (LF or CR LF); blanks before it do not count, and after it they count in a password only. The
 * user name must be there. A file others may read or change is refused: any access for others, or for a group
 * when the file is the caller's own. It has at most 64 KiB.
 *
 * `kerberos`: NETMGMT_KERBEROS_... `problem` (NULL: not wanted), of `len` bytes: "" or what is wrong, in
 * English: "line 3 has no '='".
 *
 * ERROR_OPEN_FAILED (it cannot be read), ERROR_NO_SECURITY_ON_OBJECT (others may read or change it),
 * RPC_S_INVALID_AUTH_IDENTITY (it is not of this form), and as netmgmt_set_credentials(). A call that finds
 * such a file in NETMGMT_AUTH_FILE fails with the same statuses. That file is read again when it was changed.
 */
NETMGMT_API NET_API_STATUS netmgmt_set_credentials_file(LPCWSTR server, const char *path, int kerberos,
                                                        char *problem, size_t len);

/* Which credentials the next call to `server` takes, as a line for people without secrets: "EXAMPLE\admin
 * with a password, from NETMGMT_AUTH_FILE=/etc/a". The status and the text of a failure are those that the
 * call would meet: "NETMGMT_AUTH_FILE=/etc/a: line 3 has no '='". Always terminated when len is not 0. */
NETMGMT_API NET_API_STATUS netmgmt_describe_credentials(LPCWSTR server, char *text, size_t len);

/* netmgmt_server_options.transport */
enum {
    NETMGMT_TRANSPORT_PIPE = 1, /* named pipes over SMB; the default, as on Windows */
    NETMGMT_TRANSPORT_TCP = 2
};

/* netmgmt_server_options.protection: what RPC itself must do on TCP */
enum {
    NETMGMT_PROTECTION_CONNECT = 2, /* the peer is authenticated; its messages are not protected */
    NETMGMT_PROTECTION_INTEGRITY = 5,
    NETMGMT_PROTECTION_PRIVACY = 6 /* the default */
};

/* netmgmt_server_options.encryption, of SMB; messages are signed in any case */
enum {
    NETMGMT_ENCRYPTION_OFFERED = 1,  /* when the server can; the default */
    NETMGMT_ENCRYPTION_REQUIRED = 2, /* refuse a server that cannot */
    NETMGMT_ENCRYPTION_OFF = 3       /* refuse a server that demands it */
};

/* netmgmt_server_options.smb_min, .smb_max: dialects, as the protocol numbers them */
enum {
    NETMGMT_SMB_2_0_2 = 0x0202,
    NETMGMT_SMB_2_1 = 0x0210,
    NETMGMT_SMB_3_0 = 0x0300,
    NETMGMT_SMB_3_0_2 = 0x0302,
    NETMGMT_SMB_3_1_1 = 0x0311
};

/* netmgmt_server_options.ciphers: sums of these. 3.0 and 3.0.2 have AES-128-CCM, 3.1.1 has all */
enum {
    NETMGMT_CIPHER_AES128_CCM = 1,
    NETMGMT_CIPHER_AES128_GCM = 2,
    NETMGMT_CIPHER_AES256_CCM = 4,
    NETMGMT_CIPHER_AES256_GCM = 8
};

/* netmgmt_server_options.signing: sums of these. 2.0.2 and 2.1 have HMAC-SHA256, 3.0 and 3.0.2
 * AES-CMAC, 3.1.1 has all; unless HMAC-SHA256 is named here, it is not used there */
enum { NETMGMT_SIGNING_HMAC_SHA256 = 1, NETMGMT_SIGNING_AES_CMAC = 2, NETMGMT_SIGNING_AES_GMAC = 4 };

/*
 * The last four members are for those who must have a say in what SMB agrees about ("client min protocol" and
 * its kin elsewhere); without them the best of what both sides have is taken. With one of them the transport
 * is the pipe, and never TCP where pipes are closed. A server with which nothing can be agreed that they
 * allow: ERROR_PROTOCOL_UNREACHABLE; netmgmt_ping() says what is missing.
 */
struct netmgmt_server_options {
    size_t size;         /* sizeof(struct netmgmt_server_options) */
    const char *address; /* where it is: a name or an IPv4 or IPv6 address; NULL: its name says. The name
                            stays what tickets are for and what the server is told. Not for all servers */
    unsigned port;       /* pipes: of SMB, 0: 445. TCP: of the interface; 0: the endpoint mapper says */
    int transport;       /* NETMGMT_TRANSPORT_...; here and below 0: as for all servers */
    int protection;      /* NETMGMT_PROTECTION_... */
    int encryption;      /* NETMGMT_ENCRYPTION_...; with `ciphers` and 0 here: required */
    unsigned smb_min;    /* NETMGMT_SMB_...: no dialect before this one */
    unsigned smb_max;    /* and none after this one */
    unsigned ciphers;    /* NETMGMT_CIPHER_...: those that may encrypt */
    unsigned signing;    /* NETMGMT_SIGNING_...: the algorithms that may sign */
};

/* NULL: what was set for `server` is forgotten. Later calls make new connections. A name of this machine's
 * own with options is reached as they say, over the network; without it means the local accounts. Returns as
 * netmgmt_set_credentials() does; ERROR_INVALID_PARAMETER: a value that is not one of the above, or values
 * that leave nothing to agree about: smb_min after smb_max, no dialect with such signing or such encryption,
 * ciphers with encryption off, any of the last four with TCP. */
NETMGMT_API NET_API_STATUS netmgmt_set_server_options(LPCWSTR server,
                                                      const struct netmgmt_server_options *options);

/* A step of netmgmt_ping(). */
struct netmgmt_ping_step {
    size_t size;           /* sizeof(struct netmgmt_ping_step) of the library's version */
    const char *name;      /* "resolve", "connect", "negotiate", "log on", "open", "map", "bind", "call" */
    NET_API_STATUS status; /* not 0: it failed, and no later one is made but those of another transport */
    unsigned microseconds; /* that it took */
    const char *detail;    /* for people: what was found, agreed or refused. UTF-8 */
};
typedef void (*netmgmt_ping_report)(void *data, const struct netmgmt_ping_step *step);

/* Connect to a server as a call would, with a new connection, and make one call (open the account domain);
 * `report` (NULL: not wanted) is told each step as it ends. Returns what a Net function would. */
NETMGMT_API NET_API_STATUS netmgmt_ping(LPCWSTR server, netmgmt_ping_report report, void *data);

/* Text for people. `text` (NULL: "") as UTF-8 in `buffer` of `len` bytes, always terminated when len is not
 * 0; cut between characters when it does not fit; an unpaired surrogate becomes U+FFFD. Returns `buffer`, so
 * that the call can stand in an argument: printf("%s", netmgmt_utf8(info->grpi1_name, (char[768]){0}, 768)).
 * A name of n WCHARs takes at most 3 * n + 1 bytes. */
NETMGMT_API char *netmgmt_utf8(LPCWSTR text, char *buffer, size_t len);

/* UTF-8 to a terminated string of at most `chars` WCHARs, the terminator included. Returns `buffer`; NULL
 * when `text` is not UTF-8 or does not fit: nothing is cut here, for a cut name is another name. */
NETMGMT_API LPWSTR netmgmt_utf16(const char *text, LPWSTR buffer, size_t chars);

/* API buffers that were made and not freed, and the sum of their lengths; either pointer may be NULL. So a
 * program's own tests can assert that it leaks none. */
NETMGMT_API void netmgmt_buffers_live(size_t *count, size_t *bytes);

/* Print the live API buffers to `out`: how many, their lengths, and the function that made them. With
 * NETMGMT_BUFFERS=leaks also the call stacks, equal ones together; that mode prints this at exit when there
 * are any, to stderr or, with NETMGMT_BUFFERS=leaks:FILE, to that file. */
NETMGMT_API void netmgmt_buffers_report(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
