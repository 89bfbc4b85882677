/* SPDX-License-Identifier: MIT */
/*
 * Stubs <-> fragments: put together on arrival, cut for sending. [C706] 12.6.3.1.
 *
 * Invariant of a join: it holds what was received and never more than `limit`; first and last come once, at
 * the ends. alloc_hint plays no part. A fragment may be of any length, also empty.
 */
#ifndef RPC_FRAGMENT_H
#define RPC_FRAGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"
#include "rpc/pdu.h"
#include "rpc/protect.h"

struct fragment_join {
    struct writer stub; /* from malloc(), so aligned for any value */
    uint8_t phase;
};

enum { FRAGMENT_COMPLETE = 1, FRAGMENT_E_ORDER = 2, FRAGMENT_E_LIMIT = 3 };

void fragment_join_init(struct fragment_join *j);
void fragment_join_deinit(struct fragment_join *j);
/* Ready for another stub; keeps its memory when that is no more than `keep` bytes. */
void fragment_join_reset(struct fragment_join *j, size_t keep);
/* 0: more to come, COMPLETE, E_ORDER, E_LIMIT, -ENOMEM. `flags`: pfc_flags; `limit`: of the whole stub. */
int fragment_join_add(struct fragment_join *j, uint8_t flags, const void *stub, size_t len, size_t limit);

/* Append all PDUs of a stub of any length, each at most `max_fragment` long and protected by `p`; they differ
 * in FIRST and LAST, alloc_hint (what is left) and stub only. 0; -ENOMEM: `w` is as it was; a result of
 * auth.h: the security context is at its end. */
int fragment_cut_request(struct writer *w, uint32_t call_id, uint8_t flags, const struct pdu_request *q,
                         size_t max_fragment, const struct protection *p);
int fragment_cut_response(struct writer *w, uint32_t call_id, uint8_t flags, const struct pdu_response *r,
                          size_t max_fragment, const struct protection *p);

#endif
