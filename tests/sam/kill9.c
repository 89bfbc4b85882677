/* SPDX-License-Identifier: MIT */
/*
 * A writer is killed at a random moment, again and again. After each time everything that it acknowledged is
 * there, nothing is there by halves, and the database is sound. Every tenth time it is killed while it makes
 * the database.
 */
#include "sam/test_sam.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 200
#define MOST_ADDS 1000     /* in a round */
#define LONGEST 25000      /* us that a writer lives after its first answer */
#define LONGEST_MAKE 6000u /* us that a maker lives */

/* One add as NetGroupAdd does it: the group and its comment in one transaction. Even ones get a member, too.
 */
static bool add(struct sam *s, unsigned round, unsigned number)
{
    char16_t name[] = {u'r', (char16_t)(0x3400 + round), (char16_t)(0x4000 + number), 0};
    uint32_t rid;

    return nt_success(sam_begin(s)) && nt_success(sam_group_create(s, text(name), &rid)) &&
           nt_success(sam_group_set_comment(s, rid, text(u"whole"))) &&
           (number % 2 || nt_success(sam_group_add_member(s, rid, 500, 7))) && nt_success(sam_commit(s));
}

static _Noreturn void write_until_killed(const char *path, unsigned round, int answers)
{
    struct sam *s;

    if (!nt_success(sam_open(&s, path, true)))
        _exit(1);
    for (unsigned number = 0; number < MOST_ADDS; number++) {
        if (!add(s, round, number) || write(answers, "+", 1) != 1)
            _exit(2);
    }
    pause();
    _exit(3);
}

static unsigned random_below(unsigned limit)
{
    static uint32_t state = 2463534242u;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

static void wait_us(unsigned us)
{
    struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

    nanosleep(&t, NULL);
}

/* How many adds the writer acknowledged before it was killed. */
static unsigned kill_a_writer(const char *path, unsigned round, bool making)
{
    unsigned acknowledged = 0;
    char buffer[256];
    int answers[2], status;
    ssize_t n;
    pid_t writer;

    assert_int_equal(pipe(answers), 0);
    writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        close(answers[0]);
        write_until_killed(path, round, answers[1]);
    }
    close(answers[1]);
    if (!making) {
        n = read(answers[0], buffer, 1);
        assert_int_equal(n, 1); /* else it failed */
        acknowledged = 1;
    }
    wait_us(random_below(making ? LONGEST_MAKE : LONGEST));
    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_true(WIFSIGNALED(status)); /* it did not end by itself, for it failed */
    while ((n = read(answers[0], buffer, sizeof(buffer))) > 0)
        acknowledged += (unsigned)n;
    close(answers[0]);
    return acknowledged;
}

/* Of each round the first `acknowledged` adds are there, perhaps one more, and each is whole. */
static void check(struct fixture *f, const unsigned acknowledged[ROUNDS])
{
    static unsigned found[ROUNDS];
    struct sam_cursor *c;
    struct sam_row row;
    struct nt_status status;

    memset(found, 0, sizeof(found));
    assert_done(sam_open(&f->s, f->path, true));
    assert_done(sam_enumerate(f->s, SAM_ACCOUNT, SAM_GROUP, SAM_RID_NONE_GROUP, &c));
    while (nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS)) {
        unsigned round = row.name.chars[1] - 0x3400u, number = row.name.chars[2] - 0x4000u;

        assert_true(row.name.count == 3 && round < ROUNDS);
        assert_int_equal(number, found[round]); /* in the order in which they were made */
        found[round]++;
    }
    assert_status(status, STATUS_NO_MORE_ENTRIES);
    sam_cursor_close(c);
    assert_done(sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, SAM_RID_NONE_GROUP, &c));
    while (nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS))
        assert_text(row.comment, u"whole");
    sam_cursor_close(c);
    for (unsigned round = 0; round < ROUNDS; round++)
        assert_in_range(found[round], acknowledged[round], acknowledged[round] + 1);
    sam_close(f->s);
    f->s = NULL;
    assert_sound(f->path);
    assert_string_equal(query(f->path,
                              "SELECT count(*) FROM account WHERE class = 2 AND id & 0xffffffff >= 1000 "
                              "AND members <> 1 - (unicode(substr(CAST(name AS TEXT), 3)) & 1)"),
                        "0");
}

static void remove_database(struct fixture *f)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[128];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        unlink(path);
    }
}

static void acknowledged_is_there(void **state)
{
    struct fixture *f = *state;
    static unsigned acknowledged[ROUNDS];
    unsigned total = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        bool making = round % 10 == 0;

        if (making) {
            memset(acknowledged, 0, sizeof(acknowledged));
            remove_database(f);
        }
        acknowledged[round] = kill_a_writer(f->path, round, making);
        total += acknowledged[round];
        check(f, acknowledged);
    }
    print_message("%u adds acknowledged in %u rounds\n", total, ROUNDS);
    assert_true(total > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(acknowledged_is_there, make_folder, drop_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
