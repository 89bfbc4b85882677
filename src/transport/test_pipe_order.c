/* SPDX-License-Identifier: MIT */
/* Fragments in every order that several READs can bring them in; hints that do not tell; what cannot be. */
#include "transport/pipe_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#define STUB 100u
#define LEN (24 + STUB)
#define COUNT 6 /* fragments of an answer */
#define TOTAL ((COUNT - 1) * STUB + 7)

struct wire {
    uint8_t fragment[COUNT][LEN];
    size_t len[COUNT];
};

static void make(struct wire *w, bool exact)
{
    memset(w, 0, sizeof(*w));
    for (unsigned i = 0; i < COUNT; i++) {
        uint8_t *m = w->fragment[i];
        uint32_t stub = i == COUNT - 1 ? 7 : STUB, hint = exact ? TOTAL - i * STUB : TOTAL;

        w->len[i] = 24 + stub;
        m[0] = 5;
        m[2] = 2;
        m[3] = (uint8_t)((i == 0 ? 1 : 0) | (i == COUNT - 1 ? 2 : 0));
        m[4] = 0x10;
        m[8] = (uint8_t)w->len[i];
        m[16] = (uint8_t)hint;
        m[17] = (uint8_t)(hint >> 8);
        memset(m + 24, 'a' + (int)i, stub);
    }
}

static int take(struct pipe_order *o, const struct wire *w, unsigned i, bool others, struct writer *out)
{
    return pipe_order_take(o, w->fragment[i], w->len[i], others, out);
}

static void assert_whole(const struct wire *w, const struct writer *out)
{
    size_t at = 0;

    for (unsigned i = 0; i < COUNT; at += w->len[i++]) {
        assert_in_range(out->len, at + w->len[i], SIZE_MAX);
        assert_memory_equal(out->data + at, w->fragment[i], w->len[i]);
    }
    assert_int_equal(out->len, at);
}

/* An answer read one by one, which proves the hints. */
static void prove(struct pipe_order *o, const struct wire *w, struct writer *out)
{
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(take(o, w, i, false, out), 0);
        /* how many READs there is something for: known after the second fragment */
        assert_int_equal(pipe_order_reads(o), i == 0 || i >= COUNT - 2 ? 1 : COUNT - 1 - i);
    }
    assert_int_equal(o->ended, 1);
    assert_false(o->inside);
    assert_whole(w, out);
    writer_reset(out);
    o->ended = 0;
}

static void one_by_one(void **state)
{
    struct pipe_order o = {0};
    struct writer out;
    struct wire w;

    (void)state;
    writer_init(&out, 1 << 20);
    make(&w, true);
    prove(&o, &w, &out);
    assert_true(o.exact);
    assert_int_equal(take(&o, &w, 0, false, &out), 0);
    assert_int_equal(pipe_order_reads(&o), COUNT - 1); /* at once now */
    pipe_order_deinit(&o);
    writer_deinit(&out);
}

/* All orders of the fragments behind the first. */
static void every_order(void **state)
{
    unsigned tried = 0;
    struct wire w;

    (void)state;
    make(&w, true);
    for (unsigned code = 0; code < 5 * 5 * 5 * 5 * 5; code++) {
        unsigned order[COUNT - 1], seen = 0;
        struct pipe_order o = {0};
        struct writer out;

        for (unsigned i = 0, rest = code; i < COUNT - 1; i++, rest /= 5) {
            order[i] = 1 + rest % 5;
            seen |= 1u << order[i];
        }
        if (seen != 0x3E)
            continue;
        tried++;
        writer_init(&out, 1 << 20);
        prove(&o, &w, &out);
        assert_int_equal(take(&o, &w, 0, false, &out), 0);
        for (unsigned i = 0; i < COUNT - 1; i++) {
            assert_int_equal(pipe_order_reads(&o), COUNT - 1 - i); /* as many as have not come */
            assert_int_equal(take(&o, &w, order[i], i < COUNT - 2, &out), 0);
        }
        assert_whole(&w, &out);
        assert_int_equal(o.ended, 1);
        assert_int_equal(o.kept_count, 0);
        pipe_order_deinit(&o);
        writer_deinit(&out);
    }
    assert_int_equal(tried, 120);
}

static void hints_that_do_not_tell(void **state)
{
    struct pipe_order o = {0};
    struct writer out;
    struct wire w;

    (void)state;
    writer_init(&out, 1 << 20);
    make(&w, false);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(take(&o, &w, i, false, &out), 0);
        assert_int_equal(pipe_order_reads(&o), 1);
    }
    assert_whole(&w, &out);
    assert_int_equal(o.ended, 1);
    pipe_order_deinit(&o);
    writer_deinit(&out);
}

/* A server whose hints were right and are not any more, while several READs are under way: no telling. */
static void what_has_no_place_is_refused(void **state)
{
    struct wire w, wrong;
    struct writer out;

    (void)state;
    make(&w, true);
    make(&wrong, false);
    for (unsigned variant = 0; variant < 3; variant++) {
        struct pipe_order o = {0};

        writer_init(&out, 1 << 20);
        prove(&o, &w, &out);
        assert_int_equal(take(&o, &w, 0, false, &out), 0);
        switch (variant) {
        case 0: /* too large for ever */
            assert_int_equal(take(&o, &wrong, 1, true, &out), 0);
            assert_int_equal(take(&o, &wrong, 2, false, &out), -EPROTO);
            break;
        case 1: /* twice the same */
            assert_int_equal(take(&o, &w, 2, true, &out), 0);
            assert_int_equal(take(&o, &w, 2, true, &out), 0);
            assert_int_equal(take(&o, &w, 1, false, &out), -EPROTO);
            break;
        default: /* another first one */
            assert_int_equal(take(&o, &w, 0, true, &out), -EPROTO);
        }
        pipe_order_deinit(&o);
        writer_deinit(&out);
    }
}

/* Short, of another kind, without a hint, the integers the other way round: handed out as they come. */
static void other_messages_pass(void **state)
{
    struct pipe_order o = {0};
    struct writer out;
    struct wire w;

    (void)state;
    writer_init(&out, 1 << 20);
    make(&w, true);
    for (size_t len = 0; len < 24; len++) {
        assert_int_equal(pipe_order_take(&o, w.fragment[0], len, true, &out), 0);
        assert_int_equal(pipe_order_reads(&o), 1);
        o.inside = false;
    }
    writer_reset(&out);
    for (unsigned i = 0; i < COUNT; i++) {
        w.fragment[i][4] = 0;
        assert_int_equal(take(&o, &w, i, i % 2, &out), 0);
        assert_int_equal(pipe_order_reads(&o), 1);
    }
    assert_whole(&w, &out);
    pipe_order_deinit(&o);
    writer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_by_one),
        cmocka_unit_test(every_order),
        cmocka_unit_test(hints_that_do_not_tell),
        cmocka_unit_test(what_has_no_place_is_refused),
        cmocka_unit_test(other_messages_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
