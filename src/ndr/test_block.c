/* SPDX-License-Identifier: MIT */
/*
 * Exact blocks: length promised = length used, everything inside, nothing shared with the source; the builder
 * makes the same.
 */
#include <errno.h>

#include "ndr/test_support.h"

static uint16_t hello[] = {'h', 'e', 'l', 'l', 'o', 0}, world[] = {'w', 0}, nothing[] = {0};

static char *json_of(uint16_t type, const void *host)
{
    struct writer w;
    size_t len;

    writer_init(&w, 1 << 20);
    assert_int_equal(ndr_print_type(&t_interface, type, host, &w), 0);
    writer_u8(&w, 0);
    return (char *)writer_steal(&w, &len);
}

static void assert_same(uint16_t type, const void *a, const void *b)
{
    char *before = json_of(type, a), *after = json_of(type, b);

    assert_string_equal(before, after);
    free(before);
    free(after);
}

static bool inside(const void *p, const void *block, size_t len)
{
    return (uintptr_t)p >= (uintptr_t)block && (uintptr_t)p <= (uintptr_t)block + len;
}

static void *give(size_t len, void *context)
{
    if (context)
        *(size_t *)context = len;
    return malloc(len);
}

static void *give_nothing(size_t len, void *context)
{
    (void)len;
    (void)context;
    return NULL;
}

/* Two structures with text, then front, pointees and tail where they belong. */
static void layout(void **state)
{
    struct t_text host[2] = {{{'a', 0}, (uint8_t *)"xyz", hello}, {{'b', 0}, NULL, world}};
    size_t len = ndr_block_len(&t_interface, T_TEXT, host, 2);
    struct t_text *block = malloc(len);

    (void)state;
    /* "xyz" is bytes and goes with the pointees: behind the structures, then UTF-16 */
    assert_int_equal(len, 2 * sizeof(struct t_text) + 4 + sizeof(hello) + sizeof(world));
    ndr_block_copy(&t_interface, T_TEXT, host, 2, block, len);
    assert_ptr_equal(block[0].narrow, &block[2]);
    assert_ptr_equal(block[0].maximum, (uint8_t *)block + len - sizeof(hello));
    assert_ptr_equal(block[1].maximum, (uint8_t *)block[0].maximum - sizeof(world));
    assert_null(block[1].narrow);
    assert_same(T_TEXT, &host[0], &block[0]);
    assert_same(T_TEXT, &host[1], &block[1]);
    free(block);
}

static void nested(void **state)
{
    struct t_list second = {2, NULL}, first = {1, &second};
    uint32_t c = 7;
    struct t_order host = {&first, {4, 10, hello}, &c};
    size_t len = ndr_block_len(&t_interface, T_ORDER, &host, 1);
    struct t_order *block = malloc(len);

    (void)state;
    assert_int_equal(len, sizeof(host) + 2 * sizeof(struct t_list) + 4 + 4); /* "he": what is counted */
    ndr_block_copy(&t_interface, T_ORDER, &host, 1, block, len);
    assert_same(T_ORDER, &host, block);
    assert_true(inside(block->a, block, len) && inside(block->a->next, block, len));
    assert_true(inside(block->b.Buffer, block, len) && inside(block->c, block, len));
    assert_int_equal((uintptr_t)block->a->next % 8, 0);
    free(block);
}

static void no_structures(void **state)
{
    struct ndr_block_builder b;
    void *block = &b;

    (void)state;
    assert_int_equal(ndr_block_len(&t_interface, T_ORDER, NULL, 0), 0);
    ndr_block_copy(&t_interface, T_ORDER, NULL, 0, &b, 0);
    ndr_block_init(&b, &t_interface, T_ORDER);
    assert_int_equal(ndr_block_take(&b, give, NULL, &block), 0);
    assert_null(block);
}

/* A conformant structure behind a pointer of a union, as a SID in GROUP_INFO_3. */
static void conformant(void **state)
{
    uint64_t memory[4] = {0};
    struct t_sid *sid = (void *)memory;
    struct t_switch host = {4, {.sid = sid}, 5};
    size_t len;
    struct t_switch *block;

    (void)state;
    sid->SubAuthorityCount = 3;
    sid->SubAuthority[2] = 500;
    len = ndr_block_len(&t_interface, T_SWITCH, &host, 1);
    assert_int_equal(len, sizeof(host) + 8 + 12);
    block = malloc(len);
    ndr_block_copy(&t_interface, T_SWITCH, &host, 1, block, len);
    assert_ptr_equal(block->u.sid, block + 1);
    assert_same(T_SWITCH, &host, block);
    free(block);
}

static void built(uint16_t type, const void *host, size_t host_len, size_t count)
{
    size_t len = ndr_block_len(&t_interface, type, host, count), asked = 0, sum = 0;
    struct ndr_block_builder b;
    void *block;

    ndr_block_init(&b, &t_interface, type);
    for (size_t i = 0; i < count; i++) {
        sum = ndr_block_len_with(&b, (const uint8_t *)host + i * host_len);
        assert_int_equal(ndr_block_add(&b, (const uint8_t *)host + i * host_len), 0);
        assert_int_equal(b.len, sum);
        assert_int_equal(sum, ndr_block_len(&t_interface, type, host, i + 1));
    }
    assert_int_equal(ndr_block_take(&b, give, &asked, &block), 0);
    assert_int_equal(asked, len);
    for (size_t i = 0; i < count; i++)
        assert_same(type, (const uint8_t *)host + i * host_len, (uint8_t *)block + i * host_len);
    free(block);
    assert_int_equal(b.count, 0);
}

static void builder_makes_the_same(void **state)
{
    static uint16_t text[300][4];
    static struct t_text many[300];
    struct t_list third = {3, NULL}, second = {2, &third}, first = {1, &second};
    struct t_order order[3] = {
        {&first, {4, 10, hello}, NULL}, {NULL, {0, 0, NULL}, NULL}, {&second, {2, 2, world}, &third.value}};
    struct t_rid rids[2] = {{1, {10, 10, hello}}, {2, {0, 0, nothing}}};
    struct t_enumeration lists[2] = {{2, rids}, {0, rids}};
    struct t_switch unions[3] = {{3, {.text = hello}, 1}, {0, {0}, 2}, {2, {.big = 9}, 3}};

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        text[i][0] = (uint16_t)('a' + i % 26);
        many[i] = (struct t_text){{'n', 0}, i % 3 ? (uint8_t *)"odd" : NULL, i % 7 ? text[i] : NULL};
    }
    built(T_TEXT, many, sizeof(many[0]), 300);
    built(T_ORDER, order, sizeof(order[0]), 3);
    built(T_ENUMERATION, lists, sizeof(lists[0]), 2);
    built(T_SWITCH, unions, sizeof(unions[0]), 3);
    built(T_LIST, &first, sizeof(first), 1);
}

static void no_memory(void **state)
{
    struct t_list host = {1, NULL};
    struct ndr_block_builder b;
    void *block = &b;

    (void)state;
    ndr_block_init(&b, &t_interface, T_LIST);
    assert_int_equal(ndr_block_add(&b, &host), 0);
    assert_int_equal(ndr_block_take(&b, give_nothing, NULL, &block), -ENOMEM);
    assert_null(block);
    assert_int_equal(b.count, 0);
    assert_null(b.front.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),     cmocka_unit_test(nested),
        cmocka_unit_test(conformant), cmocka_unit_test(no_structures),
        cmocka_unit_test(no_memory),  cmocka_unit_test(builder_makes_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
