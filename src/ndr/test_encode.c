/* SPDX-License-Identifier: MIT */
/* What encode must not put on the wire, and uuids. What it must put there is in test_decode.c. */
#include <errno.h>

#include "ndr/test_support.h"

static int encoded(uint16_t type, enum ndr_syntax syntax, const void *host)
{
    struct writer w;
    int r;

    writer_init(&w, 1 << 16);
    r = ndr_encode_type(&t_interface, type, syntax, host, &w);
    writer_deinit(&w);
    return r;
}

static void assert_value(uint16_t type, const void *host, int expected)
{
    assert_int_equal(encoded(type, NDR_SYNTAX_NDR20, host), expected);
    assert_int_equal(encoded(type, NDR_SYNTAX_NDR64, host), expected);
}

static void scalars(void **state)
{
    struct t_scalars host = {.e16 = 0x7fff, .uptr = UINT32_MAX, .ranged = 1};

    (void)state;
    assert_value(T_SCALARS, &host, 0);
    host.e16 = 0x8000;
    assert_value(T_SCALARS, &host, NDR_E_VALUE);
    host.e16 = -1;
    assert_value(T_SCALARS, &host, NDR_E_VALUE);
    host.e16 = 0;
    host.ranged = 0;
    assert_value(T_SCALARS, &host, NDR_E_VALUE);
    host.ranged = 11;
    assert_value(T_SCALARS, &host, NDR_E_VALUE);
    host.ranged = 10;
    host.uptr = (uint64_t)UINT32_MAX + 1;
    assert_int_equal(encoded(T_SCALARS, NDR_SYNTAX_NDR20, &host), NDR_E_VALUE);
    assert_int_equal(encoded(T_SCALARS, NDR_SYNTAX_NDR64, &host), 0);
}

static void counts(void **state)
{
    uint16_t text[] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 0};
    struct t_ustring counted = {8, 6, text};
    struct t_text strings = {.maximum = text};
    uint64_t memory[16] = {0};
    struct t_sid *sid = (void *)memory;

    (void)state;
    assert_value(T_USTRING, &counted, NDR_E_VALUE); /* length over maximum */
    counted.MaximumLength = 8;
    assert_value(T_USTRING, &counted, 0);
    assert_value(T_TEXT, &strings, NDR_E_VALUE); /* 13 units in size_is(12) */
    text[11] = 0;
    assert_value(T_TEXT, &strings, 0);
    for (size_t i = 0; i < 8; i++)
        strings.name[i] = 'n';
    assert_value(T_TEXT, &strings, NDR_E_VALUE); /* no terminator inside the bound */
    sid->SubAuthorityCount = 16;
    assert_value(T_SID_PTR, &sid, NDR_E_VALUE); /* range 0..15 */
    sid->SubAuthorityCount = 15;
    assert_value(T_SID_PTR, &sid, 0);
}

static void unions(void **state)
{
    struct t_capsule capsule = {.tag = 7};
    struct t_switch chosen = {.level = 4};

    (void)state;
    assert_value(T_CAPSULE, &capsule, NDR_E_VALUE); /* no such arm */
    capsule.tag = -1;
    assert_value(T_CAPSULE, &capsule, 0);
    assert_value(T_SWITCH, &chosen, 0); /* a null pointer in an arm */
}

static void null_ref(void **state)
{
    struct t_array_params params = {0};
    struct writer w;

    (void)state;
    writer_init(&w, 1 << 16);
    assert_int_equal(ndr_encode(&t_interface, 1, NDR_F_IN, NDR_SYNTAX_NDR20, &params, &w), NDR_E_VALUE);
    writer_deinit(&w);
}

static void endless_list(void **state)
{
    struct t_list loop = {1, &loop};

    (void)state;
    assert_value(T_LIST, &loop, NDR_E_VALUE);
}

static void no_room(void **state)
{
    struct t_list second = {2, NULL}, first = {1, &second};
    uint8_t memory[16];

    (void)state;
    for (size_t len = 0; len <= sizeof(memory); len++) {
        struct writer w;

        writer_init_fixed(&w, memory, len);
        assert_int_equal(ndr_encode_type(&t_interface, T_LIST, NDR_SYNTAX_NDR20, &first, &w),
                         len < sizeof(memory) ? -ENOMEM : 0);
    }
}

/* Alignment counts from where the stub begins, not from the writer's. */
static void begins_anywhere(void **state)
{
    struct t_late host = {NULL, 1};
    struct writer w;

    (void)state;
    writer_init(&w, 1 << 10);
    writer_put(&w, "abc", 3);
    assert_int_equal(ndr_encode_type(&t_interface, T_LATE, NDR_SYNTAX_NDR64, &host, &w), 0);
    assert_int_equal(w.len, 3 + 16);
    writer_deinit(&w);
}

static void uuids(void **state)
{
    char text[37];
    struct ndr_uuid got;
    struct writer w;
    struct reader r;

    (void)state;
    ndr_uuid_text(&ndr_syntax_uuid[NDR_SYNTAX_NDR20], text);
    assert_string_equal(text, "8a885d04-1ceb-11c9-9fe8-08002b104860");
    ndr_uuid_text(&ndr_syntax_uuid[NDR_SYNTAX_NDR64], text);
    assert_string_equal(text, "71710533-beba-4937-8319-b5dbef9ccc36");
    writer_init(&w, 64);
    ndr_uuid_write(&w, &ndr_syntax_uuid[NDR_SYNTAX_NDR20]);
    assert_int_equal(w.len, 16);
    assert_memory_equal(w.data, "\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\x00\x2b\x10\x48\x60", 16);
    reader_init(&r, w.data, w.len);
    ndr_uuid_read(&r, &got);
    assert_true(ndr_uuid_equal(&got, &ndr_syntax_uuid[NDR_SYNTAX_NDR20]));
    assert_false(ndr_uuid_equal(&got, &ndr_syntax_uuid[NDR_SYNTAX_NDR64]));
    ndr_uuid_read(&r, &got);
    assert_true(r.failed);
    writer_deinit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),      cmocka_unit_test(counts),  cmocka_unit_test(unions),
        cmocka_unit_test(null_ref),     cmocka_unit_test(no_room), cmocka_unit_test(begins_anywhere),
        cmocka_unit_test(endless_list), cmocka_unit_test(uuids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
