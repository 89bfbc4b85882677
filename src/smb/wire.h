/* SPDX-License-Identifier: MIT */
/* Constants and the fixed header of SMB2 ([MS-SMB2] 2.2.1). */
#ifndef SMB_WIRE_H
#define SMB_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/writer.h"

#define SMB_HEADER_LEN 64
#define SMB_TRANSFORM_LEN 52
#define SMB_SIGNATURE_OFFSET 48
#define SMB_SIGNATURE_LEN 16
#define SMB_NEXT_OFFSET 20

enum smb_command {
    SMB_NEGOTIATE = 0,
    SMB_SESSION_SETUP = 1,
    SMB_LOGOFF = 2,
    SMB_TREE_CONNECT = 3,
    SMB_TREE_DISCONNECT = 4,
    SMB_CREATE = 5,
    SMB_CLOSE = 6,
    SMB_READ = 8,
    SMB_WRITE = 9,
    SMB_IOCTL = 11,
    SMB_CANCEL = 12,
    SMB_ECHO = 13,
};

#define SMB_FLAG_RESPONSE 0x00000001u
#define SMB_FLAG_ASYNC 0x00000002u
#define SMB_FLAG_RELATED 0x00000004u
#define SMB_FLAG_SIGNED 0x00000008u

#define SMB_NEGOTIATE_SIGNING_ENABLED 0x0001
#define SMB_NEGOTIATE_SIGNING_REQUIRED 0x0002
#define SMB_CAP_ENCRYPTION 0x00000040u
#define SMB_SESSION_GUEST 0x0001
#define SMB_SESSION_NULL 0x0002
#define SMB_SESSION_ENCRYPT 0x0004
#define SMB_SHARE_ENCRYPT 0x00008000u

#define SMB_CONTEXT_PREAUTH 1
#define SMB_CONTEXT_ENCRYPTION 2
#define SMB_CONTEXT_NETNAME 5
#define SMB_CONTEXT_SIGNING 8

#define SMB_FSCTL_PIPE_TRANSCEIVE 0x0011C017u
#define SMB_FSCTL_VALIDATE_NEGOTIATE_INFO 0x00140204u

#define SMB_STATUS_PENDING 0x00000103u
#define SMB_STATUS_MORE_PROCESSING 0xC0000016u

struct smb_header {
    uint16_t credit_charge;
    uint32_t status; /* response; request of 3.x: channel sequence */
    uint16_t command, credits;
    uint32_t flags, next;
    uint64_t message_id;
    uint64_t async_id; /* with SMB_FLAG_ASYNC; else tree_id */
    uint32_t tree_id;
    uint64_t session_id;
};

/* false: not an SMB2 header. The signature is left in place. */
bool smb_header_get(struct reader *r, struct smb_header *h);
void smb_header_put(struct writer *w, const struct smb_header *h);

#endif
