/* SPDX-License-Identifier: MIT */
/* Which names are allowed, which are the same, and that they come back as they were given. */
#include "sam/test_sam.h"

static struct nt_status create(struct fixture *f, const uint16_t *units, size_t count)
{
    uint32_t rid;

    return sam_group_create(f->s, (struct sam_text){.chars = units, .count = count}, &rid);
}

static void forbidden_characters(void **state)
{
    struct fixture *f = *state;
    static const char bad[] = "\"/\\[]:|<>+=;?*,";

    for (uint16_t c = 0; c < 0x80; c++) {
        bool forbidden = c < 0x20 || strchr(bad, c);

        for (size_t at = 0; at < 3; at++) {
            uint16_t name[4] = {'a', 'b', 'c', (uint16_t)('0' + at)};
            uint32_t rid;

            name[at] = c;
            if (forbidden) {
                assert_status(create(f, name, 4), STATUS_INVALID_ACCOUNT_NAME);
            } else {
                struct nt_status status =
                    sam_group_create(f->s, (struct sam_text){.chars = name, .count = 4}, &rid);

                if (nt_success(status))
                    assert_done(sam_group_delete(f->s, rid));
                assert_done(status);
            }
        }
    }
}

static void length(void **state)
{
    struct fixture *f = *state;
    uint16_t name[257];

    for (size_t i = 0; i < 257; i++)
        name[i] = 'x';
    assert_status(create(f, name, 0), STATUS_INVALID_ACCOUNT_NAME);
    assert_status(create(f, NULL, 0), STATUS_INVALID_ACCOUNT_NAME);
    assert_status(create(f, name, 257), STATUS_INVALID_ACCOUNT_NAME);
    assert_done(create(f, name, 256));
    assert_done(create(f, name, 1));
    assert_status(create(f, name, SIZE_MAX / 2), STATUS_INVALID_ACCOUNT_NAME);
}

static void periods_and_blanks(void **state)
{
    struct fixture *f = *state;
    static const char16_t *const bad[] = {u".", u"..", u" ", u"   ", u". .", u" .", u"name.", u"a..", u"x ."};
    static const char16_t *const good[] = {u".x", u" x", u"x ", u"a.b", u". x", u"...a"};
    uint32_t rid;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_status(sam_group_create(f->s, text(bad[i]), &rid), STATUS_INVALID_ACCOUNT_NAME);
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        add_group(f->s, good[i]);
}

static void same_rules_for_a_new_name(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = add_group(f->s, u"before");
    struct sam_group group;

    assert_status(sam_group_set_name(f->s, rid, text(u"")), STATUS_INVALID_ACCOUNT_NAME);
    assert_status(sam_group_set_name(f->s, rid, text(u"a*b")), STATUS_INVALID_ACCOUNT_NAME);
    assert_status(sam_group_set_name(f->s, rid, text(u"end.")), STATUS_INVALID_ACCOUNT_NAME);
    assert_status(sam_group_set_name(f->s, rid, text(u"GUEST")), STATUS_USER_EXISTS);
    assert_status(sam_group_set_name(f->s, rid, text(u"none")), STATUS_GROUP_EXISTS);
    assert_status(sam_group_set_name(f->s, rid, text(u"users")), STATUS_ALIAS_EXISTS);
    assert_status(sam_group_set_name(f->s, 999999, text(u"other")), STATUS_NO_SUCH_GROUP);
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_text(group.name, u"before");
    /* its own name in other letters is free */
    assert_done(sam_group_set_name(f->s, rid, text(u"BeFore")));
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_text(group.name, u"BeFore");
    assert_done(sam_group_set_name(f->s, rid, text(u"after")));
    add_group(f->s, u"before");
}

static void taken(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = 7;

    add_group(f->s, u"Staff");
    assert_status(sam_group_create(f->s, text(u"Staff"), &rid), STATUS_GROUP_EXISTS);
    assert_status(sam_group_create(f->s, text(u"sTAFF"), &rid), STATUS_GROUP_EXISTS);
    assert_status(sam_group_create(f->s, text(u"NONE"), &rid), STATUS_GROUP_EXISTS);
    assert_status(sam_group_create(f->s, text(u"administrator"), &rid), STATUS_USER_EXISTS);
    assert_status(sam_group_create(f->s, text(u"ADMINISTRATORS"), &rid), STATUS_ALIAS_EXISTS);
    assert_status(sam_group_create(f->s, text(u"Iis_iusrs"), &rid), STATUS_ALIAS_EXISTS);
    assert_int_equal(rid, 7); /* a failure leaves it alone */
}

static void letters_beyond_ascii(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char16_t *one, *two;
        bool same;
    } pairs[] = {
        {u"\u00e4\u00f6\u00fc", u"\u00c4\u00d6\u00dc", true}, /* Latin 1 */
        {u"\u0436\u044f", u"\u0416\u042f", true},             /* Cyrillic */
        {u"\u03b1\u03c9", u"\u0391\u03a9", true},             /* Greek */
        {u"\u0151", u"\u0150", true},                         /* Latin Extended */
        {u"stra\u00dfe", u"STRASSE", false},                  /* the mapping is one to one */
        {u"\u0131x", u"ix", false},                           /* dotless i has no other letter's key */
        {u"\u6f22", u"\u5b57", false},
        {u"e\u0301", u"\u00e9", false}, /* no normalization */
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        uint32_t rid = add_group(f->s, pairs[i].one), other;
        struct sam_account account;
        struct nt_status status = sam_group_create(f->s, text(pairs[i].two), &other);

        if (!pairs[i].same) {
            assert_done(status);
            assert_done(sam_group_delete(f->s, other));
            assert_done(sam_group_delete(f->s, rid));
            continue;
        }
        assert_status(status, STATUS_GROUP_EXISTS);
        assert_done(sam_lookup_name(f->s, SAM_ACCOUNT, text(pairs[i].two), &f->arena, &account));
        assert_int_equal(account.rid, rid);
        assert_text(account.name, pairs[i].one);
    }
}

/* Units that a text column would change: byte order marks, unpaired surrogates, non-characters. */
static void units_come_back(void **state)
{
    struct fixture *f = *state;
    static const uint16_t names[][3] = {
        {0xFEFF, 'a', 'b'},    {0xFFFE, 'a', 'c'}, {0xD800, 'a', 'd'},    {'a', 0xDC00, 'e'},
        {0xDC00, 0xD800, 'f'}, {'a', 'b', 0xFFFF}, {0xD83D, 0xDE00, 'g'}, {0x7F, 0x80, 0xA0},
    };
    struct sam_text comment = {.chars = (const uint16_t[]){0xFEFF, 0, 'x', 0, 0xD800}, .count = 5};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct sam_text name = {.chars = names[i], .count = 3};
        struct sam_account account;
        struct sam_group group;
        uint32_t rid;

        assert_done(sam_group_create(f->s, name, &rid));
        assert_done(sam_group_set_comment(f->s, rid, comment));
        assert_done(sam_lookup_name(f->s, SAM_ACCOUNT, name, &f->arena, &account));
        assert_int_equal(account.rid, rid);
        assert_true(same_text(account.name, name));
        assert_done(sam_group_get(f->s, rid, &f->arena, &group));
        assert_true(same_text(group.name, name));
        assert_true(same_text(group.comment, comment));
    }
}

static void no_such_name(void **state)
{
    struct fixture *f = *state;
    uint16_t name[300] = {'x'};
    struct sam_account account;

    for (size_t i = 0; i < 300; i++)
        name[i] = 'x';
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"nobody"), &f->arena, &account),
                  STATUS_NONE_MAPPED);
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, text(u""), &f->arena, &account), STATUS_NONE_MAPPED);
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, (struct sam_text){.chars = name, .count = 257},
                                  &f->arena, &account),
                  STATUS_NONE_MAPPED);
    /* names are looked for in one domain */
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"Users"), &f->arena, &account),
                  STATUS_NONE_MAPPED);
    assert_status(sam_lookup_name(f->s, SAM_BUILTIN, text(u"Guest"), &f->arena, &account),
                  STATUS_NONE_MAPPED);
    assert_done(sam_lookup_name(f->s, SAM_BUILTIN, text(u"uSERS"), &f->arena, &account));
    assert_int_equal(account.rid, 545);
    assert_int_equal(account.kind, SAM_ALIAS);
    assert_text(account.name, u"Users");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_database, drop_folder)
    const struct CMUnitTest tests[] = {
        TEST(forbidden_characters),      TEST(length),       TEST(periods_and_blanks),
        TEST(same_rules_for_a_new_name), TEST(taken),        TEST(letters_beyond_ascii),
        TEST(units_come_back),           TEST(no_such_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
