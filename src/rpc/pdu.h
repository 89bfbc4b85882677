/* SPDX-License-Identifier: MIT */
/*
 * The connection-oriented PDUs: bytes <-> structs, nothing else. [C706] 12.6, [MS-RPCE] 2.2.2.
 *
 * Readers stand at the start of the PDU, so that offsets and alignment are those of the specification. They
 * see only the body: a trailer for authentication (sec_trailer) is cut off first, by pdu_open. Lists
 * (contexts, transfer syntaxes, results) are read element by element, so nothing is allocated for a count.
 * Readers return false when the bytes are too few; views point into the PDU.
 *
 * Integers are little-endian both ways. A peer with another data representation is refused.
 */
#ifndef RPC_PDU_H
#define RPC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/status.h"
#include "base/writer.h"
#include "netmgmt/ndr.h"

enum pdu_type {
    PDU_REQUEST = 0,
    PDU_RESPONSE = 2,
    PDU_FAULT = 3,
    PDU_BIND = 11,
    PDU_BIND_ACK = 12,
    PDU_BIND_NAK = 13,
    PDU_ALTER_CONTEXT = 14,
    PDU_ALTER_CONTEXT_RESP = 15,
    PDU_AUTH3 = 16,
    PDU_SHUTDOWN = 17,
    PDU_CO_CANCEL = 18,
    PDU_ORPHANED = 19,
    PDU_TYPE_COUNT = 20 /* others below it belong to the datagram protocol */
};

/* pfc_flags */
#define PDU_FIRST 0x01
#define PDU_LAST 0x02
#define PDU_HEADER_SIGN 0x04    /* in bind, bind_ack, alter_context(_resp) */
#define PDU_PENDING_CANCEL 0x04 /* in others */
#define PDU_MULTIPLEX 0x10
#define PDU_DID_NOT_EXECUTE 0x20
#define PDU_MAYBE 0x40
#define PDU_OBJECT 0x80
#define PDU_WHOLE (PDU_FIRST | PDU_LAST)

#define PDU_HEADER_LEN 16
#define PDU_FRAG_LEN_AT 8 /* in it */
#define PDU_AUTH_LEN_AT 10
#define PDU_CALL_HEADER_LEN 24 /* of request (without object) and response: their stubs are 8-aligned */
#define PDU_OBJECT_LEN 16
#define PDU_FAULT_LEN 32
#define PDU_SYNTAX_LEN 20
#define PDU_DEFAULT_FRAGMENT 5840
#define PDU_MIN_FRAGMENT 1432 /* MustRecvFragSize: what every implementation can receive */

/* p_result_t, reasons */
enum { PDU_ACCEPTANCE = 0, PDU_USER_REJECTION = 1, PDU_PROVIDER_REJECTION = 2, PDU_NEGOTIATE_ACK = 3 };
enum {
    PDU_REASON_NONE = 0,
    PDU_REASON_ABSTRACT_SYNTAX = 1,
    PDU_REASON_TRANSFER_SYNTAX = 2,
    PDU_REASON_LOCAL_LIMIT = 3
};
/* Of bind_nak */
enum {
    PDU_NAK_UNSPECIFIED = 0,
    PDU_NAK_CONGESTION = 1,
    PDU_NAK_LOCAL_LIMIT = 2,
    PDU_NAK_VERSION = 4,
    PDU_NAK_AUTHENTICATION_TYPE = 8,
    PDU_NAK_CHECKSUM = 9 /* the authentication failed */
};

/* Fault statuses: nca_s_... of [C706] appendix E, and Win32 codes */
#define FAULT_OP_RANGE ((struct rpc_fault){0x1c010002})
#define FAULT_UNKNOWN_INTERFACE ((struct rpc_fault){0x1c010003})
#define FAULT_VERSION ((struct rpc_fault){0x1c000008})
#define FAULT_PROTOCOL ((struct rpc_fault){0x1c01000b})
#define FAULT_TOO_BUSY ((struct rpc_fault){0x1c010014})
#define FAULT_CANCELLED ((struct rpc_fault){0x1c00000d})
#define FAULT_UNSPECIFIED ((struct rpc_fault){0x1c000009})
#define FAULT_NO_MEMORY ((struct rpc_fault){0x1c00001b})
#define FAULT_ACCESS_DENIED ((struct rpc_fault){0x5})
#define FAULT_SERVER_UNAVAILABLE ((struct rpc_fault){1722})
#define FAULT_TRANSFER_SYNTAX ((struct rpc_fault){1730})   /* RPC_S_UNSUPPORTED_TRANS_SYN */
#define FAULT_AUTHENTICATION ((struct rpc_fault){1747})    /* RPC_S_UNKNOWN_AUTHN_SERVICE */
#define FAULT_SECURITY_PACKAGE ((struct rpc_fault){0x721}) /* RPC_S_SEC_PKG_ERROR */

struct pdu_header {
    uint8_t type, flags;
    uint16_t frag_len, auth_len;
    uint32_t call_id;
};

/* Conditions of pdu_header_get, in which type and call_id are set all the same. */
enum { PDU_E_VERSION = 1, PDU_E_REPRESENTATION = 2, PDU_E_LENGTH = 3 };

/* Check and read the PDU_HEADER_LEN bytes at `bytes`. */
int pdu_header_get(const uint8_t *bytes, size_t max_fragment, struct pdu_header *h);
/* Start a PDU; pdu_end enters its length. Returns its offset in `w`. */
size_t pdu_begin(struct writer *w, uint8_t type, uint8_t flags, uint32_t call_id);
void pdu_end(struct writer *w, size_t start);

/* sec_trailer and what follows it. */
struct pdu_auth {
    uint8_t type, level, pad_len; /* pad_len: bytes before the trailer that do not belong to the body */
    uint32_t context_id;
    const uint8_t *token; /* auth_len bytes */
    size_t token_len;
};

/* Is shown each PDU as it is without protection: received ones opened, those sent before they are sealed
 * (room for the signature is there, its bytes are undefined). */
struct pdu_observer {
    void (*see)(void *context, bool received, const uint8_t *pdu, size_t len);
    void *context;
};

/* A reader of the body (standing behind the common header) and, when the header says that there is one, the
 * trailer; else token is NULL. */
bool pdu_open(const uint8_t *pdu, const struct pdu_header *h, struct reader *body, struct pdu_auth *auth);
/* Pad the PDU begun at `start` to `align`, counted from `from`, and append a trailer with room for the token,
 * to be filled when the rest of the PDU is final (it is what is signed). Enters auth_length. NULL: the writer
 * has failed. */
uint8_t *pdu_auth_put(struct writer *w, size_t start, size_t from, size_t align, struct pdu_auth *auth,
                      size_t token_len);

struct pdu_syntax {
    struct ndr_uuid uuid;
    uint16_t major, minor;
};

bool pdu_syntax_get(struct reader *r, struct pdu_syntax *s);
void pdu_syntax_put(struct writer *w, const struct pdu_syntax *s);
bool pdu_syntax_equal(const struct pdu_syntax *a, const struct pdu_syntax *b);

/* bind, alter_context; followed by `count` contexts */
struct pdu_bind {
    uint16_t max_xmit, max_recv;
    uint32_t assoc_group;
    uint8_t count;
};

bool pdu_bind_get(struct reader *r, struct pdu_bind *b);
void pdu_bind_put(struct writer *w, const struct pdu_bind *b);

/* followed by `count` transfer syntaxes */
struct pdu_context {
    uint16_t id;
    uint8_t count;
    struct pdu_syntax abstract;
};

bool pdu_context_get(struct reader *r, struct pdu_context *c);
void pdu_context_put(struct writer *w, const struct pdu_context *c);

/* bind_ack, alter_context_resp; followed by `count` results */
struct pdu_bind_ack {
    uint16_t max_xmit, max_recv;
    uint32_t assoc_group;
    const char *address; /* secondary address with its terminator; address_len 0: none */
    uint16_t address_len;
    uint8_t count;
};

bool pdu_bind_ack_get(struct reader *r, struct pdu_bind_ack *a);
void pdu_bind_ack_put(struct writer *w, size_t start, const struct pdu_bind_ack *a);

struct pdu_result {
    uint16_t result, reason;
    struct pdu_syntax transfer;
};

bool pdu_result_get(struct reader *r, struct pdu_result *result);
void pdu_result_put(struct writer *w, const struct pdu_result *result);

/* bind_nak: the reason; the versions supported are written (5.0, 5.1), read past */
bool pdu_bind_nak_get(struct reader *r, uint16_t *reason);
void pdu_bind_nak(struct writer *w, uint32_t call_id, uint16_t reason);

struct pdu_request {
    uint32_t alloc_hint; /* never trusted */
    uint16_t context_id, opnum;
    bool has_object; /* PDU_OBJECT of the header's flags */
    struct ndr_uuid object;
    const uint8_t *stub;
    size_t stub_len;
};

/* The header too; the stub is appended by the caller, before pdu_end. */
bool pdu_request_get(struct reader *r, uint8_t flags, struct pdu_request *q);
void pdu_request_put(struct writer *w, const struct pdu_request *q);

struct pdu_response {
    uint32_t alloc_hint;
    uint16_t context_id;
    uint8_t cancel_count;
    const uint8_t *stub;
    size_t stub_len;
};

bool pdu_response_get(struct reader *r, struct pdu_response *p);
void pdu_response_put(struct writer *w, const struct pdu_response *p);

struct pdu_fault {
    uint16_t context_id;
    uint8_t cancel_count;
    struct rpc_fault status;
};

bool pdu_fault_get(struct reader *r, struct pdu_fault *f);
void pdu_fault(struct writer *w, uint32_t call_id, uint8_t flags, const struct pdu_fault *f); /* whole PDU */

/* shutdown, co_cancel, orphaned: a header only */
void pdu_bare(struct writer *w, uint8_t type, uint32_t call_id);

/* Bind-time feature negotiation, [MS-RPCE] 2.2.2.14: a transfer syntax that is none, but a set of bits. */
#define PDU_FEATURE_SECURITY_MULTIPLEX 0x01
#define PDU_FEATURE_KEEP_ON_ORPHAN 0x02

bool pdu_features_get(const struct pdu_syntax *transfer, uint8_t *bits); /* false: an ordinary syntax */
struct pdu_syntax pdu_features(uint8_t bits);

/* NDR20, NDR64 as transfer syntaxes */
struct pdu_syntax pdu_transfer_syntax(enum ndr_syntax syntax);
struct pdu_syntax pdu_interface_syntax(const struct ndr_interface *interface);

#endif
