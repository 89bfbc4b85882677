/* SPDX-License-Identifier: MIT */
/* Groups, lookups, listings, attributes: the rules and statuses of each procedure. */
#include "server/test_client.h"

static SAMPR_HANDLE account_domain(struct test_client *c)
{
    return test_open_domain(c, 0, MAXIMUM);
}

static uint32_t lookup(struct test_client *c, SAMPR_HANDLE domain, const char *name)
{
    RPC_UNICODE_STRING s = test_string(c, name);
    struct SamrLookupNamesInDomain_params p = {.DomainHandle = domain, .Count = 1, .Names = &s};

    return nt_success(NT_STATUS(CALL(c, SamrLookupNamesInDomain, &p))) ? p.RelativeIds.Element[0] : 0;
}

static void creates_groups(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrCreateGroupInDomain_params a = test_create(c, domain, "wheel"), b;

    assert_status(a.Return, STATUS_SUCCESS);
    assert_true(a.RelativeId >= SAM_FIRST_RID);
    assert_int_equal(lookup(c, domain, "WHEEL"), a.RelativeId);
    b = test_create(c, domain, "Wheel");
    assert_status(b.Return, STATUS_GROUP_EXISTS);
    assert_int_equal(b.RelativeId, 0);
    b = test_create(c, domain, "administrator");
    assert_status(b.Return, STATUS_USER_EXISTS);
    b = test_create(c, domain, "Administrators"); /* of BUILTIN */
    assert_status(b.Return, STATUS_ALIAS_EXISTS);
    b = test_create(c, domain, "a/b");
    assert_status(b.Return, STATUS_INVALID_ACCOUNT_NAME);
    b = test_create(c, domain, "");
    assert_status(b.Return, STATUS_INVALID_ACCOUNT_NAME);
    b = test_create(c, test_open_domain(c, 1, MAXIMUM), "built");
    assert_status(b.Return, STATUS_ACCESS_DENIED);
    b = test_create(c, domain, "staff");
    assert_status(b.Return, STATUS_SUCCESS);
    assert_true(b.RelativeId > a.RelativeId);
    struct SamrCreateGroupInDomain_params d = {
        .DomainHandle = domain, .Name = test_string(c, "denied"), .DesiredAccess = 0x20};
    assert_status(CALL(c, SamrCreateGroupInDomain, &d), STATUS_ACCESS_DENIED);
    assert_int_equal(lookup(c, domain, "denied"), 0);
}

static void a_length_without_text_is_refused(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrCreateGroupInDomain_params p = {.DomainHandle = account_domain(c),
                                               .Name = {.Length = 4, .MaximumLength = 4},
                                               .DesiredAccess = MAXIMUM};

    assert_status(CALL(c, SamrCreateGroupInDomain, &p), STATUS_INVALID_PARAMETER);
}

static void group_attributes(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrCreateGroupInDomain_params g = test_create(c, domain, "wheel");
    struct SamrQueryInformationGroup_params q = {.GroupHandle = g.GroupHandle};
    struct SamrSetInformationGroup_params s = {.GroupHandle = g.GroupHandle,
                                               .GroupInformationClass = GroupAdminCommentInformation};

    s.Buffer.AdminComment.AdminComment = test_string(c, "may become root");
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_SUCCESS);
    s.GroupInformationClass = GroupNameInformation;
    s.Buffer.Name.Name = test_string(c, "Wheels");
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_SUCCESS);
    s.Buffer.Name.Name = test_string(c, "Guest");
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_USER_EXISTS);
    s.GroupInformationClass = GroupAttributeInformation;
    s.Buffer.Attribute.Attributes = 7;
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_SUCCESS);
    s.GroupInformationClass = GroupGeneralInformation;
    s.Buffer.General = (SAMPR_GROUP_GENERAL_INFORMATION){0};
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_INVALID_INFO_CLASS);
    s.GroupInformationClass = GroupReplicationInformation;
    assert_status(CALL(c, SamrSetInformationGroup, &s), STATUS_INVALID_INFO_CLASS);

    q.GroupInformationClass = GroupGeneralInformation;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_string_equal(test_text(c, q.Buffer->General.Name), "Wheels");
    assert_string_equal(test_text(c, q.Buffer->General.AdminComment), "may become root");
    assert_int_equal(q.Buffer->General.Attributes, 7);
    assert_int_equal(q.Buffer->General.MemberCount, 0);
    q.GroupInformationClass = GroupNameInformation;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_string_equal(test_text(c, q.Buffer->Name.Name), "Wheels");
    q.GroupInformationClass = GroupAttributeInformation;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_int_equal(q.Buffer->Attribute.Attributes, 7);
    q.GroupInformationClass = GroupAdminCommentInformation;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_string_equal(test_text(c, q.Buffer->AdminComment.AdminComment), "may become root");
    q.GroupInformationClass = 6;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_INVALID_INFO_CLASS);
    assert_null(q.Buffer);
}

static void group_members(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrCreateGroupInDomain_params g = test_create(c, domain, "wheel");
    struct SamrAddMemberToGroup_params a = {.GroupHandle = g.GroupHandle, .MemberId = 500, .Attributes = 7};
    struct SamrRemoveMemberFromGroup_params r = {.GroupHandle = g.GroupHandle, .MemberId = 501};
    struct SamrGetMembersInGroup_params m = {.GroupHandle = g.GroupHandle};
    struct SamrSetMemberAttributesOfGroup_params s = {
        .GroupHandle = g.GroupHandle, .MemberId = 501, .Attributes = 7};
    struct SamrQueryInformationGroup_params q = {.GroupHandle = g.GroupHandle, .GroupInformationClass = 1};

    assert_status(CALL(c, SamrGetMembersInGroup, &m), STATUS_SUCCESS);
    assert_int_equal(m.Members->MemberCount, 0);
    assert_status(CALL(c, SamrAddMemberToGroup, &a), STATUS_SUCCESS);
    assert_status(CALL(c, SamrAddMemberToGroup, &a), STATUS_MEMBER_IN_GROUP);
    a.MemberId = 4711;
    assert_status(CALL(c, SamrAddMemberToGroup, &a), STATUS_NO_SUCH_USER);
    assert_status(CALL(c, SamrRemoveMemberFromGroup, &r), STATUS_MEMBER_NOT_IN_GROUP);
    assert_status(CALL(c, SamrSetMemberAttributesOfGroup, &s), STATUS_MEMBER_NOT_IN_GROUP);
    s.MemberId = 500;
    assert_status(CALL(c, SamrSetMemberAttributesOfGroup, &s), STATUS_SUCCESS);
    assert_status(CALL(c, SamrGetMembersInGroup, &m), STATUS_SUCCESS);
    assert_int_equal(m.Members->MemberCount, 1);
    assert_int_equal(m.Members->Members[0], 500);
    assert_int_equal(m.Members->Attributes[0], 7);
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_int_equal(q.Buffer->General.MemberCount, 1);
    q.GroupInformationClass = GroupReplicationInformation;
    assert_status(CALL(c, SamrQueryInformationGroup, &q), STATUS_SUCCESS);
    assert_int_equal(q.Buffer->General.MemberCount, 0); /* 3.1.5.5.3.1 */
    r.MemberId = 500;
    assert_status(CALL(c, SamrRemoveMemberFromGroup, &r), STATUS_SUCCESS);
    assert_status(CALL(c, SamrGetMembersInGroup, &m), STATUS_SUCCESS);
    assert_int_equal(m.Members->MemberCount, 0);
}

static void deletes_groups(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    static const struct ndr_context_handle null;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrCreateGroupInDomain_params g = test_create(c, domain, "wheel");
    struct SamrDeleteGroup_params d = {.GroupHandle = g.GroupHandle};
    struct SamrOpenGroup_params o = {
        .DomainHandle = domain, .DesiredAccess = MAXIMUM, .GroupId = SAM_RID_NONE_GROUP};
    struct SamrAddMemberToGroup_params m = {
        .GroupHandle = g.GroupHandle, .MemberId = SAM_RID_GUEST, .Attributes = 7};
    struct SamrRemoveMemberFromGroup_params r = {.GroupHandle = g.GroupHandle, .MemberId = SAM_RID_GUEST};

    assert_status(CALL(c, SamrAddMemberToGroup, &m), STATUS_SUCCESS);
    assert_status(CALL(c, SamrDeleteGroup, &d), STATUS_MEMBER_IN_GROUP);
    assert_memory_equal(&d.GroupHandle, &g.GroupHandle, sizeof(null));
    assert_status(CALL(c, SamrRemoveMemberFromGroup, &r), STATUS_SUCCESS);
    assert_status(CALL(c, SamrDeleteGroup, &d), STATUS_SUCCESS);
    assert_memory_equal(&d.GroupHandle, &null, sizeof(null));
    d.GroupHandle = g.GroupHandle;
    assert_int_equal(FAULT_OF(c, SamrDeleteGroup, &d),
                     net_from_fault((struct rpc_fault){FAULT_CONTEXT_MISMATCH}).v);
    assert_status(CALL(c, SamrOpenGroup, &o), STATUS_SUCCESS);
    d.GroupHandle = o.GroupHandle;
    assert_status(CALL(c, SamrDeleteGroup, &d), STATUS_SPECIAL_ACCOUNT);
    assert_memory_equal(&d.GroupHandle, &o.GroupHandle, sizeof(null));
    assert_status(test_close(c, &d.GroupHandle), STATUS_SUCCESS);
}

static void a_group_may_go_while_it_is_open(void **state)
{
    struct fixture *f = *state;
    struct test_client *c = &f->client, other;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrCreateGroupInDomain_params g = test_create(c, domain, "wheel");
    struct SamrOpenGroup_params o = {.DesiredAccess = MAXIMUM, .GroupId = g.RelativeId};
    struct SamrDeleteGroup_params d = {.GroupHandle = g.GroupHandle};

    test_connect(&other, &f->server);
    o.DomainHandle = account_domain(&other);
    assert_status(CALL(&other, SamrOpenGroup, &o), STATUS_SUCCESS);
    assert_status(CALL(c, SamrDeleteGroup, &d), STATUS_SUCCESS);
    struct SamrQueryInformationGroup_params q = {.GroupHandle = o.GroupHandle, .GroupInformationClass = 1};
    assert_status(CALL(&other, SamrQueryInformationGroup, &q), STATUS_NO_SUCH_GROUP);
    struct SamrGetMembersInGroup_params m = {.GroupHandle = o.GroupHandle};
    assert_status(CALL(&other, SamrGetMembersInGroup, &m), STATUS_NO_SUCH_GROUP);
    assert_status(test_close(&other, &o.GroupHandle), STATUS_SUCCESS);
    test_disconnect(&other);
}

static void looks_up_names_and_rids(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c), builtin = test_open_domain(c, 1, MAXIMUM);
    RPC_UNICODE_STRING names[3] = {test_string(c, "none"), test_string(c, "nobody knows"),
                                   test_string(c, "GUEST")};
    uint32_t rids[3] = {513, 77, 501};
    struct SamrLookupNamesInDomain_params n = {.DomainHandle = domain, .Count = 3, .Names = names};
    struct SamrLookupIdsInDomain_params i = {.DomainHandle = domain, .Count = 3, .RelativeIds = rids};

    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_SOME_NOT_MAPPED);
    assert_int_equal(n.RelativeIds.Count, 3);
    assert_memory_equal(n.RelativeIds.Element, ((uint32_t[]){513, 0, 501}), 12);
    assert_memory_equal(n.Use.Element, ((uint32_t[]){SidTypeGroup, SidTypeUnknown, SidTypeUser}), 12);
    assert_status(CALL(c, SamrLookupIdsInDomain, &i), STATUS_SOME_NOT_MAPPED);
    assert_string_equal(test_text(c, i.Names.Element[0]), "None");
    assert_int_equal(i.Names.Element[1].Length, 0);
    assert_string_equal(test_text(c, i.Names.Element[2]), "Guest");
    assert_memory_equal(i.Use.Element, ((uint32_t[]){SidTypeGroup, SidTypeUnknown, SidTypeUser}), 12);
    n.Names = &names[1];
    n.Count = i.Count = 1;
    i.RelativeIds = &rids[1];
    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_NONE_MAPPED);
    assert_status(CALL(c, SamrLookupIdsInDomain, &i), STATUS_NONE_MAPPED);
    n.Count = i.Count = 0;
    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_SUCCESS);
    assert_status(CALL(c, SamrLookupIdsInDomain, &i), STATUS_SUCCESS);
    n.DomainHandle = builtin;
    n.Count = 1;
    names[1] = test_string(c, "Users");
    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_SUCCESS);
    assert_int_equal(n.RelativeIds.Element[0], 545);
    assert_int_equal(n.Use.Element[0], SidTypeAlias);
}

static void takes_up_to_a_thousand(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    static uint32_t rids[1000];
    struct SamrLookupIdsInDomain_params i = {
        .DomainHandle = account_domain(c), .Count = 1000, .RelativeIds = rids};

    for (uint32_t k = 0; k < 1000; k++)
        rids[k] = k == 999 ? 500 : k;
    assert_status(CALL(c, SamrLookupIdsInDomain, &i), STATUS_SOME_NOT_MAPPED);
    assert_int_equal(i.Names.Count, 1000);
    assert_string_equal(test_text(c, i.Names.Element[999]), "Administrator");
}

/* The longest request that there can be is taken; one that is longer holds no memory here. */
static void length_of_a_request_is_bounded(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    static RPC_UNICODE_STRING names[1000];
    static uint16_t letters[600];
    struct SamrLookupNamesInDomain_params n = {
        .DomainHandle = account_domain(c), .Count = 1000, .Names = names};

    for (int i = 0; i < 600; i++)
        letters[i] = 'n';
    for (int i = 0; i < 1000; i++)
        names[i] = (RPC_UNICODE_STRING){.Length = 512, .MaximumLength = 512, .Buffer = letters};
    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_NONE_MAPPED);
    for (int i = 0; i < 1000; i++)
        names[i].Length = names[i].MaximumLength = 1200;
    assert_int_not_equal(FAULT_OF(c, SamrLookupNamesInDomain, &n), 0);
    names[0] = test_string(c, "None");
    n.Count = 1;
    assert_status(CALL(c, SamrLookupNamesInDomain, &n), STATUS_SUCCESS);
}

#define MANY 300

static SAMPR_HANDLE make_many(struct test_client *c)
{
    SAMPR_HANDLE domain = account_domain(c);

    for (int i = 0; i < MANY; i++) {
        char name[32];
        struct SamrCreateGroupInDomain_params g;

        snprintf(name, sizeof(name), "group %03d", (i * 7) % MANY);
        g = test_create(c, domain, name);
        assert_status(g.Return, STATUS_SUCCESS);
        assert_status(test_close(c, &g.GroupHandle), STATUS_SUCCESS);
    }
    return domain;
}

static void enumerates_in_pages(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    static const uint32_t lengths[] = {0, 1, 100, 1000, 0xffffffffu};
    SAMPR_HANDLE domain = make_many(c);

    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
        struct SamrEnumerateGroupsInDomain_params p = {.DomainHandle = domain,
                                                       .PreferedMaximumLength = lengths[l]};
        uint32_t total = 0, last = 0, status;

        do {
            status = CALL(c, SamrEnumerateGroupsInDomain, &p);
            assert_true(status == 0 || status == NT_STATUS_MORE_ENTRIES);
            assert_int_equal(p.CountReturned, p.Buffer->EntriesRead);
            assert_true(p.CountReturned >= 1);
            for (uint32_t i = 0; i < p.CountReturned; i++) {
                assert_true(p.Buffer->Buffer[i].RelativeId > last); /* by RID, none twice */
                last = p.Buffer->Buffer[i].RelativeId;
            }
            assert_true(lengths[l] >= 100 || p.CountReturned == 1);
            total += p.CountReturned;
        } while (status);
        assert_int_equal(total, MANY + 1); /* and None */
        assert_status(CALL(c, SamrEnumerateGroupsInDomain, &p), STATUS_SUCCESS);
        assert_int_equal(p.CountReturned, 0);
    }
}

static void enumerates_users_by_their_control(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrEnumerateUsersInDomain_params p = {.DomainHandle = account_domain(c),
                                                  .PreferedMaximumLength = 65536};
    struct SamrEnumerateAliasesInDomain_params a = {.DomainHandle = test_open_domain(c, 1, MAXIMUM),
                                                    .PreferedMaximumLength = 65536};

    assert_status(CALL(c, SamrEnumerateUsersInDomain, &p), STATUS_SUCCESS);
    assert_true(p.CountReturned >= 2);
    uint32_t all = p.CountReturned;
    p.EnumerationContext = 0;
    p.UserAccountControl = 0x10 | 0x400 | 0x20000; /* normal; the other two are to be ignored */
    assert_status(CALL(c, SamrEnumerateUsersInDomain, &p), STATUS_SUCCESS);
    assert_int_equal(p.CountReturned, all);
    p.EnumerationContext = 0;
    p.UserAccountControl = 0x80; /* machines */
    assert_status(CALL(c, SamrEnumerateUsersInDomain, &p), STATUS_SUCCESS);
    assert_int_equal(p.CountReturned, 0);
    assert_status(CALL(c, SamrEnumerateAliasesInDomain, &a), STATUS_SUCCESS);
    assert_true(a.CountReturned > 3);
}

static void displays_by_name_in_pages(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = make_many(c);
    static const struct {
        uint32_t count, len;
    } pages[] = {{1000, 0}, {7, 0xffffffffu}, {1000, 1000}, {0xffffffffu, 0xffffffffu}};

    for (size_t k = 0; k < sizeof(pages) / sizeof(pages[0]); k++) {
        struct SamrQueryDisplayInformation3_params p = {.DomainHandle = domain,
                                                        .DisplayInformationClass = DomainDisplayGroup,
                                                        .EntryCount = pages[k].count,
                                                        .PreferredMaximumLength = pages[k].len};
        uint32_t total = 0, status;
        char last[64] = "";

        do {
            SAMPR_DOMAIN_DISPLAY_GROUP_BUFFER *b = &p.Buffer.GroupInformation;

            status = CALL(c, SamrQueryDisplayInformation3, &p);
            assert_true(status == 0 || status == NT_STATUS_MORE_ENTRIES);
            assert_true(b->EntriesRead >= 1 && b->EntriesRead <= pages[k].count);
            assert_true(p.TotalReturned && p.TotalReturned <= p.TotalAvailable);
            for (uint32_t i = 0; i < b->EntriesRead; i++) {
                const char *name = test_text(c, b->Buffer[i].AccountName);

                assert_true(strcmp(name, last) > 0 || !strcmp(name, "None"));
                snprintf(last, sizeof(last), "%s", strcmp(name, "None") ? name : last);
                assert_int_equal(b->Buffer[i].Index, b->Buffer[i].Rid);
                assert_int_equal(b->Buffer[i].Attributes, 7);
            }
            total += b->EntriesRead;
            p.Index = b->Buffer[b->EntriesRead - 1].Index;
        } while (status);
        assert_int_equal(total, MANY + 1);
    }
}

static void displays_every_class(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrQueryDisplayInformation_params p = {.DomainHandle = domain,
                                                   .DisplayInformationClass = DomainDisplayUser,
                                                   .EntryCount = 100,
                                                   .PreferredMaximumLength = 65536};
    struct SamrQueryDisplayInformation2_params q = {.DomainHandle = domain,
                                                    .DisplayInformationClass = DomainDisplayMachine,
                                                    .EntryCount = 100,
                                                    .PreferredMaximumLength = 65536};

    assert_status(CALL(c, SamrQueryDisplayInformation, &p), STATUS_SUCCESS);
    assert_true(p.Buffer.UserInformation.EntriesRead >= 2);
    assert_string_equal(test_text(c, p.Buffer.UserInformation.Buffer[0].AccountName), "Administrator");
    assert_int_equal(p.Buffer.UserInformation.Buffer[0].Rid, 500);
    assert_true(p.Buffer.UserInformation.Buffer[0].AccountControl & 0x10);
    assert_status(CALL(c, SamrQueryDisplayInformation2, &q), STATUS_SUCCESS);
    assert_int_equal(q.Buffer.MachineInformation.EntriesRead, 0);
    q.DisplayInformationClass = DomainDisplayOemGroup;
    assert_status(CALL(c, SamrQueryDisplayInformation2, &q), STATUS_SUCCESS);
    assert_int_equal(q.TotalAvailable, 0);
    assert_int_equal(q.Buffer.OemGroupInformation.EntriesRead, 1);
    assert_int_equal(q.Buffer.OemGroupInformation.Buffer[0].OemAccountName.Length, 4);
    assert_memory_equal(q.Buffer.OemGroupInformation.Buffer[0].OemAccountName.Buffer, "None", 4);
    q.DisplayInformationClass = DomainDisplayOemUser;
    assert_status(CALL(c, SamrQueryDisplayInformation2, &q), STATUS_SUCCESS);
    assert_true(q.Buffer.OemUserInformation.EntriesRead >= 2);
    q.DisplayInformationClass = DomainDisplayUser;
    q.EntryCount = 0;
    assert_status(CALL(c, SamrQueryDisplayInformation2, &q), STATUS_MORE_ENTRIES);
    assert_int_equal(q.Buffer.UserInformation.EntriesRead, 0);
    q.DisplayInformationClass = 6;
    assert_int_not_equal(FAULT_OF(c, SamrQueryDisplayInformation2, &q), 0);
}

static void finds_where_a_listing_starts(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = make_many(c);
    struct SamrGetDisplayEnumerationIndex2_params i = {.DomainHandle = domain,
                                                       .DisplayInformationClass = DomainDisplayGroup,
                                                       .Prefix = test_string(c, "GROUP 2")};
    struct SamrGetDisplayEnumerationIndex_params j = {
        .DomainHandle = domain, .DisplayInformationClass = DomainDisplayGroup, .Prefix = test_string(c, "z")};
    struct SamrQueryDisplayInformation3_params p = {.DomainHandle = domain,
                                                    .DisplayInformationClass = DomainDisplayGroup,
                                                    .EntryCount = 1,
                                                    .PreferredMaximumLength = 65536};

    assert_status(CALL(c, SamrGetDisplayEnumerationIndex2, &i), STATUS_SUCCESS);
    p.Index = i.Index;
    assert_status(CALL(c, SamrQueryDisplayInformation3, &p), STATUS_MORE_ENTRIES);
    assert_string_equal(test_text(c, p.Buffer.GroupInformation.Buffer[0].AccountName), "group 200");
    assert_status(CALL(c, SamrGetDisplayEnumerationIndex, &j), STATUS_NO_MORE_ENTRIES);
    j.Prefix = test_string(c, "");
    assert_status(CALL(c, SamrGetDisplayEnumerationIndex, &j), STATUS_SUCCESS);
    assert_int_equal(j.Index, 0);
    j.DisplayInformationClass = DomainDisplayMachine;
    assert_status(CALL(c, SamrGetDisplayEnumerationIndex, &j), STATUS_NO_MORE_ENTRIES);
    j.DisplayInformationClass = DomainDisplayOemGroup;
    assert_status(CALL(c, SamrGetDisplayEnumerationIndex, &j), STATUS_INVALID_INFO_CLASS);
}

static void domain_attributes(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE domain = account_domain(c);
    struct SamrQueryInformationDomain2_params q = {.DomainHandle = domain};
    struct SamrQueryInformationDomain_params r = {.DomainHandle = domain, .DomainInformationClass = 2};
    static const int levels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13};

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        q.DomainInformationClass = levels[i];
        assert_status(CALL(c, SamrQueryInformationDomain2, &q), STATUS_SUCCESS);
        assert_non_null(q.Buffer);
    }
    assert_status(CALL(c, SamrQueryInformationDomain, &r), STATUS_SUCCESS);
    assert_int_equal(r.Buffer->General.GroupCount, 1);
    assert_true(r.Buffer->General.UserCount >= 2);
    assert_int_equal(r.Buffer->General.DomainServerRole, DomainServerRolePrimary);
    assert_true(r.Buffer->General.DomainName.Length > 0);
    q.DomainInformationClass = 10;
    assert_status(CALL(c, SamrQueryInformationDomain2, &q), STATUS_INVALID_INFO_CLASS);
    q.DomainHandle = test_open_domain(c, 0, DOMAIN_READ_OTHER_PARAMETERS);
    q.DomainInformationClass = DomainPasswordInformation;
    assert_status(CALL(c, SamrQueryInformationDomain2, &q), STATUS_ACCESS_DENIED);
    q.DomainInformationClass = DomainGeneralInformation2;
    assert_status(CALL(c, SamrQueryInformationDomain2, &q), STATUS_ACCESS_DENIED);
    q.DomainInformationClass = DomainNameInformation;
    assert_status(CALL(c, SamrQueryInformationDomain2, &q), STATUS_SUCCESS);
    struct SamrGetDomainPasswordInformation_params w = {0};
    assert_status(CALL(c, SamrGetDomainPasswordInformation, &w), STATUS_SUCCESS);
}

static void user_attributes(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    struct SamrOpenUser_params u = {
        .DomainHandle = account_domain(c), .DesiredAccess = MAXIMUM, .UserId = 500};
    struct SamrQueryInformationUser2_params q = {0};
    struct SamrQueryInformationUser_params r = {.UserInformationClass = UserGeneralInformation};
    struct SamrGetGroupsForUser_params g = {0};
    struct SamrGetUserDomainPasswordInformation_params w = {0};

    assert_status(CALL(c, SamrOpenUser, &u), STATUS_SUCCESS);
    q.UserHandle = r.UserHandle = g.UserHandle = w.UserHandle = u.UserHandle;
    for (int level = 1; level <= 21; level++) {
        bool served = level != 15 && level != 18 && level != 19;

        q.UserInformationClass = level;
        assert_int_equal(CALL(c, SamrQueryInformationUser2, &q),
                         served ? 0 : (uint32_t)NT_STATUS_INVALID_INFO_CLASS);
        assert_int_equal(q.Buffer != NULL, served);
    }
    assert_string_equal(test_text(c, q.Buffer->All.UserName), "Administrator");
    assert_int_equal(q.Buffer->All.WhichFields, 0x00ffffff);
    assert_int_equal(q.Buffer->All.LogonHours.UnitsPerWeek, 168);
    assert_status(CALL(c, SamrQueryInformationUser, &r), STATUS_SUCCESS);
    assert_int_equal(r.Buffer->General.PrimaryGroupId, 513);
    assert_status(CALL(c, SamrGetGroupsForUser, &g), STATUS_SUCCESS);
    assert_int_equal(g.Groups->MembershipCount, 1);
    assert_int_equal(g.Groups->Groups[0].RelativeId, 513);
    assert_status(CALL(c, SamrGetUserDomainPasswordInformation, &w), STATUS_SUCCESS);
    u.DesiredAccess = USER_READ_LOGON;
    assert_status(CALL(c, SamrOpenUser, &u), STATUS_SUCCESS);
    q.UserHandle = u.UserHandle;
    q.UserInformationClass = UserAllInformation;
    assert_status(CALL(c, SamrQueryInformationUser2, &q), STATUS_SUCCESS);
    assert_int_equal(q.Buffer->All.WhichFields, 0x0003ffc0);
    assert_int_equal(q.Buffer->All.UserName.Length, 0);
    q.UserInformationClass = UserControlInformation;
    assert_status(CALL(c, SamrQueryInformationUser2, &q), STATUS_ACCESS_DENIED);
}

static struct SamrOpenAlias_params open_alias(struct test_client *c, uint32_t rid, uint32_t access)
{
    struct SamrOpenAlias_params p = {
        .DomainHandle = test_open_domain(c, 1, MAXIMUM), .DesiredAccess = access, .AliasId = rid};

    CALL(c, SamrOpenAlias, &p);
    return p;
}

static void members_of_aliases(void **state)
{
    struct fixture *f = *state;
    struct test_client *c = &f->client, other;
    struct SamrOpenAlias_params a = open_alias(c, 544, ALIAS_LIST_MEMBERS);
    struct SamrGetMembersInAlias_params m = {.AliasHandle = a.AliasHandle};

    assert_status(a.Return, STATUS_SUCCESS);
    assert_status(CALL(c, SamrGetMembersInAlias, &m), STATUS_SUCCESS);
    assert_int_equal(m.Members.Count, 1);
    assert_int_equal(m.Members.Sids[0].SidPointer->SubAuthorityCount, 5);
    assert_int_equal(m.Members.Sids[0].SidPointer->SubAuthority[4], 500);
    m.AliasHandle = open_alias(c, 550, ALIAS_LIST_MEMBERS).AliasHandle; /* nobody */
    assert_status(CALL(c, SamrGetMembersInAlias, &m), STATUS_SUCCESS);
    assert_int_equal(m.Members.Count, 0);
    m.AliasHandle = open_alias(c, 544, 8).AliasHandle;
    assert_status(CALL(c, SamrGetMembersInAlias, &m), STATUS_ACCESS_DENIED);
    assert_status(open_alias(c, 4711, ALIAS_LIST_MEMBERS).Return, STATUS_NO_SUCH_ALIAS);
    test_connect_as(&other, &f->server, false, false); /* 2.2.1.6: everybody may list members */
    m.AliasHandle = open_alias(&other, 544, ALIAS_LIST_MEMBERS).AliasHandle;
    assert_status(CALL(&other, SamrGetMembersInAlias, &m), STATUS_SUCCESS);
    test_disconnect(&other);
}

static void memberships_in_aliases(void **state)
{
    struct test_client *c = &((struct fixture *)*state)->client;
    SAMPR_HANDLE account = account_domain(c);
    struct SamrRidToSid_params admin = {.ObjectHandle = account, .Rid = 500},
                               guest = {.ObjectHandle = account, .Rid = 501},
                               nobody = {.ObjectHandle = account, .Rid = 4711};
    struct SamrGetAliasMembership_params p = {.DomainHandle = test_open_domain(c, 1, MAXIMUM)};
    SAMPR_SID_INFORMATION sids[3];

    assert_status(CALL(c, SamrRidToSid, &admin), STATUS_SUCCESS);
    assert_status(CALL(c, SamrRidToSid, &guest), STATUS_SUCCESS);
    assert_status(CALL(c, SamrRidToSid, &nobody), STATUS_SUCCESS);
    sids[0].SidPointer = nobody.Sid;
    sids[1].SidPointer = guest.Sid;
    sids[2].SidPointer = admin.Sid;
    p.SidArray = (SAMPR_PSID_ARRAY){3, sids};
    assert_status(CALL(c, SamrGetAliasMembership, &p), STATUS_SUCCESS);
    assert_int_equal(p.Membership.Count, 2);
    assert_memory_equal(p.Membership.Element, ((uint32_t[]){544, 546}), 8);
    p.SidArray.Count = 1;
    assert_status(CALL(c, SamrGetAliasMembership, &p), STATUS_SUCCESS);
    assert_int_equal(p.Membership.Count, 0);
    p.SidArray.Count = 0;
    assert_status(CALL(c, SamrGetAliasMembership, &p), STATUS_SUCCESS);
    sids[0].SidPointer = NULL;
    p.SidArray.Count = 1;
    assert_status(CALL(c, SamrGetAliasMembership, &p), STATUS_INVALID_PARAMETER);
    p.SidArray.Count = 0;
    p.DomainHandle = test_open_domain(c, 1, DOMAIN_LOOKUP);
    assert_status(CALL(c, SamrGetAliasMembership, &p), STATUS_ACCESS_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(creates_groups),
        TEST(a_length_without_text_is_refused),
        TEST(group_attributes),
        TEST(group_members),
        TEST(deletes_groups),
        TEST(a_group_may_go_while_it_is_open),
        TEST(looks_up_names_and_rids),
        TEST(takes_up_to_a_thousand),
        TEST(length_of_a_request_is_bounded),
        TEST(enumerates_in_pages),
        TEST(enumerates_users_by_their_control),
        TEST(displays_by_name_in_pages),
        TEST(displays_every_class),
        TEST(finds_where_a_listing_starts),
        TEST(domain_attributes),
        TEST(user_attributes),
        TEST(members_of_aliases),
        TEST(memberships_in_aliases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
