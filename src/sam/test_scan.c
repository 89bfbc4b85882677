/* SPDX-License-Identifier: MIT */
/* Listings: order, continuing, and what happens to them while accounts come and go. */
#include "sam/test_sam.h"

/* Names in the order of a listing, separated by blanks; `most` of them; the RID of the last in *last. */
static const char *names(struct fixture *f, uint32_t after, size_t most, uint32_t *last)
{
    static char list[4096];
    struct sam_cursor *c;
    struct sam_row row;
    size_t len = 0;
    struct nt_status status;

    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, after, &c));
    for (*last = 0; most && nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS); most--) {
        assert_int_equal(row.kind, SAM_GROUP);
        assert_true(len + row.name.count + 2 < sizeof(list));
        for (size_t i = 0; i < row.name.count; i++)
            list[len++] = (char)row.name.chars[i];
        list[len++] = ' ';
        *last = row.rid;
    }
    if (most)
        assert_status(status, STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
    list[len ? len - 1 : 0] = '\0';
    return list;
}

static void by_name(void **state)
{
    struct fixture *f = *state;
    struct sam_cursor *c;
    struct sam_row row;
    uint32_t last, beta;

    add_group(f->s, u"gamma");
    beta = add_group(f->s, u"Beta");
    add_group(f->s, u"ALPHA");
    add_group(f->s, u"alpha2");
    assert_done(sam_group_set_comment(f->s, beta, text(u"the second")));
    assert_done(sam_group_set_attributes(f->s, beta, 5));
    assert_string_equal(names(f, 0, 100, &last), "ALPHA alpha2 Beta gamma None");
    assert_string_equal(names(f, 0, 2, &last), "ALPHA alpha2");
    assert_string_equal(names(f, last, 2, &last), "Beta gamma");
    assert_string_equal(names(f, last, 2, &last), "None");
    assert_string_equal(names(f, last ? last : SAM_RID_NONE_GROUP, 2, &last), "");
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 1003, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.rid, beta);
    assert_text(row.name, u"Beta");
    assert_text(row.comment, u"the second");
    assert_int_equal(row.full_name.count, 0);
    assert_int_equal(row.attributes, 5);
    sam_cursor_close(c);
}

/* Units order as numbers, also those whose bytes would not. */
static void order_of_units(void **state)
{
    struct fixture *f = *state;
    static const uint16_t units[] = {0x0100, 0x00FF, 0x4E00, 0xD800, 0xFFFD, 0x0141, 0x30A0};
    struct sam_cursor *c;
    struct sam_row row;
    uint16_t previous = 0;
    uint32_t rid;

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        assert_done(sam_group_create(f->s, (struct sam_text){.chars = units + i, .count = 1}, &rid));
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, SAM_RID_NONE_GROUP, &c));
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        assert_done(sam_cursor_next(c, &row));
        /* 0x00FF has 0x0178 for its capital */
        assert_true((row.name.chars[0] == 0xFF ? 0x178 : row.name.chars[0]) > previous);
        previous = row.name.chars[0] == 0xFF ? 0x178 : row.name.chars[0];
    }
    assert_status(sam_cursor_next(c, &row), STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
}

static void by_rid(void **state)
{
    struct fixture *f = *state;
    struct sam_cursor *c;
    struct sam_row row;
    uint32_t a = add_group(f->s, u"z"), b = add_group(f->s, u"a");

    assert_done(sam_enumerate(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.rid, 513);
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.rid, a);
    assert_text(row.name, u"z");
    assert_int_equal(row.attributes, SAM_GROUP_ATTRIBUTES);
    assert_int_equal(row.comment.count, 0);
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.rid, b);
    assert_status(sam_cursor_next(c, &row), STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
    assert_done(sam_enumerate(f->s, SAM_ACCOUNT, SAM_GROUP, a, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.rid, b);
    sam_cursor_close(c);
    /* a RID that nobody has is as good a place to go on from */
    assert_done(sam_enumerate(f->s, SAM_ACCOUNT, SAM_GROUP, 0xFFFFFFFF, &c));
    assert_status(sam_cursor_next(c, &row), STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
}

static void other_kinds(void **state)
{
    struct fixture *f = *state;
    struct sam_cursor *c;
    struct sam_row row;
    size_t count = 0;

    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_USER, 0, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_text(row.name, u"Administrator");
    assert_int_equal(row.kind, SAM_USER);
    assert_int_equal(row.attributes, 0x211);
    assert_true(row.comment.count > 0);
    assert_done(sam_cursor_next(c, &row));
    assert_text(row.name, u"DefaultAccount");
    sam_cursor_close(c);
    assert_done(sam_enumerate(f->s, SAM_BUILTIN, SAM_ALIAS, 0, &c));
    while (nt_is(sam_cursor_next(c, &row), NT_STATUS_SUCCESS)) {
        assert_int_equal(row.kind, SAM_ALIAS);
        count++;
    }
    assert_int_equal(count, 25);
    sam_cursor_close(c);
    assert_done(sam_display(f->s, SAM_BUILTIN, SAM_GROUP, 0, &c));
    assert_status(sam_cursor_next(c, &row), STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
    assert_done(sam_enumerate(f->s, SAM_ACCOUNT, SAM_ALIAS, 0, &c));
    assert_status(sam_cursor_next(c, &row), STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
}

/* A place in the order stays known when its account is gone. */
static void deleted_places(void **state)
{
    struct fixture *f = *state;
    uint32_t a = add_group(f->s, u"a"), b = add_group(f->s, u"b"), c = add_group(f->s, u"c"), last;
    struct sam_cursor *cursor;

    assert_done(sam_group_delete(f->s, b));
    assert_string_equal(names(f, b, 10, &last), "c None");
    assert_done(sam_group_delete(f->s, a));
    assert_done(sam_group_delete(f->s, c));
    assert_string_equal(names(f, a, 10, &last), "None");
    assert_string_equal(names(f, c, 10, &last), "None");
    add_group(f->s, u"aa");
    add_group(f->s, u"d");
    assert_string_equal(names(f, a, 10, &last), "aa d None");
    assert_string_equal(names(f, c, 10, &last), "d None");
    assert_status(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 999999, &cursor), STATUS_INVALID_PARAMETER);
    assert_null(cursor);
    /* the account of another kind is no place in this order */
    assert_status(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 500, &cursor), STATUS_INVALID_PARAMETER);
}

static void places_are_forgotten(void **state)
{
    struct fixture *f = *state;
    uint32_t first = add_group(f->s, u"first"), second = add_group(f->s, u"second"), last;
    struct sam_cursor *cursor;

    assert_done(sam_group_delete(f->s, first));
    assert_done(sam_group_delete(f->s, second));
    assert_string_equal(
        query(f->path, "UPDATE tombstone SET number = number + 65535 WHERE number = 2 RETURNING 1"), "1");
    assert_string_equal(names(f, first, 10, &last), "None");
    assert_done(sam_group_delete(f->s, add_group(f->s, u"third")));
    assert_string_equal(query(f->path, "SELECT count(*) FROM tombstone"), "2");
    assert_status(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, first, &cursor), STATUS_INVALID_PARAMETER);
    assert_string_equal(names(f, second, 10, &last), "");
}

#define KEPT 200
#define PASSING 128

static unsigned pick(unsigned *random, unsigned among)
{
    *random = *random * 1103515245 + 12345;
    return (*random >> 8) % among;
}

/* Two digits and a letter. */
static uint32_t add_somewhere(struct sam *s, unsigned number, char16_t letter)
{
    char16_t name[] = {(char16_t)('0' + number / 100), (char16_t)('0' + number / 10 % 10),
                       (char16_t)('0' + number % 10), letter, 0};
    uint32_t rid = 0;

    sam_group_create(s, text(name), &rid); /* it may be there */
    return rid;
}

/* Deletes and makes accounts, the one that the listing stands at among them. */
static void stir(struct sam *s, unsigned *random, uint32_t passing[PASSING], uint32_t at, bool at_is_kept)
{
    for (unsigned n = 0; n < 6; n++) {
        uint32_t *one = &passing[pick(random, PASSING)];

        sam_group_delete(s, *one);
        *one = add_somewhere(s, pick(random, KEPT), (char16_t)('a' + pick(random, 26)));
    }
    if (!at_is_kept && at >= SAM_FIRST_RID && pick(random, 2))
        sam_group_delete(s, at);
}

/* Accounts that are there throughout are listed exactly once, whatever is made and deleted in between. */
static void stable(void **state)
{
    struct fixture *f = *state;
    bool seen[KEPT] = {false}, at_is_kept = false;
    uint32_t kept[KEPT], passing[PASSING] = {0}, after = 0;
    unsigned random = 1, listed = 0;

    assert_done(sam_begin(f->s));
    for (unsigned i = 0; i < KEPT; i++)
        kept[i] = add_somewhere(f->s, i * 71 % KEPT, '!');
    for (unsigned i = 0; i < PASSING; i++)
        passing[i] = add_somewhere(f->s, i, 'a');
    assert_done(sam_commit(f->s));
    for (bool more = true; more;) {
        struct sam_cursor *c;
        struct sam_row row;

        assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, after, &c));
        for (unsigned n = 0; n < 7; n++) {
            more = nt_is(sam_cursor_next(c, &row), NT_STATUS_SUCCESS);
            if (!more)
                break;
            after = row.rid;
            at_is_kept = false;
            for (unsigned i = 0; i < KEPT; i++)
                if (kept[i] == row.rid) {
                    assert_false(seen[i]);
                    seen[i] = at_is_kept = true;
                    listed++;
                }
        }
        sam_cursor_close(c);
        stir(f->s, &random, passing, after, at_is_kept);
    }
    assert_int_equal(listed, KEPT);
    assert_sound(f->path);
}

static void finding_a_place(void **state)
{
    struct fixture *f = *state;
    uint32_t b = add_group(f->s, u"bravo"), d = add_group(f->s, u"delta"), rid = 1;
    uint16_t huge[300];

    assert_done(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u""), &rid));
    assert_int_equal(rid, 0);
    assert_done(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u"BRAVO"), &rid));
    assert_int_equal(rid, 0);
    assert_done(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u"c"), &rid));
    assert_int_equal(rid, b);
    assert_done(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u"del"), &rid));
    assert_int_equal(rid, b);
    assert_done(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u"n"), &rid));
    assert_int_equal(rid, d);
    rid = 1;
    assert_status(sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, text(u"nz"), &rid), STATUS_NO_MORE_ENTRIES);
    assert_status(sam_display_find(f->s, SAM_BUILTIN, SAM_GROUP, text(u""), &rid), STATUS_NO_MORE_ENTRIES);
    for (size_t i = 0; i < 300; i++)
        huge[i] = 'a';
    assert_done(
        sam_display_find(f->s, SAM_ACCOUNT, SAM_GROUP, (struct sam_text){.chars = huge, .count = 300}, &rid));
    assert_int_equal(rid, 0);
}

static void one_cursor(void **state)
{
    struct fixture *f = *state;
    struct sam_cursor *c, *other;
    struct sam_row row;
    uint32_t rid;

    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c));
    assert_status(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &other), STATUS_INVALID_DOMAIN_STATE);
    assert_status(sam_enumerate(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &other), STATUS_INVALID_DOMAIN_STATE);
    assert_status(sam_group_create(f->s, text(u"x"), &rid), STATUS_INVALID_DOMAIN_STATE);
    assert_status(sam_begin(f->s), STATUS_INVALID_DOMAIN_STATE);
    assert_done(sam_cursor_next(c, &row));
    sam_cursor_close(c);
    add_group(f->s, u"x");
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c)); /* closed with the handle */
}

/* A listing shows one moment, also when another connection changes the database meanwhile. */
static void one_moment(void **state)
{
    struct fixture *f = *state;
    struct sam *other;
    struct sam_cursor *c;
    struct sam_row row;
    uint32_t rid;

    add_group(f->s, u"a");
    assert_done(sam_open(&other, f->path, false));
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_done(sam_group_create(other, text(u"b"), &rid));
    assert_done(sam_cursor_next(c, &row));
    assert_text(row.name, u"None");
    sam_cursor_close(c);
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, row.rid, &c));
    sam_cursor_close(c);
    sam_close(other);
}

/* No query of ours reads a table from end to end or sorts. */
static void long_texts(void **state)
{
    struct fixture *f = *state;
    static uint16_t units[32767];
    uint32_t rid = add_group(f->s, u"a"), last;
    struct sam_cursor *c;
    struct sam_row row;

    for (size_t i = 0; i < 32767; i++)
        units[i] = (uint16_t)(i * 31);
    assert_done(sam_group_set_comment(f->s, rid, (struct sam_text){.chars = units, .count = 32767}));
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c));
    assert_done(sam_cursor_next(c, &row));
    assert_int_equal(row.comment.count, 32767);
    assert_memory_equal(row.comment.chars, units, sizeof(units));
    sam_cursor_close(c);
    assert_string_equal(names(f, 0, 10, &last), "a None");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_database, drop_folder)
    const struct CMUnitTest tests[] = {
        TEST(by_name),        TEST(order_of_units),       TEST(by_rid),     TEST(other_kinds),
        TEST(deleted_places), TEST(places_are_forgotten), TEST(stable),     TEST(finding_a_place),
        TEST(one_cursor),     TEST(one_moment),           TEST(long_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
