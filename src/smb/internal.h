/* SPDX-License-Identifier: MIT */
/* Inside of the SMB client: its state, and what the files of this folder offer each other. */
#ifndef SMB_INTERNAL_H
#define SMB_INTERNAL_H

#include "base/writer.h"
#include "smb/client.h"
#include "smb/crypto.h"
#include "smb/wire.h"

enum smb_state {
    SMB_STATE_NEGOTIATE, /* each name says what is under way */
    SMB_STATE_SESSION,
    SMB_STATE_TREE,
    SMB_STATE_VALIDATE,
    SMB_STATE_READY,
    SMB_STATE_CLOSED,
};

enum smb_tree { SMB_TREE_NONE, SMB_TREE_ASKED, SMB_TREE_CONNECTED };

#define SMB_CHAIN_MAX 3

struct smb_request {
    uint64_t message_id, async_id;
    uint16_t command, charge;
    uint32_t fsctl; /* of an IOCTL */
    bool silent;    /* nobody waits for its event */
    bool chained;   /* in one frame with others */
    bool used, pending;
};

struct smb_response {
    struct smb_header header;
    const uint8_t *message; /* from its header on: offsets count from here */
    size_t len;
    struct reader body; /* behind the header */
};

struct smb_queued {
    struct smb_queued *next;
    struct smb_event event;
    uint8_t data[]; /* event.len bytes */
};

struct smb_client {
    enum smb_state state;
    struct auth *auth;
    bool anonymous;
    enum smb_encryption encryption;
    unsigned ciphers;  /* set of those that may be used */
    unsigned signings; /* the same, in 3.1.1: below it there is no choice */
    uint16_t *share;   /* \\server\IPC$ in UTF-16 */
    size_t share_chars;
    uint16_t *server; /* for the netname context */
    size_t server_chars;

    uint8_t client_guid[16];
    uint32_t client_capabilities, server_capabilities;
    uint16_t server_mode;
    uint16_t dialects[SMB_DIALECTS_MAX], dialect_count; /* offered */
    struct smb_info info;
    uint8_t preauth[SMB_PREAUTH_LEN];

    uint64_t session_id;
    uint32_t tree_id;
    enum smb_tree tree;
    bool no_chains; /* the server has refused one */
    struct smb_keys keys;
    bool encrypting;

    uint64_t next_message_id;
    uint32_t credits;
    struct smb_request requests[SMB_MAX_REQUESTS];

    struct writer input; /* partial message: its 4-byte length and what came of it */
    struct writer output;
    size_t output_sent;
    struct {
        bool open;
        unsigned count;
        size_t start[SMB_CHAIN_MAX]; /* of the headers in the output */
        uint64_t message_id[SMB_CHAIN_MAX];
    } frame;                         /* being built */
    struct smb_queued *first, *last; /* events not taken */
    struct smb_queued *taken;        /* whose data the caller may still look at */
};

/* client.c: one request at a time is built between begin and end; the body is written in between. */
struct smb_building {
    size_t start; /* of its header in the output */
    struct smb_request *request;
};
int smb_begin(struct smb_client *c, uint16_t command, size_t payload, struct smb_building *b);
int smb_end(struct smb_client *c, struct smb_building *b, uint64_t *id);
/* What is built in between, `count` requests at most, goes in one frame, each related to the one before it:
 * about the tree that it connects, the file that it opens ([MS-SMB2] 3.2.4.1.4). Once a chain has begun there
 * are credits for all of it. Every other function of this header ends the frame it builds itself. */
int smb_chain_begin(struct smb_client *c, unsigned count);
void smb_chain_end(struct smb_client *c);
int smb_event_add(struct smb_client *c, enum smb_event_type type, uint64_t request, struct nt_status status,
                  struct smb_file_id file, const void *data, size_t len);
int smb_fail(struct smb_client *c, struct nt_status status); /* event FAILED, closed; 0 or -ENOMEM */
int smb_disagree(struct smb_client *c, enum smb_disagreement about);

/* One pair per exchange: what is sent, what is made of the answer. Answers give 0, SMB_E_PROTOCOL or -ENOMEM.
 */
int smb_negotiate_prepare(struct smb_client *c, const struct smb_config *config);
int smb_negotiate_send(struct smb_client *c);
int smb_negotiate_receive(struct smb_client *c, struct smb_response *r);
int smb_session_send(struct smb_client *c, const uint8_t *token, size_t len);
int smb_session_receive(struct smb_client *c, struct smb_response *r);
int smb_tree_send(struct smb_client *c);
int smb_tree_receive(struct smb_client *c, struct smb_response *r); /* before READY */
int smb_tree_connected(struct smb_client *c, struct smb_response *r, const struct smb_request *request);
int smb_validate_send(struct smb_client *c);
int smb_validate_receive(struct smb_client *c, struct smb_response *r);
int smb_pipe_receive(struct smb_client *c, struct smb_response *r, const struct smb_request *request);

/* `len` bytes at `offset` of the message, or NULL. */
const uint8_t *smb_slice(const struct smb_response *r, uint32_t offset, uint32_t len);

#endif
