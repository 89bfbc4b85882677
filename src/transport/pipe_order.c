/* SPDX-License-Identifier: MIT */
/* See pipe_order.h. Offsets in a response PDU: [C706] 12.6.3.1, 12.6.4.10. */
#include "transport/pipe_order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_RESPONSE 2
#define FIRST 0x01
#define LAST 0x02
#define LITTLE_ENDIAN_INTEGERS 0x10
#define RESPONSE_HEADER_LEN 24u

struct fragment {
    bool plain; /* of a response, with all that is asked below; else only `last` says something */
    bool first, last;
    uint32_t hint, stub_len;
};

static uint32_t get_u16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static struct fragment look(const uint8_t *m, size_t len)
{
    struct fragment f = {.last = len > 3 && (m[3] & LAST)};

    f.first = len > 3 && (m[3] & FIRST);
    f.plain = len > RESPONSE_HEADER_LEN && m[2] == TYPE_RESPONSE && (m[4] & 0xF0) == LITTLE_ENDIAN_INTEGERS &&
              get_u16(m + 8) == len && get_u16(m + 10) == 0; /* no authentication trailer */
    if (f.plain) {
        f.hint = get_u16(m + 16) | get_u16(m + 18) << 16;
        f.stub_len = (uint32_t)len - RESPONSE_HEADER_LEN;
    }
    return f;
}

void pipe_order_deinit(struct pipe_order *o)
{
    for (unsigned i = 0; i < o->kept_count; i++)
        free(o->kept[i].data);
    o->kept_count = 0;
}

static bool is_next(const struct pipe_order *o, const struct fragment *f)
{
    return f->plain && !f->first && f->hint == o->left && f->stub_len <= o->left &&
           f->last == (f->stub_len == o->left);
}

static int hand_out(struct pipe_order *o, const struct fragment *f, const uint8_t *message, size_t len,
                    struct writer *out)
{
    bool next = o->left && is_next(o, f);

    writer_put(out, message, len);
    if (len > 3)
        o->inside = message[2] == TYPE_RESPONSE && !f->last;
    if (f->first && !f->last && f->plain && f->hint > f->stub_len) {
        o->left = f->hint - f->stub_len;
        o->len = f->stub_len;
    } else if (next) {
        o->exact = true;
        o->left -= f->stub_len;
    } else {
        o->exact = o->exact && !o->left; /* else this hint was wrong, or the one before it */
        o->left = 0;
    }
    o->ended += f->last;
    return out->failed ? -ENOMEM : 0;
}

static int keep(struct pipe_order *o, const struct fragment *f, const uint8_t *message, size_t len)
{
    struct pipe_order_kept *k = &o->kept[o->kept_count];

    if (!f->plain || f->first || o->kept_count == PIPE_ORDER_READS)
        return -EPROTO;
    *k = (struct pipe_order_kept){.hint = f->hint, .len = len, .data = malloc(len)};
    if (!k->data)
        return -ENOMEM;
    memcpy(k->data, message, len);
    o->kept_count++;
    return 0;
}

static int hand_out_kept(struct pipe_order *o, struct writer *out)
{
    unsigned i = 0;
    int r = 0;

    while (r == 0 && o->left && i < o->kept_count) {
        struct pipe_order_kept k = o->kept[i];
        struct fragment f = look(k.data, k.len);

        if (!is_next(o, &f)) {
            i++;
            continue;
        }
        o->kept[i] = o->kept[--o->kept_count];
        r = hand_out(o, &f, k.data, k.len, out);
        free(k.data);
        i = 0;
    }
    return r;
}

int pipe_order_take(struct pipe_order *o, const uint8_t *message, size_t len, bool others, struct writer *out)
{
    struct fragment f = look(message, len);
    bool alone = !others && !o->kept_count, next;
    int r;

    if (o->inside)
        next = !o->left || is_next(o, &f);
    else
        next = f.first || !f.plain;
    r = next || alone ? hand_out(o, &f, message, len, out) : keep(o, &f, message, len);
    r = r ? r : hand_out_kept(o, out);
    /* what is missing cannot come any more, or there is no telling what it is */
    return r == 0 && o->kept_count && (!others || (o->inside && !o->left)) ? -EPROTO : r;
}

unsigned pipe_order_reads(const struct pipe_order *o)
{
    uint32_t fragments = o->left && o->exact && !o->never ? (o->left - 1) / o->len + 1 : 1;

    if (fragments > PIPE_ORDER_READS)
        fragments = PIPE_ORDER_READS;
    return fragments > o->kept_count ? fragments - o->kept_count : 1; /* what is kept has come */
}
