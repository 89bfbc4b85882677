/* SPDX-License-Identifier: MIT */
/* Connections that share context handles, and those that must not. */
#include "server/test_client.h"

#define PASSWORD u"Passw0rd.1"

/* How a client comes. */
struct way {
    enum association_kind kind;
    uint32_t uid;            /* of a local one; 0: an administrator */
    const char *user, *port; /* of a remote one */
    bool bare;               /* its last token comes with its first call only */
    uint32_t group;          /* 0: a new one */
};

static const struct way root = {.kind = ASSOCIATION_LOCAL},
                        somebody = {.kind = ASSOCIATION_LOCAL, .uid = 1000},
                        administrator = {ASSOCIATION_REMOTE, .user = "Administrator", .port = "49152"},
                        guest = {ASSOCIATION_REMOTE, .user = "Guest", .port = "49152"};

static struct way joining(struct way way, const struct test_client *c)
{
    way.group = channel_assoc_group(c->channel);
    return way;
}

static int start(struct test_client *c, const struct way *way)
{
    struct caller caller = {.uid = way->uid, .administrator = !way->uid};

    switch (way->kind) {
    case ASSOCIATION_LOCAL:
        return association_new(&c->association, c->server->server, &caller);
    case ASSOCIATION_REMOTE:
        return association_new_remote(&c->association, c->server->server, way->port);
    default:
        return association_new_mapper(&c->association, c->server->server, 49152);
    }
}

/* Of the bind. */
static uint32_t try_open(struct test_client *c, struct test_server *t, struct way way)
{
    static const struct transport_peer_ops ops = {test_input, test_output, test_sent, test_gone};
    struct auth_client_config auth = {
        .options = {.type = way.bare ? AUTH_TYPE_NTLM : AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY},
        .mechanisms = AUTH_NTLM,
        .target = ""};
    struct channel_options options = {.assoc_group = way.group, .auth = way.user ? &auth : NULL};
    struct transport *transport;
    struct net_status status;

    *c = (struct test_client){.server = t};
    arena_init(&c->arena, (size_t)256 << 20);
    assert_int_equal(start(c, &way), 0);
    assert_int_equal(transport_inproc_open(&transport, &ops, c), 0);
    if (way.user) {
        assert_int_equal(auth_credentials_new(&auth.credentials), 0);
        assert_int_equal(auth_credentials_set_name_utf8(auth.credentials, way.user, "ANY"), 0);
        assert_int_equal(auth_credentials_set_password(auth.credentials, PASSWORD), 0);
    }
    status = channel_open(&c->channel, transport, &samr_interface, &options, 0);
    auth_credentials_unref(auth.credentials);
    return status.v;
}

static void open_as(struct test_client *c, struct test_server *t, struct way way)
{
    assert_int_equal(try_open(c, t, way), 0);
}

/* Of the first call with `handle`: 0, or a fault's status; the connection is closed. */
static uint32_t use(struct test_server *t, struct way way, SAMPR_HANDLE handle)
{
    struct SamrEnumerateDomainsInSamServer_params p = {.ServerHandle = handle, .PreferedMaximumLength = 999};
    struct test_client c;
    uint32_t status;

    open_as(&c, t, way);
    status = FAULT_OF(&c, SamrEnumerateDomainsInSamServer, &p);
    assert_true(status || p.CountReturned == 2);
    test_disconnect(&c);
    return status;
}

static void refuses(struct test_server *t, struct way way)
{
    struct test_client c;

    assert_int_not_equal(try_open(&c, t, way), 0);
    arena_deinit(&c.arena);
}

static const uint32_t mismatch = 6 /* ERROR_INVALID_HANDLE */, denied = 5;

static void set_password(struct test_server *t, uint32_t rid)
{
    uint8_t hash[SAM_NT_HASH_LEN];

    auth_nt_hash(PASSWORD, utf16_len(PASSWORD), hash);
    assert_int_equal(sam_user_set_password(t->server->sam, rid, hash).v, 0);
    assert_int_equal(sam_user_set_control(t->server->sam, rid, SAM_USER_NORMAL).v, 0);
}

static int up(void **state)
{
    struct test_server *t = calloc(1, sizeof(*t));
    static const struct server_remote remote = {.min_level = AUTH_LEVEL_PRIVACY, .everyone = true};

    test_server_open(t, false);
    assert_int_equal(server_accept_remote(t->server, &remote, NULL).v, 0);
    set_password(t, SAM_RID_ADMINISTRATOR);
    set_password(t, SAM_RID_GUEST);
    *state = t;
    return 0;
}

static int down(void **state)
{
    struct test_server *t = *state;

    assert_null(t->server->groups);
    test_server_close(t);
    free(t);
    return 0;
}

static void handles_are_shared(void **state)
{
    static const struct way *const ways[] = {&root, &somebody, &administrator, &guest};
    struct test_server *t = *state;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct test_client a, b, other;
        SAMPR_HANDLE handle, second;

        open_as(&a, t, *ways[i]);
        handle = test_open_server(&a, MAXIMUM);
        open_as(&b, t, joining(*ways[i], &a));
        assert_int_equal(channel_assoc_group(b.channel), channel_assoc_group(a.channel));
        test_domain_sid(&b, handle, 0);
        second = test_open_server(&b, MAXIMUM);
        test_domain_sid(&a, second, 0);
        open_as(&other, t, *ways[i]); /* one that does not ask for it has its own */
        assert_int_not_equal(channel_assoc_group(other.channel), channel_assoc_group(a.channel));
        test_disconnect(&other);
        assert_int_equal(use(t, *ways[i], handle), mismatch);
        test_disconnect(&a); /* the handles stay as long as one connection does */
        test_domain_sid(&b, handle, 0);
        assert_status(test_close(&b, &handle), STATUS_SUCCESS);
        assert_int_equal(use(t, joining(*ways[i], &b), second), 0);
        test_disconnect(&b);
    }
}

static void others_do_not_join(void **state)
{
    struct test_server *t = *state;
    struct test_client a, b;
    struct way elsewhere = administrator, mapper = {ASSOCIATION_MAPPER}, way;
    SAMPR_HANDLE handle;

    open_as(&a, t, root);
    handle = test_open_server(&a, MAXIMUM);
    refuses(t, joining(somebody, &a));
    refuses(t, joining(administrator, &a)); /* another transport */
    refuses(t, joining(mapper, &a));
    way = joining(root, &a);
    way.group += 77;
    refuses(t, way); /* there is none of this number */
    open_as(&b, t, administrator);
    refuses(t, joining(root, &b));
    elsewhere.port = "49153";
    refuses(t, joining(elsewhere, &b));
    test_disconnect(&b);
    test_domain_sid(&a, handle, 0);
    test_disconnect(&a);
    refuses(t, way); /* nobody is left in it */
}

/* Who a remote client is shows after its bind: then the first call is the last. */
static void another_user_is_refused_when_known(void **state)
{
    struct test_server *t = *state;
    struct test_client a, b;
    SAMPR_HANDLE handle;

    open_as(&a, t, administrator);
    handle = test_open_server(&a, MAXIMUM);
    assert_int_equal(use(t, joining(guest, &a), handle), denied);
    open_as(&b, t, joining(guest, &a));
    assert_int_equal(FAULT_OF(&b, SamrCloseHandle, &(struct SamrCloseHandle_params){.SamHandle = handle}),
                     denied);
    assert_int_not_equal(association_status(b.association), 0);
    test_disconnect(&b);
    test_domain_sid(&a, handle, 0);
    assert_int_equal(use(t, joining(administrator, &a), handle), 0);
    test_disconnect(&a);
}

/* A group that nobody is known in yet is nobody's to join; one that ended meanwhile is a new one. */
static void groups_come_and_go(void **state)
{
    struct test_server *t = *state;
    struct test_client a, b, c;
    struct way way, bare = administrator;
    SAMPR_HANDLE handle;

    open_as(&a, t, administrator); /* authenticated, and has not called */
    way = joining(administrator, &a);
    open_as(&b, t, way);
    handle = test_open_server(&b, MAXIMUM);
    test_domain_sid(&a, handle, 0);
    open_as(&c, t, way);
    assert_int_equal(use(t, way, handle), 0);
    test_disconnect(&a);
    test_disconnect(&b);
    assert_int_equal(FAULT_OF(&c, SamrCloseHandle, &(struct SamrCloseHandle_params){.SamHandle = handle}),
                     mismatch);
    handle = test_open_server(&c, MAXIMUM);
    assert_int_equal(use(t, way, handle), 0); /* it has the number still */
    test_disconnect(&c);
    bare.bare = true;
    open_as(&a, t, bare);
    assert_int_equal(use(t, joining(administrator, &a), handle), denied);
    test_open_server(&a, MAXIMUM);
    assert_int_equal(use(t, joining(administrator, &a), handle), mismatch);
    test_disconnect(&a);
}

/* The bound is that of one client, however many connections it has. */
static void handles_count_for_the_group(void **state)
{
    struct test_server *t = *state;
    struct SamrConnect5_params p = {.DesiredAccess = MAXIMUM, .InVersion = 1};
    struct test_client a, b;

    open_as(&a, t, somebody);
    open_as(&b, t, joining(somebody, &a));
    for (int i = 0; i < CONTEXT_MAX; i++)
        test_open_server(i % 2 ? &a : &b, MAXIMUM);
    assert_status(CALL(&a, SamrConnect5, &p), STATUS_INSUFFICIENT_RESOURCES);
    assert_status(CALL(&b, SamrConnect5, &p), STATUS_INSUFFICIENT_RESOURCES);
    test_disconnect(&a);
    test_disconnect(&b);
}

/* Numbers that are in use are passed over when they start again. */
static void numbers_are_not_given_twice(void **state)
{
    struct test_server *t = *state;
    struct test_client a, b;

    t->server->last_group = UINT32_MAX - 1;
    open_as(&a, t, root);
    assert_int_equal(channel_assoc_group(a.channel), UINT32_MAX);
    t->server->last_group = UINT32_MAX - 1;
    open_as(&b, t, root);
    assert_int_equal(channel_assoc_group(b.channel), 1);
    test_disconnect(&a);
    test_disconnect(&b);
}

/* Who is an administrator is read from what is durable, not from changes that may be undone. */
static void clients_are_known_by_what_is_committed(void **state)
{
    struct test_server *t = *state;
    struct sam *s = t->server->sam;
    struct SamrConnect5_params p = {.DesiredAccess = MAXIMUM, .InVersion = 1};
    struct test_client c;
    uint32_t call;

    t->server->batch = true;
    open_as(&c, t, guest);
    t->hold = true;
    assert_int_equal(sam_begin(s).v, 0);
    assert_int_equal(channel_begin(c.channel, SamrConnect5_opnum, &p, &call, 0).v, 0);
    assert_false(sam_in_transaction(s));
    assert_int_equal(channel_finish(c.channel, call, &p, &c.arena, 0).v, 0);
    assert_int_equal(p.Return, 0);
    t->hold = false;
    test_disconnect(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(handles_are_shared, up, down),
        cmocka_unit_test_setup_teardown(others_do_not_join, up, down),
        cmocka_unit_test_setup_teardown(another_user_is_refused_when_known, up, down),
        cmocka_unit_test_setup_teardown(groups_come_and_go, up, down),
        cmocka_unit_test_setup_teardown(handles_count_for_the_group, up, down),
        cmocka_unit_test_setup_teardown(clients_are_known_by_what_is_committed, up, down),
        cmocka_unit_test_setup_teardown(numbers_are_not_given_twice, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
