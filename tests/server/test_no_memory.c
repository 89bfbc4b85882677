/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for n = 1 until all goes well, over a whole conversation: client, RPC, NDR,
 * server. Whatever is refused, nothing is left half done, and the same server serves the next client.
 */
#include "server/test_client.h"

#include "../failing_allocation.h"

static const uint16_t group_name[] = {'t', 'r', 'i', 'a', 'l'};

#define STEP(procedure, params) \
    (!channel_call(c->channel, procedure##_opnum, params, &c->arena, 0).v && (params)->Return >= 0)

/* Everything that a client does with a group; false: something was refused. */
static bool work(struct test_client *c)
{
    static const struct transport_peer_ops ops = {test_input, test_output, test_sent, test_gone};
    RPC_UNICODE_STRING name = {.Length = sizeof(group_name),
                               .MaximumLength = sizeof(group_name),
                               .Buffer = (uint16_t *)(uintptr_t)group_name};
    struct caller caller = {.administrator = true};
    struct transport *transport;
    struct SamrConnect5_params s = {.DesiredAccess = MAXIMUM, .InVersion = 1};
    struct SamrEnumerateDomainsInSamServer_params e = {.PreferedMaximumLength = 9999};
    struct SamrLookupDomainInSamServer_params l = {0};
    struct SamrOpenDomain_params o = {.DesiredAccess = MAXIMUM};
    struct SamrCreateGroupInDomain_params g = {.Name = name, .DesiredAccess = MAXIMUM};
    struct SamrQueryDisplayInformation3_params d = {
        .DisplayInformationClass = DomainDisplayGroup, .EntryCount = 100, .PreferredMaximumLength = 65536};
    struct SamrLookupNamesInDomain_params n = {.Count = 1, .Names = &name};

    if (association_new(&c->association, c->server->server, &caller))
        return false;
    if (transport_inproc_open(&transport, &ops, c)) {
        association_free(c->association);
        return false;
    }
    if (channel_open(&c->channel, transport, &samr_interface, false, 0).v || !STEP(SamrConnect5, &s))
        return false;
    e.ServerHandle = l.ServerHandle = o.ServerHandle = s.ServerHandle;
    if (!STEP(SamrEnumerateDomainsInSamServer, &e))
        return false;
    l.Name = e.Buffer->Buffer[0].Name;
    if (!STEP(SamrLookupDomainInSamServer, &l))
        return false;
    o.DomainId = l.DomainId;
    if (!STEP(SamrOpenDomain, &o))
        return false;
    g.DomainHandle = d.DomainHandle = n.DomainHandle = o.DomainHandle;
    if (!STEP(SamrCreateGroupInDomain, &g))
        return false;
    struct SamrDeleteGroup_params x = {.GroupHandle = g.GroupHandle};
    return STEP(SamrQueryDisplayInformation3, &d) && STEP(SamrLookupNamesInDomain, &n) &&
           STEP(SamrDeleteGroup, &x);
}

/* What the trial left is whole: the counters agree with what is there. */
static void remove_trial(struct sam *sam)
{
    struct sam_text name = {.chars = group_name, .count = sizeof(group_name) / 2};
    struct sam_account account;
    struct sam_domain_info info;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    if (nt_success(sam_lookup_name(sam, SAM_ACCOUNT, name, &arena, &account)))
        assert_int_equal(sam_group_delete(sam, account.rid).v, 0);
    assert_int_equal(sam_domain_get(sam, SAM_ACCOUNT, &arena, &info).v, 0);
    assert_int_equal(info.group_count, 1);
    arena_deinit(&arena);
}

static void conversation(bool batch)
{
    struct test_server server;
    bool done = false;
    unsigned n;

    test_server_open(&server, batch);
    for (n = 0; !done; n++) {
        struct test_client c = {.server = &server};

        arena_init(&c.arena, (size_t)64 << 20);
        /* what earlier trials have warmed up is to be allocated again */
        arena_deinit(&server.server->arena);
        writer_deinit(&server.server->reply);
        writer_init(&server.server->reply, SERVER_REPLY_LEN);
        writer_deinit(&server.server->failure);
        writer_init(&server.server->failure, SERVER_REPLY_LEN);
        allocation_failed = false;
        allocations_left = n;
        done = work(&c) && !allocation_failed;
        allocations_left = UINT32_MAX;
        channel_close(c.channel);
        arena_deinit(&c.arena);
        while (server_needs_commit(server.server))
            server_commit(server.server);
        assert_null(server.server->holders);
        remove_trial(server.server->sam);
        assert_true(n < 10000);
    }
    assert_true(n > 20); /* there was something to fail */
    test_server_close(&server);
}

static void without_batch(void **state)
{
    (void)state;
    conversation(false);
}

static void in_batch(void **state)
{
    (void)state;
    conversation(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_batch), cmocka_unit_test(in_batch)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
