/* SPDX-License-Identifier: MIT */
/* Calls of several clients in one commit: what is held, what is told when the commit fails. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "server/test_client.h"

struct pair {
    struct test_server server;
    struct test_client a, b;
    SAMPR_HANDLE a_domain, b_domain;
};

static int up(void **state)
{
    struct pair *p = calloc(1, sizeof(*p));

    test_server_open(&p->server, true);
    test_connect(&p->a, &p->server);
    test_connect(&p->b, &p->server);
    p->a_domain = test_open_domain(&p->a, 0, MAXIMUM);
    p->b_domain = test_open_domain(&p->b, 0, MAXIMUM);
    *state = p;
    return 0;
}

static int down(void **state)
{
    struct pair *p = *state;

    test_disconnect(&p->a);
    test_disconnect(&p->b);
    test_server_close(&p->server);
    free(p);
    return 0;
}

static size_t output_len(struct test_client *c)
{
    size_t len;

    association_output(c->association, &len);
    return len;
}

#define BEGIN(client, procedure, params, call) \
    assert_int_equal(channel_begin((client)->channel, procedure##_opnum, params, call, 0).v, 0)
#define FINISH(client, call, params)                                                              \
    (assert_int_equal(channel_finish((client)->channel, call, params, &(client)->arena, 0).v, 0), \
     (uint32_t)(params)->Return)

static struct SamrCreateGroupInDomain_params creation(struct test_client *c, SAMPR_HANDLE domain,
                                                      const char *name)
{
    return (struct SamrCreateGroupInDomain_params){
        .DomainHandle = domain, .Name = test_string(c, name), .DesiredAccess = MAXIMUM};
}

static void answers_wait_for_the_commit(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one"),
                                          b = creation(&p->b, p->b_domain, "two");
    RPC_UNICODE_STRING name = test_string(&p->b, "one");
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->b_domain, .Count = 1, .Names = &name};
    uint32_t first, second, third;

    assert_false(server_needs_commit(p->server.server));
    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->b, SamrCreateGroupInDomain, &b, &second);
    BEGIN(&p->b, SamrLookupNamesInDomain, &l, &third); /* sees what is not durable yet */
    assert_true(server_needs_commit(p->server.server));
    assert_int_equal(output_len(&p->a), 0);
    assert_int_equal(output_len(&p->b), 0);
    p->server.hold = false;
    assert_int_equal(server_commit(p->server.server).v, 0);
    assert_false(server_needs_commit(p->server.server));
    assert_true(output_len(&p->a) > 0);
    assert_status(FINISH(&p->a, first, &a), STATUS_SUCCESS);
    assert_status(FINISH(&p->b, third, &l), STATUS_SUCCESS);
    assert_int_equal(l.RelativeIds.Element[0], a.RelativeId);
    assert_status(FINISH(&p->b, second, &b), STATUS_SUCCESS);
    assert_int_equal(b.RelativeId, a.RelativeId + 1);
    assert_status(test_close(&p->b, &b.GroupHandle), STATUS_SUCCESS);
}

/* Of a server that has one client: it needs no loop around it. */
static void what_was_sent_together_is_committed_together(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one"),
                                          b = creation(&p->a, p->a_domain, "two"),
                                          c = creation(&p->a, p->a_domain, "three");
    uint32_t first, second, third;

    p->server.server->patient = true;
    p->server.hold = true;
    assert_int_equal(channel_queue(p->a.channel, SamrCreateGroupInDomain_opnum, &a, &first).v, 0);
    assert_false(server_needs_commit(p->server.server)); /* it has not been sent */
    BEGIN(&p->a, SamrCreateGroupInDomain, &b, &second);
    assert_true(server_needs_commit(p->server.server));
    assert_int_equal(output_len(&p->a), 0);
    p->server.hold = false;
    assert_status(FINISH(&p->a, second, &b), STATUS_SUCCESS);
    assert_status(FINISH(&p->a, first, &a), STATUS_SUCCESS);
    assert_int_equal(b.RelativeId, a.RelativeId + 1);

    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &c, &third); /* a lone one has nothing to wait for */
    assert_false(server_needs_commit(p->server.server));
    assert_true(output_len(&p->a) > 0);
    assert_status(FINISH(&p->a, third, &c), STATUS_SUCCESS);
}

static void what_needs_no_database_does_not_wait(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one");
    struct SamrConnect5_params c = {.DesiredAccess = MAXIMUM, .InVersion = 1};
    uint32_t first, second;

    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->b, SamrConnect5, &c, &second);
    assert_true(output_len(&p->b) > 0);
    assert_status(FINISH(&p->b, second, &c), STATUS_SUCCESS);
    p->server.hold = false;
    assert_status(FINISH(&p->a, first, &a), STATUS_SUCCESS);
}

static void errors_of_a_batch_stay_with_their_calls(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one"),
                                          b = creation(&p->b, p->b_domain, "ONE");
    uint32_t first, second;

    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->b, SamrCreateGroupInDomain, &b, &second);
    p->server.hold = false;
    assert_status(FINISH(&p->a, first, &a), STATUS_SUCCESS);
    assert_status(FINISH(&p->b, second, &b), STATUS_GROUP_EXISTS);
}

static void a_client_may_leave_before_the_commit(void **state)
{
    struct pair *p = *state;
    struct test_client c;
    struct SamrCreateGroupInDomain_params g;
    RPC_UNICODE_STRING name = test_string(&p->a, "left behind");
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->a_domain, .Count = 1, .Names = &name};
    uint32_t call;

    test_connect(&c, &p->server);
    g = creation(&c, test_open_domain(&c, 0, MAXIMUM), "left behind");
    p->server.hold = true;
    BEGIN(&c, SamrCreateGroupInDomain, &g, &call);
    test_disconnect(&c);
    assert_true(server_needs_commit(p->server.server));
    p->server.hold = false;
    assert_status(CALL(&p->a, SamrLookupNamesInDomain, &l), STATUS_SUCCESS);
}

/* Let the next commits fail: no file may grow. */
static void forbid_growth(bool forbid)
{
    static struct rlimit before;
    struct rlimit none;

    signal(SIGXFSZ, SIG_IGN);
    if (!forbid) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        return;
    }
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 1;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
}

static void a_failed_commit_is_told_to_all(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params gone = test_create(&p->a, p->a_domain, "stays"),
                                          a = creation(&p->a, p->a_domain, "one");
    struct SamrDeleteGroup_params d = {.GroupHandle = gone.GroupHandle};
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->b_domain, .Count = 1};
    struct SamrQueryInformationGroup_params q = {.GroupHandle = gone.GroupHandle, .GroupInformationClass = 1};
    RPC_UNICODE_STRING name = test_string(&p->b, "one");
    size_t handles = p->a.association->group->contexts.count;
    uint32_t first, second, third, status;

    static const struct ndr_context_handle null;

    l.Names = &name;
    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->a, SamrDeleteGroup, &d, &second);
    BEGIN(&p->b, SamrLookupNamesInDomain, &l, &third);
    forbid_growth(true);
    status = server_commit(p->server.server).v;
    forbid_growth(false);
    p->server.hold = false;
    assert_false(nt_success(NT_STATUS(status)));
    assert_int_equal(FINISH(&p->a, first, &a), status);
    assert_memory_equal(&a.GroupHandle, &null, sizeof(null));
    assert_int_equal(a.RelativeId, 0);
    assert_int_equal(FINISH(&p->a, second, &d), status);
    assert_memory_equal(&d.GroupHandle, &gone.GroupHandle, sizeof(null)); /* still open, as it says */
    assert_int_equal(FINISH(&p->b, third, &l), status);
    assert_int_equal(p->a.association->group->contexts.count, handles);

    assert_status(CALL(&p->b, SamrLookupNamesInDomain, &l), STATUS_NONE_MAPPED);
    assert_status(CALL(&p->a, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    a = test_create(&p->a, p->a_domain, "one");
    assert_status(a.Return, STATUS_SUCCESS);
}

/* Much output makes a commit due within a turn: who makes the last one, and tells the log, learns of it. */
static void a_failed_commit_within_a_turn_is_reported(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one");
    struct server *s = p->server.server;
    uint32_t call, status;

    p->server.hold = true;
    s->held_len += SERVER_HELD_LEN;
    forbid_growth(true);
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &call);
    forbid_growth(false);
    s->held_len -= SERVER_HELD_LEN;
    assert_true(output_len(&p->a) > 0); /* it is over already */
    assert_true(server_needs_commit(s));
    status = server_commit(s).v;
    assert_false(nt_success(NT_STATUS(status)));
    assert_false(server_needs_commit(s));
    assert_status(server_commit(s).v, STATUS_SUCCESS);
    p->server.hold = false;
    assert_int_equal(FINISH(&p->a, call, &a), status);
}

static sqlite3 *lock_database(struct test_server *t)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(t->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void unlock_database(sqlite3 *db)
{
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Another process is changing the database: changes are put off, and what comes behind them; others read. */
static void changes_are_put_off(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one"),
                                          b = creation(&p->b, p->b_domain, "two");
    RPC_UNICODE_STRING name = test_string(&p->a, "one");
    struct SamrLookupNamesInDomain_params behind = {.DomainHandle = p->a_domain, .Count = 1, .Names = &name},
                                          other = {.DomainHandle = p->b_domain, .Count = 1, .Names = &name};
    sqlite3 *db = lock_database(&p->server);
    uint32_t first, second, third;

    p->server.hold = true;
    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->a, SamrLookupNamesInDomain, &behind, &second);
    assert_true(server_waits(p->server.server));
    assert_true(association_waits(p->a.association) && association_full(p->a.association));
    assert_status(CALL(&p->b, SamrLookupNamesInDomain, &other), STATUS_NONE_MAPPED);
    BEGIN(&p->b, SamrCreateGroupInDomain, &b, &third);
    server_resume(p->server.server, false);
    assert_true(association_waits(p->a.association) && association_waits(p->b.association));
    assert_int_equal(output_len(&p->a), 0);
    unlock_database(db);
    server_resume(p->server.server, false);
    assert_false(server_waits(p->server.server));
    assert_true(server_needs_commit(p->server.server));
    p->server.hold = false;
    assert_status(FINISH(&p->a, first, &a), STATUS_SUCCESS);
    assert_status(FINISH(&p->a, second, &behind), STATUS_SUCCESS);
    assert_status(FINISH(&p->b, third, &b), STATUS_SUCCESS);
    assert_int_equal(b.RelativeId, a.RelativeId + 1); /* in the order in which they came */
}

static void changes_are_not_put_off_for_ever(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "one"),
                                          again = creation(&p->a, p->a_domain, "two"),
                                          b = creation(&p->b, p->b_domain, "three");
    sqlite3 *db = lock_database(&p->server);
    uint32_t first, second, third;

    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->a, SamrCreateGroupInDomain, &again, &second);
    BEGIN(&p->b, SamrCreateGroupInDomain, &b, &third);
    p->a.association->waits_since -= SERVER_WAIT + 1;
    server_resume(p->server.server, false);
    assert_status(FINISH(&p->a, first, &a), STATUS_FILE_LOCK_CONFLICT);
    assert_true(association_waits(p->a.association) && association_waits(p->b.association));
    server_resume(p->server.server, true);
    assert_status(FINISH(&p->b, third, &b), STATUS_FILE_LOCK_CONFLICT);
    server_resume(p->server.server, true);
    assert_status(FINISH(&p->a, second, &again), STATUS_FILE_LOCK_CONFLICT);
    assert_false(server_waits(p->server.server));
    unlock_database(db);
    assert_status(test_create(&p->a, p->a_domain, "four").Return, STATUS_SUCCESS);
}

/* What is put off for a client that leaves is not done, and the place in the queue is given up. */
static void a_client_may_leave_while_it_waits(void **state)
{
    struct pair *p = *state;
    struct test_client c;
    struct SamrCreateGroupInDomain_params g;
    RPC_UNICODE_STRING name = test_string(&p->a, "left behind");
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->a_domain, .Count = 1, .Names = &name};
    struct server_config config = {.database = p->server.path, .deadline = 1};
    struct server *other;
    sqlite3 *db;
    uint32_t call;

    test_connect(&c, &p->server);
    g = creation(&c, test_open_domain(&c, 0, MAXIMUM), "left behind");
    db = lock_database(&p->server);
    BEGIN(&c, SamrCreateGroupInDomain, &g, &call);
    assert_true(server_waits(p->server.server));
    test_disconnect(&c);
    assert_false(server_waits(p->server.server));
    unlock_database(db);
    assert_int_equal(server_open(&other, &config).v, 0);
    assert_int_equal(sam_begin(other->sam).v, 0);
    server_close(other);
    assert_status(CALL(&p->a, SamrLookupNamesInDomain, &l), STATUS_NONE_MAPPED);
}

#define CO_CANCEL 18
#define ORPHANED 19

/* A PDU that is a header only. */
static void send_bare(struct test_client *c, uint8_t type, uint32_t call)
{
    const uint8_t pdu[16] = {5, 0, type, 3, 0x10, [8] = 16, [12] = (uint8_t)call, (uint8_t)(call >> 8)};

    assert_int_equal(association_input(c->association, pdu, sizeof(pdu)), 0);
}

/* What the client does not want any more while it is put off is not done, and answered at once. */
static void what_is_put_off_may_be_cancelled(void **state)
{
    struct pair *p = *state;
    struct SamrCreateGroupInDomain_params a = creation(&p->a, p->a_domain, "cancelled"),
                                          b = creation(&p->b, p->b_domain, "orphaned");
    RPC_UNICODE_STRING names[] = {test_string(&p->a, "cancelled"), test_string(&p->a, "orphaned")};
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->a_domain, .Count = 2, .Names = names};
    sqlite3 *db = lock_database(&p->server);
    uint32_t first, second;

    BEGIN(&p->a, SamrCreateGroupInDomain, &a, &first);
    BEGIN(&p->b, SamrCreateGroupInDomain, &b, &second);
    assert_true(association_waits(p->a.association) && association_waits(p->b.association));
    send_bare(&p->a, CO_CANCEL, first);
    send_bare(&p->b, ORPHANED, second);
    assert_false(server_waits(p->server.server)); /* although the database is still locked */
    assert_int_equal(channel_finish(p->a.channel, first, &a, &p->a.arena, 0).v,
                     1818); /* RPC_S_CALL_CANCELLED */
    assert_int_equal(output_len(&p->b), 0);
    unlock_database(db);
    assert_status(CALL(&p->a, SamrLookupNamesInDomain, &l), STATUS_NONE_MAPPED);
    assert_status(test_create(&p->b, p->b_domain, "goes on").Return, STATUS_SUCCESS);
}

/* Of a client that shares its handles with another connection of its own: the one that it will never know is
 * closed, the others stay. */
static void one_of_two_connections_may_leave(void **state)
{
    struct pair *p = *state;
    struct association_group *g = p->a.association->group;
    size_t handles = g->contexts.count;
    struct SamrCreateGroupInDomain_params b = creation(&p->b, p->a_domain, "left behind");
    RPC_UNICODE_STRING name = test_string(&p->a, "left behind");
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = p->a_domain, .Count = 1, .Names = &name};
    struct test_client c;
    uint32_t call;

    test_connect_joining(&c, &p->server, &p->a);
    assert_ptr_equal(c.association->group, g);
    p->server.hold = true;
    BEGIN(&c, SamrCreateGroupInDomain, &b, &call);
    assert_int_equal(g->contexts.count, handles + 1);
    test_disconnect(&c);
    assert_int_equal(g->contexts.count, handles);
    p->server.hold = false;
    assert_status(CALL(&p->a, SamrLookupNamesInDomain, &l), STATUS_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_wait_for_the_commit, up, down),
        cmocka_unit_test_setup_teardown(what_was_sent_together_is_committed_together, up, down),
        cmocka_unit_test_setup_teardown(what_needs_no_database_does_not_wait, up, down),
        cmocka_unit_test_setup_teardown(errors_of_a_batch_stay_with_their_calls, up, down),
        cmocka_unit_test_setup_teardown(a_client_may_leave_before_the_commit, up, down),
        cmocka_unit_test_setup_teardown(a_failed_commit_is_told_to_all, up, down),
        cmocka_unit_test_setup_teardown(a_failed_commit_within_a_turn_is_reported, up, down),
        cmocka_unit_test_setup_teardown(changes_are_put_off, up, down),
        cmocka_unit_test_setup_teardown(changes_are_not_put_off_for_ever, up, down),
        cmocka_unit_test_setup_teardown(a_client_may_leave_while_it_waits, up, down),
        cmocka_unit_test_setup_teardown(what_is_put_off_may_be_cancelled, up, down),
        cmocka_unit_test_setup_teardown(one_of_two_connections_may_leave, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
