/* SPDX-License-Identifier: MIT */
/*
 * The order of the fragments of an answer that several READs of a pipe bring at once.
 *
 * A READ brings one message, one fragment, and nothing says that a server carries out several READs in the
 * order in which they were sent. But servers say in each fragment's alloc_hint how much is still to come,
 * this one included ([C706] 12.6.4.10): Windows and Samba exactly. Where that is so, it tells how many READs
 * there is something for, and puts what they bring in order. A server must show it with a fragment that was
 * read by itself before more than one READ is allowed; and what does not fit in later ends the pipe.
 */
#ifndef TRANSPORT_PIPE_ORDER_H
#define TRANSPORT_PIPE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"

#define PIPE_ORDER_READS 16u /* under way at once, at most */

struct pipe_order {
    bool never;     /* more than one READ: they do not bring one message each */
    bool exact;     /* what this server's hints are, as it has shown */
    bool inside;    /* an answer: its first fragment was handed out, its last was not */
    uint32_t left;  /* of the answer that is coming in, stub bytes; 0: not known, or between answers */
    uint32_t len;   /* stub bytes in each fragment but the last */
    unsigned ended; /* answers whose last fragment was handed out: the caller's to count down */
    unsigned kept_count;
    struct pipe_order_kept {
        uint32_t hint;
        size_t len;
        uint8_t *data;
    } kept[PIPE_ORDER_READS]; /* came too early */
};

void pipe_order_deinit(struct pipe_order *o);
/* A whole message; `others`: more READs are under way. What is next in order is appended to `out`.
 * 0, -ENOMEM, -EPROTO. */
int pipe_order_take(struct pipe_order *o, const uint8_t *message, size_t len, bool others,
                    struct writer *out);
/* How many READs there is something for, at least 1. */
unsigned pipe_order_reads(const struct pipe_order *o);

#endif
