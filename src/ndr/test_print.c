/* SPDX-License-Identifier: MIT */
/* JSON of values that the vectors of test_decode.c do not hold: hard text, secrets, numbers. */
#include <math.h>

#include "ndr/test_support.h"

static void assert_json(const struct ndr_interface *interface, uint16_t type, const void *host,
                        const char *expected)
{
    struct writer w;

    writer_init(&w, 1 << 16);
    assert_int_equal(ndr_print_type(interface, type, host, &w), 0);
    writer_u8(&w, 0);
    assert_string_equal((char *)w.data, expected);
    writer_deinit(&w);
}

static void text(void **state)
{
    uint16_t hard[] = {'"', '\\', '\n', 0x7f, 0xe9, 0x20ac, 0xd83d, 0xde00, 0xdc00, 'x', 0xd800};
    struct t_ustring s = {sizeof(hard), sizeof(hard), hard};
    const uint8_t *narrow = (const uint8_t *)"\x01\xff\"";

    (void)state;
    assert_json(&t_interface, T_USTRING, &s,
                "\"\\\"\\\\\\u000a\\u007f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\udc00x\\ud800\"");
    s.Length = 0;
    assert_json(&t_interface, T_USTRING, &s, "\"\"");
    s.Buffer = NULL;
    assert_json(&t_interface, T_USTRING, &s, "null");
    assert_json(&t_interface, T_NARROW_PTR, &narrow, "\"\\u0001\xc3\xbf\\\"\"");
}

static void numbers(void **state)
{
    struct t_scalars host = {INT8_MIN, INT16_MIN, UINT8_MAX, INT64_MIN, 5, (double)NAN, UINT64_MAX, 1};

    (void)state;
    assert_json(&t_interface, T_SCALARS, &host,
                "{\"name\":-128,\"name\":-32768,\"name\":255,\"name\":-9223372036854775808,"
                "\"name\":\"Five\",\"name\":null,\"name\":18446744073709551615,\"name\":1}");
    host.f64 = -0.5;
    host.e16 = 77;
    assert_json(&t_interface, T_SCALARS, &host,
                "{\"name\":-128,\"name\":-32768,\"name\":255,\"name\":-9223372036854775808,"
                "\"name\":77,\"name\":-0.5,\"name\":18446744073709551615,\"name\":1}");
}

static void secrets(void **state)
{
    struct ndr_type types[T_COUNT];
    struct ndr_interface secretive = t_interface;
    uint16_t word[] = {'p', 0};
    struct t_ustring s = {2, 2, word};
    uint16_t *pointer = word;

    (void)state;
    memcpy(types, t_types, sizeof(types));
    types[T_USTRING].flags |= NDR_T_SECRET;
    types[T_WSTRING_PTR].flags |= NDR_T_SECRET;
    types[T_UINT32].flags |= NDR_T_SECRET;
    secretive.types = types;
    assert_json(&secretive, T_USTRING, &s, "\"***\"");
    assert_json(&secretive, T_WSTRING_PTR, &pointer, "\"***\"");
    assert_json(&secretive, T_LIST, &(struct t_list){1, NULL}, "{\"name\":\"***\",\"name\":null}");
    pointer = NULL;
    assert_json(&secretive, T_WSTRING_PTR, &pointer, "null");
}

static void impossible(void **state)
{
    struct t_ustring s = {8, 2, (uint16_t[]){'a', 'b', 'c', 'd'}}; /* more than there is room for */
    struct t_capsule none = {.tag = 55};
    struct t_list loop = {1, &loop};
    struct writer w;

    (void)state;
    assert_json(&t_interface, T_USTRING, &s, "null");
    assert_json(&t_interface, T_CAPSULE, &none, "{\"name\":55,\"name\":null}");
    writer_init(&w, 1 << 16);
    assert_int_equal(ndr_print_type(&t_interface, T_LIST, &loop, &w), 0); /* ends */
    writer_deinit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test(numbers),
        cmocka_unit_test(secrets),
        cmocka_unit_test(impossible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
