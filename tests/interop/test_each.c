/* SPDX-License-Identifier: MIT */
/*
 * Many objects at once on real Samba, with the users many0000 to many0199 of its own: looking at each of
 * them, and making all of them members of a group. Argument: "files" or "dc". Over named pipes it must take
 * several pipes of one SMB session.
 *
 * Samba takes requests on a pipe while others are under way. With "single" as the second argument that is not
 * seen (linked with --wrap=channel_multiplexes): so are servers that do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "each_server.h"
#include "netapi/samr_call.h"

#define SUCCESS 0

bool __real_channel_multiplexes(const struct channel *c);
bool __wrap_channel_multiplexes(const struct channel *c);

static bool single;

bool __wrap_channel_multiplexes(const struct channel *c)
{
    return !single && __real_channel_multiplexes(c);
}

/* ---- Looking at users ---- */

struct users {
    uint32_t rids[EACH_USERS];
    size_t handed, lanes;
    uint32_t refused; /* RID that is asked for instead of that of the user in the middle; 0: none */
};

struct look {
    struct SamrOpenUser_params open;
    struct SamrQueryInformationUser2_params query;
    struct SamrGetGroupsForUser_params groups;
};

static struct nt_status step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct users *u = context;
    struct look *l = object;
    struct nt_status s = NT(STATUS_SUCCESS);

    if (stage == 0) {
        l->open = (struct SamrOpenUser_params){.DesiredAccess = 0x2011b, .UserId = u->rids[i]};
        if (u->refused && i == EACH_USERS / 2)
            l->open.UserId = u->refused;
        s = accounts_domain(c, DOMAIN_FOR_NAMES, &l->open.DomainHandle);
        SAMR_BEGIN(c, SamrOpenUser, &l->open);
    } else if (stage == 1) {
        l->query = (struct SamrQueryInformationUser2_params){.UserHandle = l->open.UserHandle,
                                                             .UserInformationClass = UserAllInformation};
        l->groups = (struct SamrGetGroupsForUser_params){.UserHandle = l->open.UserHandle};
        s = NT_STATUS((uint32_t)l->open.Return);
        SAMR_BEGIN(c, SamrQueryInformationUser2, &l->query);
        SAMR_BEGIN(c, SamrGetGroupsForUser, &l->groups);
    }
    return s;
}

static void end(struct call *c, void *object, size_t i, void *context)
{
    const struct look *l = object;

    (void)i, (void)context;
    if (nt_success(NT_STATUS((uint32_t)l->open.Return)))
        group_close(c, &l->open.UserHandle); /* it is the same procedure */
}

static bool done(struct call *c, void *object, size_t i, void *context)
{
    struct users *u = context;
    const struct look *l = object;

    (void)c;
    assert_int_equal(i, u->handed++);
    assert_int_equal(l->query.Return, 0);
    assert_non_null(l->query.Buffer);
    assert_int_equal(l->query.Buffer->All.UserId, u->rids[i]);
    assert_int_equal(l->groups.Return, 0);
    assert_non_null(l->groups.Groups);
    assert_true(l->groups.Groups->MembershipCount > 0);
    return true;
}

static size_t count_lanes(const struct binding *b)
{
    size_t count = 0;

    for (const struct binding *lane = b->lanes; lane; lane = lane->next)
        count += !channel_is_dead(lane->channel);
    return count;
}

static struct net_status find(struct call *c, struct users *u)
{
    static uint16_t text[EACH_USERS][9];
    static struct text names[EACH_USERS];
    static uint32_t kinds[EACH_USERS];
    struct nt_status s;

    for (unsigned i = 0; i < EACH_USERS; i++)
        names[i] = (struct text){each_user_name(i, text[i]), 8};
    s = accounts_find(c, names, EACH_USERS, u->rids, kinds);
    for (unsigned i = 0; nt_success(s) && i < EACH_USERS; i++)
        assert_int_equal(kinds[i], ACCOUNT_USER);
    return call_status(c, s);
}

static struct net_status look_at_users(struct call *c, void *arguments)
{
    static const struct each each = {
        .object_len = sizeof(struct look), .step = step, .end = end, .done = done};
    struct users *u = arguments;
    struct net_status status = find(c, u);

    u->handed = 0;
    if (!status.v)
        status = call_status(c, each_run(c, &each, EACH_USERS, u));
    u->lanes = count_lanes(c->binding);
    return status;
}

static struct net_status look_at_lanes(struct call *c, void *arguments)
{
    *(size_t *)arguments = count_lanes(c->binding);
    return NET_STATUS(SUCCESS);
}

static void test_look(void **state)
{
    static struct users u;

    (void)state;
    for (int transport = 0; transport < each_transports(); transport++) {
        each_take(transport);
        u = (struct users){0};
        for (int tries = 0; tries < 5 && !u.lanes; tries++) { /* a server may be slow to open them */
            assert_int_equal(call_run(each_server(), look_at_users, &u).v, SUCCESS);
            assert_int_equal(u.handed, EACH_USERS);
        }
        print_message("  %s: %zu further pipes\n", each_transport_name(transport), u.lanes);
        if (each_is_pipe(transport))
            assert_in_range(u.lanes, 1, EACH_LANES - 1);
        else
            assert_int_equal(u.lanes, 0);
        /* all of them on one connection, and it is kept with them */
        assert_int_equal(each_connections(), 1);
        assert_int_equal(call_run(each_server(), look_at_users, &u).v, SUCCESS);
        assert_int_equal(each_connections(), 1);
        /* one of them cannot be looked at: then none is, and all goes on */
        u.refused = 999999;
        assert_int_not_equal(call_run(each_server(), look_at_users, &u).v, SUCCESS);
        assert_int_equal(u.handed, 0);
        u.refused = 0;
        assert_int_equal(call_run(each_server(), look_at_users, &u).v, SUCCESS);
        assert_int_equal(u.handed, EACH_USERS);
        assert_int_equal(each_connections(), 1);
    }
}

/* ---- Members ---- */

static void test_members(void **state)
{
    (void)state;
    for (int transport = 0; transport < each_transports(); transport++) {
        size_t lanes;

        each_take(transport);
        each_set_members();
        assert_int_equal(each_connections(), 1);
        assert_int_equal(call_run(each_server(), look_at_lanes, &lanes).v, SUCCESS);
        print_message("  %s: %zu further pipes\n", each_transport_name(transport), lanes);
        if (single && each_is_pipe(transport))
            assert_in_range(lanes, 1, EACH_LANES - 1);
        else
            assert_int_equal(lanes, 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_look),
    };

    single = argc > 2 && strcmp(argv[2], "single") == 0;
    each_begin(argc > 1 && strcmp(argv[1], "dc") == 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
