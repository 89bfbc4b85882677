/* SPDX-License-Identifier: MIT */
/* Access masks and the table of handles, by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "server/context.h"

static uint32_t grant(enum context_kind kind, bool administrator, uint32_t desired)
{
    uint32_t granted = 0xdeadbeef;
    struct nt_status status = access_grant(kind, administrator, desired, &granted);

    if (!nt_success(status)) {
        assert_int_equal(status.v, (uint32_t)NT_STATUS_ACCESS_DENIED);
        assert_int_equal(granted, 0);
        return 0;
    }
    return granted;
}

static void generic_bits_are_translated(void **state)
{
    (void)state;
    /* [MS-SAMR] 2.2.1.3 - 2.2.1.7 */
    static const struct {
        enum context_kind kind;
        uint32_t read, write, execute, all;
    } t[] = {
        {CONTEXT_SERVER, 0x20010, 0x2000E, 0x20021, 0xF003F},
        {CONTEXT_DOMAIN, 0x20084, 0x2047A, 0x20301, 0xF07FF},
        {CONTEXT_GROUP, 0x20010, 0x2000E, 0x20001, 0xF001F},
        {CONTEXT_ALIAS, 0x20004, 0x20013, 0x20008, 0xF001F},
        {CONTEXT_USER, 0x2031A, 0x20044, 0x20041, 0xF07FF},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        assert_int_equal(grant(t[i].kind, true, 0x80000000u), t[i].read);
        assert_int_equal(grant(t[i].kind, true, 0x40000000u), t[i].write);
        assert_int_equal(grant(t[i].kind, true, 0x20000000u), t[i].execute);
        assert_int_equal(grant(t[i].kind, true, 0x10000000u), t[i].all);
        assert_int_equal(grant(t[i].kind, true, 0xC0000000u), t[i].read | t[i].write);
        assert_int_equal(grant(t[i].kind, false, 0x80000000u), t[i].read);
        assert_int_equal(grant(t[i].kind, false, 0x20000000u), t[i].execute);
        assert_int_equal(grant(t[i].kind, false, 0x10000000u), 0);
        assert_int_equal(grant(t[i].kind, false, 0x00010000u), 0); /* DELETE */
        assert_int_equal(grant(t[i].kind, false, 0x00040000u), 0); /* WRITE_DAC */
        assert_int_equal(grant(t[i].kind, true, 0x02000000u), t[i].all | 0x01000000u);
        assert_int_equal(grant(t[i].kind, false, 0x02000000u), t[i].read | t[i].execute);
    }
}

static void exactly_what_is_asked_for_is_granted(void **state)
{
    (void)state;
    assert_int_equal(grant(CONTEXT_GROUP, true, GROUP_ADD_MEMBER), GROUP_ADD_MEMBER);
    assert_int_equal(grant(CONTEXT_GROUP, false, GROUP_READ_INFORMATION), GROUP_READ_INFORMATION);
    assert_int_equal(grant(CONTEXT_GROUP, false, GROUP_READ_INFORMATION | GROUP_ADD_MEMBER), 0);
    assert_int_equal(grant(CONTEXT_GROUP, true, 0x00000020u), 0); /* no right of a group */
    assert_int_equal(grant(CONTEXT_DOMAIN, false, DOMAIN_CREATE_GROUP), 0);
    assert_int_equal(grant(CONTEXT_DOMAIN, true, 0), 0);
}

static void handles_are_found_until_closed(void **state)
{
    static struct context_random random;
    static const struct ndr_interface one, other;
    struct context_table t = {0};
    struct context a = {.interface = &one, .kind = CONTEXT_GROUP, .rid = 1};
    struct context b = {.interface = &one, .kind = CONTEXT_USER, .rid = 2};

    (void)state;
    assert_int_equal(context_open(&t, &random, &a), 0);
    assert_int_equal(context_open(&t, &random, &b), 0);
    assert_memory_not_equal(&a.uuid, &b.uuid, sizeof(a.uuid));
    assert_int_equal(context_find(&t, &one, &a.uuid)->rid, 1);
    assert_int_equal(context_find(&t, &one, &b.uuid)->rid, 2);
    assert_null(context_find(&t, &other, &a.uuid)); /* strict */
    context_close(&t, &a.uuid);
    assert_null(context_find(&t, &one, &a.uuid));
    assert_int_equal(context_find(&t, &one, &b.uuid)->rid, 2);
    context_close(&t, &a.uuid); /* not there: nothing happens */
    context_reopen(&t, &a);
    assert_int_equal(context_find(&t, &one, &a.uuid)->rid, 1);
    context_run_down(&t);
    assert_null(context_find(&t, &one, &b.uuid));
}

static void number_of_handles_is_bounded(void **state)
{
    static struct context_random random;
    static const struct ndr_interface one;
    struct context_table t = {0};
    struct context c = {.interface = &one}, first = {.interface = &one, .rid = 7};

    (void)state;
    assert_int_equal(context_open(&t, &random, &first), 0);
    for (int i = 1; i < CONTEXT_MAX; i++)
        assert_int_equal(context_open(&t, &random, &c), 0);
    assert_int_equal(context_open(&t, &random, &c), -EMFILE);
    assert_int_equal(context_reserve(&t, &random), -EMFILE);
    assert_int_equal(context_find(&t, &one, &first.uuid)->rid, 7);
    context_close(&t, &first.uuid);
    assert_int_equal(context_reserve(&t, &random), 0);
    assert_int_equal(context_open(&t, &random, &c), 0);
    context_run_down(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generic_bits_are_translated),
        cmocka_unit_test(exactly_what_is_asked_for_is_granted),
        cmocka_unit_test(handles_are_found_until_closed),
        cmocka_unit_test(number_of_handles_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
