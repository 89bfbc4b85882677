/* SPDX-License-Identifier: MIT */
/*
 * SMB2/3 client for named pipes on IPC$: bytes in, events and bytes out. No I/O, no clock.
 *
 * One client is one TCP connection with one session and one tree (\\server\IPC$); any number of pipes may be
 * open and any number of requests under way, as far as the server grants credits. Dialects 2.0.2 to 3.1.1.
 *
 * Invariants: once there is a session key nothing is sent unsigned (or unencrypted, once a cipher was
 * negotiated) and nothing unsigned is believed, interim responses apart. A response answers exactly one
 * request that is under way. What is kept is bounded: one partial message of at most SMB_MAX_MESSAGE,
 * SMB_MAX_REQUESTS requests. [MS-SMB2] 3.2.
 */
#ifndef SMB_CLIENT_H
#define SMB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/status.h"

#define SMB_MAX_DATA ((size_t)1 << 20) /* asked for and sent in one request, whatever the server allows */
#define SMB_MAX_MESSAGE (SMB_MAX_DATA + 65536)
#define SMB_MAX_REQUESTS 256

enum smb_dialect {
    SMB_2_0_2 = 0x0202,
    SMB_2_1 = 0x0210,
    SMB_3_0 = 0x0300,
    SMB_3_0_2 = 0x0302,
    SMB_3_1_1 = 0x0311
};

enum smb_encryption {
    SMB_ENCRYPT_IF_OFFERED = 0, /* encrypt when the server can */
    SMB_ENCRYPT_NEVER,          /* refuse a server that demands it */
    SMB_ENCRYPT_REQUIRED,       /* refuse a server that cannot */
};

/* Conditions. */
enum {
    SMB_E_PROTOCOL = 1, /* what the server sent is not legal, or not signed as it must be: close */
    SMB_E_CREDITS = 2,  /* not now: take input first, then try again */
    SMB_E_STATE = 3,    /* not ready, or already closed */
};

/* Sets of enum smb_cipher and enum smb_signing. */
#define SMB_CIPHER_SET(cipher) (1u << ((cipher)-1))
#define SMB_SIGNING_SET(signing) (1u << (signing))

struct smb_config {
    const char *server; /* UTF-8, as in \\server\IPC$; copied */
    struct auth *auth;  /* a client's context: SPNEGO, level CONNECT, not DCE style; borrowed */
    bool anonymous;     /* an anonymous session is what is wanted; else one (and a guest's) is refused */
    enum smb_encryption encryption;
    enum smb_dialect min_dialect, max_dialect; /* 0: no limit */
    unsigned ciphers;                          /* which may be used; 0: all */
    unsigned signings; /* the same; 0: all, but HMAC-SHA256 with the dialects only that have no other */
};

#define SMB_DIALECTS_MAX 5
/* The dialects that the settings allow, ascending: each has a signing algorithm that may be used and, where
 * encryption is required, such a cipher. 0: none, and nothing can come of such settings. */
unsigned smb_config_dialects(const struct smb_config *config, uint16_t dialects[SMB_DIALECTS_MAX]);

struct smb_file_id {
    uint64_t persistent, transient;
};

enum smb_event_type {
    SMB_EVENT_READY,  /* negotiated and logged on */
    SMB_EVENT_FAILED, /* the connection is of no more use; `status` says why (an NTSTATUS of the server's, or
                         for what we refuse STATUS_NOT_SUPPORTED with smb_info.disagreement, else
                         STATUS_ACCESS_DENIED) */
    SMB_EVENT_OPENED, /* `file` */
    SMB_EVENT_DATA,   /* of a read or a transceive: `data`; STATUS_BUFFER_OVERFLOW: more is to be read */
    SMB_EVENT_DONE,   /* of a write, close or echo */
};

struct smb_event {
    enum smb_event_type type;
    uint64_t request;
    struct nt_status status;
    struct smb_file_id file;
    const uint8_t *data; /* valid until the next smb_client_input or smb_client_next */
    size_t len;
};

/* What our settings and the server's cannot agree about. */
enum smb_disagreement {
    SMB_AGREED = 0,
    SMB_NO_DIALECT,
    SMB_NO_SIGNING,
    SMB_NO_CIPHER,       /* the server encrypts, but with none that may be used */
    SMB_NO_ENCRYPTION,   /* the server does not encrypt, and must */
    SMB_NO_KEY,          /* an anonymous session, which has no key, must be encrypted */
    SMB_MUST_NOT_ENCRYPT /* the server demands encryption, and that is off or has no cipher */
};

/* What was agreed, for `netmgmt ping` and traces. */
struct smb_info {
    uint16_t dialect, cipher,
        signing; /* cipher 0: not encrypted; signing 0: HMAC-SHA256, 1: AES-CMAC, 2: AES-GMAC */
    uint32_t max_transact, max_read, max_write; /* bytes of data, at most SMB_MAX_DATA */
    uint8_t server_guid[16];
    bool server_requires_signing;
    enum smb_disagreement disagreement; /* why there is no session; 0: that is not why */
    int auth_result; /* of auth.h, when it was our side of the authentication that failed; else 0 */
};

struct smb_client;

/* Queues NEGOTIATE. -EINVAL: the settings allow no dialect, or the server's name is not UTF-8. */
int smb_client_new(struct smb_client **out, const struct smb_config *config);
void smb_client_free(struct smb_client *c);
const struct smb_info *smb_client_info(const struct smb_client *c);

/* All of `len` bytes, however they were cut. 0, SMB_E_PROTOCOL, -ENOMEM. */
int smb_client_input(struct smb_client *c, const void *data, size_t len);
bool smb_client_next(struct smb_client *c, struct smb_event *event);
const uint8_t *smb_client_output(struct smb_client *c, size_t *len);
void smb_client_sent(struct smb_client *c, size_t len);

/* Requests on a ready client: 0, SMB_E_CREDITS, SMB_E_STATE, -ENOMEM. *request tells its event. */
/* `pipe`: "samr". The first one waits for IPC$ to be connected: SMB_E_CREDITS until it is. */
int smb_client_open(struct smb_client *c, const char *pipe, uint64_t *request);
/* In one frame, and so in one round trip: connect to IPC$ if that is still to be done, open, and send the
 * pipe's first message for an answer. *opening tells the event OPENED, *request that of the data. SMB_E_STATE
 * also after this server has refused one: any of the requests can fail only because of its company, so what
 * fails here is to be tried again by itself, on a pipe opened again. */
int smb_client_open_with(struct smb_client *c, const char *pipe, const void *data, size_t len,
                         uint32_t max_output, uint64_t *opening, uint64_t *request);
int smb_client_transceive(struct smb_client *c, struct smb_file_id file, const void *data, size_t len,
                          uint32_t max_output, uint64_t *request);
int smb_client_write(struct smb_client *c, struct smb_file_id file, const void *data, size_t len,
                     uint64_t *request);
int smb_client_read(struct smb_client *c, struct smb_file_id file, uint32_t len, uint64_t *request);
int smb_client_close(struct smb_client *c, struct smb_file_id file, uint64_t *request);
int smb_client_echo(struct smb_client *c, uint64_t *request);
/* Ask the server to give `request` up; its event comes all the same (STATUS_CANCELLED, or its result). */
int smb_client_cancel(struct smb_client *c, uint64_t request);
/* Tree disconnect and logoff, not waited for. */
int smb_client_logoff(struct smb_client *c);

#endif
