/* SPDX-License-Identifier: MIT */
/* Security descriptors of users: may the user change the password? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/writer.h"
#include "netapi/accounts_user.h"

#define RID 1105
#define CHANGE 0x40u

static const uint8_t domain[] = {1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0};

struct sid {
    uint8_t authority, count;
    uint32_t sub[5];
};
static const struct sid world = {1, 1, {0}}, self = {5, 1, {10}}, authenticated = {5, 1, {11}},
                        administrators = {5, 2, {32, 544}}, user = {5, 5, {21, 1, 2, 3, RID}},
                        other = {5, 5, {21, 1, 2, 3, RID + 1}}, elsewhere = {5, 5, {21, 1, 9, 3, RID}};

struct ace {
    uint8_t type, flags;
    uint32_t mask;
    const struct sid *sid;
};

static size_t make(uint8_t *out, const struct ace *aces, uint16_t count)
{
    struct writer w;

    writer_init_fixed(&w, out, 512);
    writer_u8(&w, 1);
    writer_u8(&w, 0);
    writer_u16(&w, 0x8004);
    writer_zero(&w, 12);
    writer_u32(&w, 20);
    writer_u16(&w, 2);
    writer_u16(&w, 0); /* the length: not looked at */
    writer_u16(&w, count);
    writer_u16(&w, 0);
    for (uint16_t i = 0; i < count; i++) {
        const struct sid *s = aces[i].sid;

        writer_u8(&w, aces[i].type);
        writer_u8(&w, aces[i].flags);
        writer_u16(&w, (uint16_t)(16 + 4 * s->count));
        writer_u32(&w, aces[i].mask);
        writer_u8(&w, 1);
        writer_u8(&w, s->count);
        writer_zero(&w, 5);
        writer_u8(&w, s->authority);
        for (uint8_t k = 0; k < s->count; k++)
            writer_u32(&w, s->sub[k]);
    }
    return w.len;
}

static bool may(const struct ace *aces, uint16_t count)
{
    uint8_t sd[512];
    size_t len = make(sd, aces, count);

    return user_may_change_password(sd, len, domain, RID);
}

#define MAY(...) \
    may((const struct ace[]){__VA_ARGS__}, sizeof((const struct ace[]){__VA_ARGS__}) / sizeof(struct ace))

static void test_entries(void **state)
{
    (void)state;
    assert_true(MAY({0, 0, 0x2035b, &world}));
    assert_true(MAY({0, 0, CHANGE, &self}));
    assert_true(MAY({0, 0, CHANGE, &authenticated}));
    assert_true(MAY({0, 0, 0x20044, &user}));
    assert_true(MAY({0, 0, 0x10000000, &user}));
    assert_false(MAY({0, 0, 0x2031b, &world}));
    assert_false(MAY({0, 0, 0xf07ff, &administrators}));
    assert_false(MAY({0, 0, 0xf07ff, &other}));
    assert_false(MAY({0, 0, 0xf07ff, &elsewhere}));
    assert_false(MAY({1, 0, CHANGE, &world}, {0, 0, 0xf07ff, &user}));
    assert_true(MAY({0, 0, CHANGE, &user}, {1, 0, CHANGE, &world}));
    assert_true(MAY({1, 0, 0x10, &world}, {0, 0, CHANGE, &user}));
    assert_true(MAY({1, 8, CHANGE, &world}, {0, 0, CHANGE, &user})); /* inherit only */
    assert_true(MAY({5, 0, CHANGE, &world}, {0, 0, CHANGE, &user})); /* of another type */
    assert_false(may(NULL, 0));
}

static void test_no_list(void **state)
{
    uint8_t sd[512];
    size_t len = make(sd, NULL, 0);

    (void)state;
    sd[2] = 0; /* not present: everybody may everything */
    assert_true(user_may_change_password(sd, len, domain, RID));
    sd[2] = 4;
    sd[16] = 0;
    assert_true(user_may_change_password(sd, len, domain, RID));
    assert_true(user_may_change_password(NULL, 0, domain, RID));
}

/* Every truncation, every bit flipped, in memory that ends where the bytes end: nothing is read behind it. */
static void test_hostile(void **state)
{
    const struct ace aces[] = {{1, 0, 0x10, &world}, {0, 0, 0x2031b, &user}, {0, 0, 1, &self}};
    uint8_t sd[512];
    size_t len = make(sd, aces, 3);

    (void)state;
    assert_false(user_may_change_password(sd, len, domain, RID));
    for (size_t n = 0; n < len; n++) {
        uint8_t *part = malloc(n ? n : 1);

        assert_non_null(part);
        memcpy(part, sd, n);
        assert_true(user_may_change_password(part, n, domain, RID)); /* cannot be read */
        free(part);
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        uint8_t *flipped = malloc(len);

        assert_non_null(flipped);
        memcpy(flipped, sd, len);
        flipped[bit / 8] ^= (uint8_t)(1u << bit % 8);
        user_may_change_password(flipped, len, domain, RID);
        free(flipped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_no_list),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
