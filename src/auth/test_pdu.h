/* SPDX-License-Identifier: MIT */
/* For tests: PDUs that two sides protect for each other. Include after cmocka's headers. */
#ifndef AUTH_TEST_PDU_H
#define AUTH_TEST_PDU_H

#include <string.h>

#include "auth/auth.h"

/* In one piece: 24 of header, body, 8 of trailer, the signature. */
struct pdu {
    uint8_t bytes[512];
    struct auth_message m;
    uint8_t *signature;
    size_t signature_len;
};

static inline void pdu_init(struct pdu *p, size_t body_len, uint8_t fill)
{
    memset(p->bytes, fill, sizeof(p->bytes));
    p->m = (struct auth_message){p->bytes, 24, p->bytes + 24, body_len, p->bytes + 24 + body_len, 8};
    p->signature = p->bytes + 24 + body_len + 8;
}

static inline int send_pdu(struct auth *a, struct pdu *p)
{
    p->signature_len = auth_signature_len(a);
    return auth_protect(a, &p->m, p->signature);
}

static inline int receive_pdu(struct auth *a, struct pdu *p)
{
    return auth_unprotect(a, &p->m, p->signature, p->signature_len);
}

/* In turn, of growing length: only privacy hides a body, and each comes out as it went in. */
static inline void assert_converse(struct auth *client, struct auth *server, enum auth_level level,
                                   size_t signature_len)
{
    for (unsigned i = 0; i < 6; i++) {
        struct auth *from = i & 1 ? server : client, *to = i & 1 ? client : server;
        struct pdu pdu, plain;

        pdu_init(&pdu, 16 * (size_t)i, (uint8_t)(i + 1)); /* the first has an empty body */
        plain = pdu;
        assert_int_equal(send_pdu(from, &pdu), 0);
        assert_int_equal(pdu.signature_len, signature_len);
        if (level == AUTH_LEVEL_PRIVACY && i)
            assert_memory_not_equal(pdu.m.body, plain.bytes + 24, pdu.m.body_len);
        else
            assert_memory_equal(pdu.bytes, plain.bytes, 24 + pdu.m.body_len + 8);
        assert_int_equal(receive_pdu(to, &pdu), 0);
        assert_memory_equal(pdu.bytes, plain.bytes, 24 + pdu.m.body_len + 8);
    }
}

#endif
