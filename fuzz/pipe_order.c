/* SPDX-License-Identifier: MIT */
/*
 * Fragments of answers that several READs bring at once. Input: answers of as many fragments of as many bytes
 * as it says; which of the READs under way is answered next; and, where the server lies, what it changes.
 *
 * Oracle: no crash, no leak, never more READs than may be; nothing is handed out that did not come, or twice.
 * While the server is honest all of it comes, in order, and no READ is left over.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/reader.h"
#include "transport/pipe_order.h"

#define HEADER_LEN 24u
#define STUB_MAX 40u
#define FRAGMENTS_MAX 40u
#define ANSWERS_MAX 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct play {
    struct reader in;
    struct pipe_order order;
    struct writer sent, out;
    bool lies, lied;
};

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static size_t make(uint8_t *m, unsigned i, unsigned count, uint32_t stub_len, uint32_t last_len)
{
    uint32_t hint = (count - 1 - i) * stub_len + last_len, stub = i == count - 1 ? last_len : stub_len;

    memset(m, (int)i, HEADER_LEN + stub);
    memset(m, 0, HEADER_LEN);
    m[0] = 5;
    m[2] = 2;
    m[3] = (uint8_t)((i == 0 ? 1 : 0) | (i == count - 1 ? 2 : 0));
    m[4] = 0x10;
    m[8] = (uint8_t)(HEADER_LEN + stub);
    m[16] = (uint8_t)hint;
    m[17] = (uint8_t)(hint >> 8);
    return HEADER_LEN + stub;
}

/* One answer; false: it was refused. */
static bool answer(struct play *p, unsigned count, uint32_t stub_len, uint32_t last_len)
{
    struct {
        uint8_t bytes[HEADER_LEN + STUB_MAX];
        size_t len;
    } waiting[PIPE_ORDER_READS]; /* what READs under way have got; which of them is answered next? */
    unsigned made = 0, under_way = 0;

    while (made < count || under_way) {
        unsigned reads = pipe_order_reads(&p->order), pick;
        int r;

        require(reads >= 1 && reads <= PIPE_ORDER_READS, "too many READs, or none");
        require(p->lied || reads <= count - made + under_way, "a READ is left over");
        while (under_way < reads && made < count) {
            waiting[under_way].len = make(waiting[under_way].bytes, made++, count, stub_len, last_len);
            writer_put(&p->sent, waiting[under_way].bytes, waiting[under_way].len);
            under_way++;
        }
        pick = reader_u8(&p->in) % under_way;
        if (p->lies && reader_u8(&p->in) & 1) {
            uint8_t bits = reader_u8(&p->in);

            waiting[pick].bytes[reader_u8(&p->in) % waiting[pick].len] ^= bits;
            p->lied = p->lied || bits;
        }
        under_way--;
        r = pipe_order_take(&p->order, waiting[pick].bytes, waiting[pick].len, under_way > 0, &p->out);
        require(p->out.len <= p->sent.len, "more than came");
        require(r == 0 || p->lied, "refused, though it was right");
        if (r)
            return false;
        waiting[pick] = waiting[under_way];
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct play p = {0};
    bool ok = true;

    reader_init(&p.in, data, len);
    writer_init(&p.sent, 1 << 20);
    writer_init(&p.out, 1 << 20);
    p.lies = reader_u8(&p.in) & 1;
    for (unsigned n = 0; ok && n < ANSWERS_MAX && reader_left(&p.in); n++) {
        unsigned count = 1 + reader_u8(&p.in) % FRAGMENTS_MAX;
        uint32_t stub_len = 1 + reader_u8(&p.in) % STUB_MAX, last_len = 1 + reader_u8(&p.in) % stub_len;

        ok = answer(&p, count, stub_len, last_len);
    }
    if (!p.lied)
        require(p.out.len == p.sent.len && !p.order.kept_count &&
                    (!p.out.len || memcmp(p.out.data, p.sent.data, p.out.len) == 0),
                "other bytes, or in another order");
    pipe_order_deinit(&p.order);
    writer_deinit(&p.sent);
    writer_deinit(&p.out);
    return 0;
}
