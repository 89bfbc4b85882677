/* SPDX-License-Identifier: MIT */
/* Connecting, opening, closing, kinds of handles, rights, faults: through NDR and RPC in memory. */
#include "server/test_client.h"

static void connects_in_every_way(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrConnect_params p0 = {.DesiredAccess = MAXIMUM};
    struct SamrConnect2_params p2 = {.DesiredAccess = MAXIMUM};
    struct SamrConnect4_params p4 = {.ClientRevision = 2, .DesiredAccess = SAM_SERVER_LOOKUP_DOMAIN};
    struct SamrConnect5_params p5 = {.DesiredAccess = ACCESS_GENERIC_READ, .InVersion = 1};

    assert_status(CALL(c, SamrConnect, &p0), STATUS_SUCCESS);
    assert_status(CALL(c, SamrConnect2, &p2), STATUS_SUCCESS);
    assert_status(CALL(c, SamrConnect4, &p4), STATUS_SUCCESS);
    assert_status(CALL(c, SamrConnect5, &p5), STATUS_SUCCESS);
    assert_int_equal(p5.OutVersion, 1);
    assert_int_equal(p5.OutRevisionInfo.V1.Revision, 3);
    assert_int_equal(p5.OutRevisionInfo.V1.SupportedFeatures, 0);
    assert_memory_not_equal(&p5.ServerHandle, &p4.ServerHandle, sizeof(p5.ServerHandle));
    assert_int_equal(p5.ServerHandle.attributes, 0);
}

static void others_may_only_read(void **state)
{
    struct fixture *f = *state;
    struct test_client c;
    struct SamrConnect5_params p = {.DesiredAccess = ACCESS_GENERIC_ALL, .InVersion = 1};
    struct SamrOpenDomain_params d = {.DesiredAccess = DOMAIN_CREATE_GROUP};
    struct SamrOpenGroup_params g = {.DesiredAccess = GROUP_WRITE_ACCOUNT, .GroupId = SAM_RID_NONE_GROUP};
    struct SamrCreateGroupInDomain_params made;
    static const struct ndr_context_handle null;

    test_connect_as(&c, &f->server, false, false);
    assert_status(CALL(&c, SamrConnect5, &p), STATUS_ACCESS_DENIED);
    assert_memory_equal(&p.ServerHandle, &null, sizeof(null));
    d.ServerHandle = test_open_server(&c, MAXIMUM);
    d.DomainId = test_domain_sid(&c, d.ServerHandle, 0);
    assert_status(CALL(&c, SamrOpenDomain, &d), STATUS_ACCESS_DENIED);
    g.DomainHandle = test_open_domain(&c, 0, MAXIMUM);
    assert_status(CALL(&c, SamrOpenGroup, &g), STATUS_ACCESS_DENIED);
    made = test_create(&c, g.DomainHandle, "not mine");
    assert_status(made.Return, STATUS_ACCESS_DENIED);
    g.DesiredAccess = MAXIMUM;
    assert_status(CALL(&c, SamrOpenGroup, &g), STATUS_SUCCESS);
    struct SamrDeleteGroup_params del = {.GroupHandle = g.GroupHandle};
    assert_status(CALL(&c, SamrDeleteGroup, &del), STATUS_ACCESS_DENIED);
    assert_memory_equal(&del.GroupHandle, &g.GroupHandle, sizeof(null)); /* still open */
    struct SamrAddMemberToGroup_params add = {.GroupHandle = g.GroupHandle, .MemberId = 500};
    assert_status(CALL(&c, SamrAddMemberToGroup, &add), STATUS_ACCESS_DENIED);
    struct SamrGetMembersInGroup_params get = {.GroupHandle = g.GroupHandle};
    assert_status(CALL(&c, SamrGetMembersInGroup, &get), STATUS_SUCCESS);
    test_disconnect(&c);
}

static void rights_of_the_handle_count(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrOpenDomain_params d = {.ServerHandle = test_open_server(c, SAM_SERVER_CONNECT),
                                      .DesiredAccess = MAXIMUM};
    struct SamrEnumerateDomainsInSamServer_params e = {.ServerHandle = d.ServerHandle};
    struct SamrOpenGroup_params g = {.DesiredAccess = GROUP_LIST_MEMBERS, .GroupId = SAM_RID_NONE_GROUP};

    d.DomainId = test_domain_sid(c, test_open_server(c, MAXIMUM), 0);
    assert_status(CALL(c, SamrOpenDomain, &d), STATUS_ACCESS_DENIED);
    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_ACCESS_DENIED);
    g.DomainHandle = test_open_domain(c, 0, DOMAIN_LIST_ACCOUNTS);
    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_ACCESS_DENIED);
    g.DomainHandle = test_open_domain(c, 0, DOMAIN_LOOKUP);
    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_SUCCESS);
    struct SamrQueryInformationGroup_params q = {.GroupHandle = g.GroupHandle, .GroupInformationClass = 1};
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_ACCESS_DENIED);
    assert_null(q.Buffer);
    struct SamrEnumerateGroupsInDomain_params l = {.DomainHandle = g.DomainHandle};
    assert_status(CALL(c, SamrEnumerateGroupsInDomain, &l), STATUS_ACCESS_DENIED);
}

static void kinds_of_handles_do_not_mix(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE server = test_open_server(c, MAXIMUM), domain = test_open_domain(c, 0, MAXIMUM);
    struct SamrOpenGroup_params g = {.DomainHandle = server, .DesiredAccess = MAXIMUM, .GroupId = 513};
    struct SamrQueryInformationGroup_params q = {.GroupHandle = domain, .GroupInformationClass = 1};
    struct SamrRidToSid_params r = {.ObjectHandle = server, .Rid = 1};
    struct SamrLookupDomainInSamServer_params l = {.ServerHandle = domain};

    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_OBJECT_TYPE_MISMATCH);
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_OBJECT_TYPE_MISMATCH);
    assert_status(CALL(c, SamrRidToSid, &r), STATUS_OBJECT_TYPE_MISMATCH);
    assert_status(CALL(c, SamrLookupDomainInSamServer, &l), STATUS_OBJECT_TYPE_MISMATCH);
}

static void unknown_handles_get_a_fault(void **state)
{
    struct fixture *f = *state;
    struct test_client *c = &f->client, other;
    struct SamrCloseHandle_params null = {0}, p = {.SamHandle = test_open_server(c, MAXIMUM)};
    struct SamrOpenGroup_params g = {.DesiredAccess = MAXIMUM};
    uint32_t mismatch = net_from_fault((struct rpc_fault){FAULT_CONTEXT_MISMATCH}).v;

    assert_status(CALL(c, SamrCloseHandle, &null), STATUS_INVALID_HANDLE);
    assert_int_equal(FAULT_OF(c, SamrOpenGroup, &g), mismatch); /* null */
    test_connect(&other, &f->server);
    assert_int_equal(FAULT_OF(&other, SamrCloseHandle, &p), mismatch); /* of another association */
    test_disconnect(&other);
    p.SamHandle.uuid.node[7] ^= 1;
    assert_int_equal(FAULT_OF(c, SamrCloseHandle, &p), mismatch);
    p.SamHandle.uuid.node[7] ^= 1;
    struct ndr_context_handle closed = p.SamHandle;
    assert_status(CALL(c, SamrCloseHandle, &p), STATUS_SUCCESS);
    assert_memory_equal(&p.SamHandle, &null.SamHandle, sizeof(closed));
    p.SamHandle = closed;
    assert_int_equal(FAULT_OF(c, SamrCloseHandle, &p), mismatch);
    test_open_server(c, MAXIMUM); /* the association goes on */
}

static void what_is_not_served_gets_a_fault(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrDeleteUser_params u = {.UserHandle = test_open_server(c, MAXIMUM)};
    struct SamrSetDSRMPassword_params d = {.UserId = 500};
    uint32_t expected = net_from_fault((struct rpc_fault){FAULT_OP_RANGE}).v;

    assert_int_equal(FAULT_OF(c, SamrDeleteUser, &u), expected);
    assert_int_equal(FAULT_OF(c, SamrSetDSRMPassword, &d), expected);
    test_open_server(c, MAXIMUM);
}

static void number_of_handles_is_bounded(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = test_open_domain(c, 0, MAXIMUM);
    struct SamrConnect5_params p = {.DesiredAccess = MAXIMUM, .InVersion = 1};
    struct SamrCreateGroupInDomain_params made;
    struct SamrLookupNamesInDomain_params l = {.DomainHandle = domain, .Count = 1};

    for (size_t i = c->association->group->contexts.count; i < CONTEXT_MAX; i++)
        assert_status(CALL(c, SamrConnect5, &p), STATUS_SUCCESS);
    assert_int_equal(c->association->group->contexts.count, CONTEXT_MAX);
    assert_status(CALL(c, SamrConnect5, &p), STATUS_INSUFFICIENT_RESOURCES);
    made = test_create(c, domain, "no place");
    assert_status(made.Return, STATUS_INSUFFICIENT_RESOURCES);
    l.Names = &made.Name;
    assert_status(CALL(c, SamrLookupNamesInDomain, &l), STATUS_NONE_MAPPED); /* nothing was made */
}

static void finds_its_domains(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE server = test_open_server(c, MAXIMUM);
    struct SamrEnumerateDomainsInSamServer_params e = {.ServerHandle = server};
    struct SamrLookupDomainInSamServer_params l = {.ServerHandle = server, .Name = test_string(c, "bUiLtIn")};
    struct SamrOpenDomain_params d = {.ServerHandle = server, .DesiredAccess = MAXIMUM};
    RPC_SID *sid;

    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_MORE_ENTRIES);
    assert_int_equal(e.CountReturned, 1); /* at least one, however little is asked for */
    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_SUCCESS);
    assert_int_equal(e.CountReturned, 1);
    assert_string_equal(test_text(c, e.Buffer->Buffer[0].Name), "Builtin");
    assert_int_equal(e.Buffer->Buffer[0].RelativeId, 0);
    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_SUCCESS);
    assert_int_equal(e.CountReturned, 0);
    e.EnumerationContext = 3;
    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_INVALID_PARAMETER);

    assert_status(CALL(c, SamrLookupDomainInSamServer, &l), STATUS_SUCCESS);
    assert_int_equal(l.DomainId->SubAuthorityCount, 1);
    assert_int_equal(l.DomainId->SubAuthority[0], 32);
    l.Name = test_string(c, "Built");
    assert_status(CALL(c, SamrLookupDomainInSamServer, &l), STATUS_NO_SUCH_DOMAIN);
    assert_null(l.DomainId);

    sid = test_domain_sid(c, server, 0);
    assert_int_equal(sid->SubAuthorityCount, 4);
    assert_int_equal(sid->SubAuthority[0], 21);
    sid->SubAuthority[3]++;
    d.DomainId = sid;
    assert_status(CALL(c, SamrOpenDomain, &d), STATUS_NO_SUCH_DOMAIN);
    sid->SubAuthority[3]--;
    sid->Revision = 2;
    assert_status(CALL(c, SamrOpenDomain, &d), STATUS_NO_SUCH_DOMAIN);
}

static void makes_sids_of_rids(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = test_open_domain(c, 0, MAXIMUM);
    RPC_SID *expected = test_domain_sid(c, test_open_server(c, MAXIMUM), 0);
    struct SamrRidToSid_params r = {.ObjectHandle = domain, .Rid = 4711};

    assert_status(CALL(c, SamrRidToSid, &r), STATUS_SUCCESS);
    assert_int_equal(r.Sid->SubAuthorityCount, 5);
    assert_memory_equal(r.Sid->SubAuthority, expected->SubAuthority, 16);
    assert_int_equal(r.Sid->SubAuthority[4], 4711);
    r.Rid = 0; /* a number as any other */
    assert_status(CALL(c, SamrRidToSid, &r), STATUS_SUCCESS);
    assert_int_equal(r.Sid->SubAuthorityCount, 5);
    assert_int_equal(r.Sid->SubAuthority[4], 0);
}

static void speaks_ndr64_too(void **state)
{
    struct fixture *f = *state;
    struct test_client c;
    struct SamrCreateGroupInDomain_params made;

    test_connect_as(&c, &f->server, true, true);
    made = test_create(&c, test_open_domain(&c, 0, MAXIMUM), "sixty-four");
    assert_status(made.Return, STATUS_SUCCESS);
    struct SamrQueryInformationGroup_params q = {.GroupHandle = made.GroupHandle, .GroupInformationClass = 1};
    assert_status(CALL(&c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_string_equal(test_text(&c, q.Buffer->General.Name), "sixty-four");
    test_disconnect(&c);
}

static void opens_accounts_of_each_kind(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE account = test_open_domain(c, 0, MAXIMUM), builtin = test_open_domain(c, 1, MAXIMUM);
    struct SamrOpenUser_params u = {.DomainHandle = account, .DesiredAccess = MAXIMUM, .UserId = 500};
    struct SamrOpenGroup_params g = {.DomainHandle = account, .DesiredAccess = MAXIMUM, .GroupId = 500};
    struct SamrOpenAlias_params a = {.DomainHandle = builtin, .DesiredAccess = MAXIMUM, .AliasId = 544};

    assert_status(CALL(c, SamrOpenUser, &u), STATUS_SUCCESS);
    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_NO_SUCH_GROUP); /* a user */
    assert_status(CALL(c, SamrOpenAlias, &a), STATUS_SUCCESS);
    u.UserId = 999999;
    assert_status(CALL(c, SamrOpenUser, &u), STATUS_NO_SUCH_USER);
    a.AliasId = 513;
    assert_status(CALL(c, SamrOpenAlias, &a), STATUS_NO_SUCH_ALIAS);
    g.GroupId = 513;
    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_SUCCESS);
    g.DomainHandle = builtin;
    assert_status(CALL(c, SamrOpenGroup, &g), STATUS_NO_SUCH_GROUP);
}

static void tells_its_security_descriptors(void **state)
{
    struct fixture *f = *state;
    struct test_client *c = &f->client, reader;
    struct SamrQuerySecurityObject_params q = {.ObjectHandle = test_open_domain(c, 0, MAXIMUM),
                                               .SecurityInformation = 7};
    const uint8_t *d;

    assert_status(CALL(c, SamrQuerySecurityObject, &q), STATUS_SUCCESS);
    d = q.SecurityDescriptor->SecurityDescriptor;
    assert_int_equal(q.SecurityDescriptor->Length, 20 + 16 + 16 + 8 + 24 + 20);
    assert_memory_equal(d, "\x01\x00\x04\x80\x14\x00\x00\x00\x24\x00\x00\x00\x00\x00\x00\x00\x34\x00\x00\x00",
                        20);
    assert_memory_equal(d + 20, "\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00", 16);
    assert_memory_equal(d + 52, "\x02\x00\x34\x00\x02\x00\x00\x00", 8);
    assert_memory_equal(d + 60, "\x00\x00\x18\x00\xff\x07\x0f\x00",
                        8); /* administrators: DOMAIN_ALL_ACCESS */
    assert_memory_equal(d + 84, "\x00\x00\x14\x00\x85\x03\x02\x00", 8); /* everybody: read, execute */
    q.SecurityInformation = 1;
    assert_status(CALL(c, SamrQuerySecurityObject, &q), STATUS_SUCCESS);
    assert_int_equal(q.SecurityDescriptor->Length, 36);
    q.SecurityInformation = 8;
    assert_status(CALL(c, SamrQuerySecurityObject, &q), STATUS_SUCCESS);
    test_connect_as(&reader, &f->server, false, false);
    q.ObjectHandle = test_open_domain(&reader, 0, MAXIMUM);
    assert_status(CALL(&reader, SamrQuerySecurityObject, &q), STATUS_ACCESS_DENIED);
    q.SecurityInformation = 4;
    assert_status(CALL(&reader, SamrQuerySecurityObject, &q), STATUS_SUCCESS);
    q.ObjectHandle = test_open_domain(&reader, 0, DOMAIN_LOOKUP);
    assert_status(CALL(&reader, SamrQuerySecurityObject, &q), STATUS_ACCESS_DENIED);
    test_disconnect(&reader);
}

static void rejects_stubs_that_are_malformed(void **state)
{
    struct fixture *f = *state;
    struct test_client *c = &f->client;
    SAMPR_HANDLE domain = test_open_domain(c, 0, MAXIMUM);
    struct rpc_request request = {.interface = &samr_interface, .opnum = SamrOpenGroup_opnum};
    struct writer stub;

    /* Not through RPC, which would not send them: the decoder alone decides. */
    writer_init(&stub, 4096);
    struct SamrOpenGroup_params g = {.DomainHandle = domain, .DesiredAccess = MAXIMUM, .GroupId = 513};
    assert_int_equal(ndr_encode(&samr_interface, SamrOpenGroup_opnum, NDR_F_IN, NDR_SYNTAX_NDR20, &g, &stub),
                     0);
    request.stub = stub.data;
    for (request.stub_len = 0; request.stub_len < stub.len; request.stub_len++) {
        size_t before = c->association->group->contexts.count;

        dispatch_run(c->association, &request, false); /* its answer is to a call that nobody made */
        assert_int_equal(c->association->group->contexts.count, before);
    }
    dispatch_run(c->association, &request, false);
    assert_int_equal(context_find(&c->association->group->contexts, &samr_interface, &domain.uuid)->kind,
                     CONTEXT_DOMAIN);
    writer_deinit(&stub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connects_in_every_way),
        TEST(others_may_only_read),
        TEST(rights_of_the_handle_count),
        TEST(kinds_of_handles_do_not_mix),
        TEST(unknown_handles_get_a_fault),
        TEST(what_is_not_served_gets_a_fault),
        TEST(number_of_handles_is_bounded),
        TEST(finds_its_domains),
        TEST(makes_sids_of_rids),
        TEST(speaks_ndr64_too),
        TEST(opens_accounts_of_each_kind),
        TEST(tells_its_security_descriptors),
        TEST(rejects_stubs_that_are_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
