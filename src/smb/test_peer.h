/* SPDX-License-Identifier: MIT */
/* A small SMB server in memory for the tests and the fuzzer of the client: negotiates what it is told to,
 * logs on with a real NTLM acceptor, serves pipes that answer what they were sent. */
#ifndef SMB_TEST_PEER_H
#define SMB_TEST_PEER_H

#include "auth/auth.h"
#include "smb/crypto.h"
#include "smb/wire.h"

struct test_peer {
    uint16_t dialect, cipher, signing; /* what it can do, and chooses when that is offered */
    bool stubborn;                     /* chooses it in any case */
    uint16_t session_flags;            /* of the last SESSION_SETUP response */
    bool pending;                      /* send STATUS_PENDING before the answers to IOCTL and READ */
    uint32_t max_len;                  /* the three longest lengths of NEGOTIATE; 0: 1 MiB */
    uint32_t overflow;      /* not 0: at most so many bytes of data at once, then STATUS_BUFFER_OVERFLOW */
    bool lie_in_validation; /* claim another dialect in VALIDATE_NEGOTIATE_INFO */
    bool unsigned_answers;  /* forget to sign */
    bool unprotected;       /* have no keys, as Samba in an anonymous session */
    uint32_t validation;    /* not 0: the status of the answer to that question */
    uint32_t write_status;  /* not 0: of the answer to a WRITE, which does nothing then */
    bool mute;              /* what a pipe gives is empty */
    bool patient;           /* a READ of a pipe that has nothing waits until it has */
    uint32_t refuse;        /* not 0: the status of the answers to related requests, */
    bool refuse_first;      /* also to the one that they are related to */
    uint16_t refuse_only;   /* not 0: only to this command */
    uint32_t refuse_tree, refuse_create; /* not 0: the status of the answers to TREE_CONNECT, to CREATE */
    /* What the pipe answers to what it is sent, in messages: one RPC PDU to each READ. NULL: the same, as
     * bytes. */
    void (*serve)(void *data, const uint8_t *message, size_t len, struct writer *answer);
    void *serve_data;
    /* Is shown each message before it is signed or encrypted, and may change it: a server that lies. */
    void (*meddle)(void *data, uint8_t *message, size_t len);
    void *meddle_data;

    struct auth_acceptor *acceptor;
    struct auth *auth;
    struct smb_keys keys; /* as the server has them: encrypt is server to client */
    bool encrypting;
    uint8_t preauth[SMB_PREAUTH_LEN], guid[16];
    struct test_peer_offer {
        uint16_t dialects[8], ciphers[8], signings[8];
        unsigned dialect_count, cipher_count, signing_count;
        uint32_t capabilities;
        uint16_t mode;
        uint8_t guid[16];
    } offer;                       /* of the client's NEGOTIATE */
    struct writer in;              /* requests not answered yet */
    struct writer echo;            /* what the pipe still has to give */
    size_t echo_at, message_left;  /* of the message that does not go in one answer */
    struct smb_header waiting[64]; /* READs */
    unsigned waiting_count;
    struct {
        size_t start[8]; /* of the messages in `reply` */
        unsigned count;
        bool related; /* the request has company, */
        bool failed;  /* and one before it has failed */
    } chain;
    struct writer reply; /* the frame that is being built */
    unsigned writes, cancels, bad_signatures, bad_chains, chains, commands[32];
    unsigned validations, bad_validations; /* bad: what is asked about is not what was offered */
};

/* The one account: user "user", domain "DOM", password "Passw0rd". */
int test_peer_init(struct test_peer *p, uint16_t dialect);
void test_peer_deinit(struct test_peer *p);
/* Take what the client has sent; append frames to `out`. 0, or not 0: what was sent is not legal. */
int test_peer_take(struct test_peer *p, const void *data, size_t len, struct writer *out);
/* A response by itself: header, body as given, signed or encrypted as the session is, framed. */
void test_peer_frame(struct test_peer *p, const struct smb_header *h, const void *body, size_t len,
                     struct writer *out);

#endif
