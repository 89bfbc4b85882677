/* SPDX-License-Identifier: MIT */
/* What the tests of the walkers share: vectors as hexadecimal text, and one call for decode, encode, print.
 */
#ifndef NDR_TEST_SUPPORT_H
#define NDR_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ndr/test_tables.h"

/* A stub to decode: in memory of exactly its length, so that a sanitizer sees one byte too far. */
struct stub {
    uint8_t *data;
    size_t len;
};

static inline int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline struct stub stub_from_hex(const char *hex)
{
    struct stub s = {malloc(strlen(hex) / 2 + 1), 0};

    assert_non_null(s.data);
    for (; *hex; hex++) {
        if (digit(*hex) < 0)
            continue;
        s.data[s.len++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        hex++;
    }
    s.data = realloc(s.data, s.len ? s.len : 1);
    assert_non_null(s.data);
    return s;
}

/* One value of one type, or the parameters of one direction of a procedure, with all it points to. */
struct value {
    uint16_t type, opnum; /* type 0: a procedure */
    uint8_t direction;
    enum ndr_syntax syntax;
    struct arena arena;
    size_t used;
    uint64_t host[32]; /* room for any of the test types but t_wide */
};

static inline int value_decode(struct value *v, const void *stub, size_t len)
{
    int r;

    memset(v->host, 0, sizeof(v->host));
    if (!v->type && v->direction == NDR_F_OUT)
        ((struct t_array_params *)(void *)v->host)->Count = 2; /* what had been sent */
    arena_init(&v->arena, SIZE_MAX);
    if (v->type)
        r = ndr_decode_type(&t_interface, v->type, v->syntax, stub, len, &v->arena, v->host, &v->used);
    else
        r = ndr_decode(&t_interface, v->opnum, v->direction, v->syntax, stub, len, &v->arena, v->host,
                       &v->used);
    assert_true(r >= 0);
    assert_true(v->used <= len);
    assert_true(v->arena.total <= NDR_MEMORY_FACTOR * len + NDR_MEMORY_BASE);
    return r;
}

static inline int value_encode(const struct value *v, struct writer *w)
{
    writer_init(w, 1 << 20);
    if (v->type)
        return ndr_encode_type(&t_interface, v->type, v->syntax, v->host, w);
    return ndr_encode(&t_interface, v->opnum, v->direction, v->syntax, v->host, w);
}

/* Zero-terminated; to be freed. */
static inline char *value_json(const struct value *v)
{
    struct writer w;
    size_t len;

    writer_init(&w, 1 << 20);
    if (v->type)
        assert_int_equal(ndr_print_type(&t_interface, v->type, v->host, &w), 0);
    else
        assert_int_equal(ndr_print(&t_interface, v->opnum, v->direction, v->host, &w), 0);
    writer_u8(&w, 0);
    return (char *)writer_steal(&w, &len);
}

#endif
