/* SPDX-License-Identifier: MIT */
/*
 * SAMR calls with everything forced: see wire.h. [MS-SAMR] 3.1.5.
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAXIMUM_ALLOWED 0x02000000u
#define CALL_MEMORY ((size_t)64 << 20)
#define DISPLAY_GROUP 3
#define STATUS_MORE 0x105
#define STATUS_NONE 0xC0000073u

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        fail_msg("%s is not set: run me through tests/samba/world.sh", name);
    return value;
}

struct wire_login wire_login_files(void)
{
    return (struct wire_login){.address = setting("SAMBA_FILES_ADDRESS"),
                               .server = "files",
                               .user = "admin",
                               .password = setting("SAMBA_PASSWORD"),
                               .any_signing = true};
}

struct wire_login wire_login_dc(void)
{
    return (struct wire_login){.address = setting("SAMBA_DC_ADDRESS"),
                               .server = setting("SAMBA_DC_NAME"),
                               .user = "Administrator",
                               .domain = "WORLD",
                               .password = setting("SAMBA_PASSWORD"),
                               .any_signing = true};
}

static struct auth *make_auth(const struct wire_login *login)
{
    struct auth_credentials *credentials;
    struct auth_client_config config = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT},
                                        .mechanisms = login->mechanisms};
    char target[256];
    struct auth *auth;

    assert_int_equal(auth_credentials_new(&credentials), 0);
    if (login->user)
        assert_int_equal(auth_credentials_set_name_utf8(credentials, login->user, login->domain), 0);
    if (login->password)
        assert_int_equal(auth_credentials_set_password_utf8(credentials, login->password), 0);
    if (login->ccache)
        assert_int_equal(auth_credentials_set_ccache(credentials, login->ccache), 0);
    snprintf(target, sizeof(target), "cifs/%s", login->server);
    config.credentials = credentials;
    config.target = target;
    assert_int_equal(auth_client_new(&auth, &config), 0);
    auth_credentials_unref(credentials);
    return auth;
}

int wire_open(struct wire *w, const struct wire_login *login)
{
    struct auth *auth = make_auth(login);
    struct smb_config config = {.server = login->server,
                                .auth = auth,
                                .encryption = login->encryption,
                                .min_dialect = login->dialect,
                                .max_dialect = login->dialect,
                                .ciphers = login->cipher ? SMB_CIPHER_SET(login->cipher) : 0,
                                .signings = login->any_signing ? 0 : SMB_SIGNING_SET(login->signing)};
    struct transport *pipe;
    int r;

    *w = (struct wire){.deadline =
                           transport_now() + (int64_t)(login->seconds ? login->seconds : 20) * 1000000000};
    arena_init(&w->arena, CALL_MEMORY);
    r = pipe_session_open(&w->session, login->address, 0, &config, w->deadline, &w->why);
    auth_free(auth);
    if (r == 0)
        r = transport_pipe_begin(&pipe, w->session, "samr");
    if (r == 0 && channel_open(&w->channel, pipe, &samr_interface, false, w->deadline).v) {
        w->why = pipe_session_opening(w->session)->why;
        r = pipe_session_opening(w->session)->error;
        r = r ? r : -EPROTO;
    }
    return r;
}

void wire_close(struct wire *w)
{
    channel_close(w->channel);
    pipe_session_close(w->session);
    arena_deinit(&w->arena);
}

/* CALL(w, SamrX, &p): runtime status; *result from the parameters */
#define CALL(w, name, p) channel_call((w)->channel, name##_opnum, (p), &(w)->arena, (w)->deadline)

struct net_status wire_domain(struct wire *w, int32_t *result)
{
    struct SamrConnect5_params c = {
        .DesiredAccess = MAXIMUM_ALLOWED, .InVersion = 1, .InRevisionInfo.V1.Revision = 3};
    struct SamrEnumerateDomainsInSamServer_params e = {.PreferedMaximumLength = UINT32_MAX};
    struct SamrLookupDomainInSamServer_params l = {0};
    struct SamrOpenDomain_params o = {.DesiredAccess = MAXIMUM_ALLOWED};
    struct net_status status = CALL(w, SamrConnect5, &c);

    *result = c.Return;
    if (status.v || *result)
        return status;
    w->server = e.ServerHandle = l.ServerHandle = o.ServerHandle = c.ServerHandle;
    status = CALL(w, SamrEnumerateDomainsInSamServer, &e);
    *result = e.Return;
    if (status.v || *result)
        return status;
    for (uint32_t i = 0; e.Buffer && i < e.Buffer->EntriesRead; i++)
        if (e.Buffer->Buffer[i].Name.Length != 14) /* Builtin */
            l.Name = e.Buffer->Buffer[i].Name;
    status = CALL(w, SamrLookupDomainInSamServer, &l);
    *result = l.Return;
    if (status.v || *result)
        return status;
    o.DomainId = l.DomainId;
    status = CALL(w, SamrOpenDomain, &o);
    *result = o.Return;
    w->domain = o.DomainHandle;
    return status;
}

static RPC_UNICODE_STRING string(const uint16_t *name)
{
    size_t count = 0;

    while (name[count])
        count++;
    return (RPC_UNICODE_STRING){(uint16_t)(2 * count), (uint16_t)(2 * count), (uint16_t *)name};
}

static bool equal(const RPC_UNICODE_STRING *a, const uint16_t *name)
{
    RPC_UNICODE_STRING b = string(name);

    return a->Length == b.Length && (!b.Length || memcmp(a->Buffer, b.Buffer, b.Length) == 0);
}

struct net_status wire_group_add(struct wire *w, const uint16_t *name, struct ndr_context_handle *group,
                                 uint32_t *rid, int32_t *result)
{
    struct SamrCreateGroupInDomain_params p = {
        .DomainHandle = w->domain, .Name = string(name), .DesiredAccess = MAXIMUM_ALLOWED};
    struct net_status status = CALL(w, SamrCreateGroupInDomain, &p);

    *group = p.GroupHandle;
    *rid = p.RelativeId;
    *result = p.Return;
    return status;
}

struct net_status wire_find(struct wire *w, const uint16_t *name, uint32_t *rid, int32_t *result)
{
    RPC_UNICODE_STRING names[] = {string(name)};
    struct SamrLookupNamesInDomain_params p = {.DomainHandle = w->domain, .Count = 1, .Names = names};
    struct net_status status = CALL(w, SamrLookupNamesInDomain, &p);

    *result = p.Return;
    *rid = p.Return == 0 && p.RelativeIds.Count == 1 ? p.RelativeIds.Element[0] : 0;
    if (*result == (int32_t)STATUS_NONE)
        *result = 0;
    return status;
}

struct net_status wire_group_count(struct wire *w, const uint16_t *name, uint32_t rid, uint32_t page,
                                   unsigned *count, int32_t *result)
{
    uint32_t index = 0;
    struct net_status status;

    *count = 0;
    do {
        struct SamrQueryDisplayInformation3_params p = {.DomainHandle = w->domain,
                                                        .DisplayInformationClass = DISPLAY_GROUP,
                                                        .Index = index,
                                                        .EntryCount = UINT32_MAX,
                                                        .PreferredMaximumLength = page};
        uint32_t read;

        status = CALL(w, SamrQueryDisplayInformation3, &p);
        *result = p.Return;
        if (status.v || *result < 0)
            return status;
        read = p.Buffer.GroupInformation.EntriesRead;
        for (uint32_t i = 0; i < read; i++) {
            const SAMPR_DOMAIN_DISPLAY_GROUP *g = &p.Buffer.GroupInformation.Buffer[i];

            *count += equal(&g->AccountName, name) && g->Rid == rid;
        }
        index += read;
        if (read == 0)
            break;
    } while (*result == STATUS_MORE);
    *result = 0;
    return status;
}

struct net_status wire_group_delete(struct wire *w, struct ndr_context_handle *group, int32_t *result)
{
    struct SamrDeleteGroup_params p = {.GroupHandle = *group};
    struct net_status status = CALL(w, SamrDeleteGroup, &p);

    *result = p.Return;
    return status;
}

struct net_status wire_users(struct wire *w, const uint16_t *name, unsigned *count, bool *found,
                             int32_t *result)
{
    struct SamrEnumerateUsersInDomain_params p = {.DomainHandle = w->domain, .PreferedMaximumLength = 100};
    struct net_status status;

    *count = 0;
    *found = false;
    do {
        status = CALL(w, SamrEnumerateUsersInDomain, &p);
        *result = p.Return;
        if (status.v || *result < 0)
            return status;
        for (uint32_t i = 0; p.Buffer && i < p.Buffer->EntriesRead; i++, ++*count)
            *found = *found || equal(&p.Buffer->Buffer[i].Name, name);
    } while (*result == STATUS_MORE);
    return status;
}

void wire_prove(struct wire *w, const uint16_t *name)
{
    struct ndr_context_handle group;
    uint32_t rid = 0;
    int32_t result = -1;
    unsigned count = 0;
    bool found;

    assert_int_equal(wire_domain(w, &result).v, 0);
    assert_int_equal(result, 0);
    assert_int_equal(wire_group_add(w, name, &group, &rid, &result).v, 0);
    assert_int_equal(result, 0);
    assert_int_equal(wire_group_count(w, name, rid, 65535, &count, &result).v, 0);
    assert_int_equal(result, 0);
    assert_int_equal(count, 1);
    assert_int_equal(wire_users(w, u"alice", &count, &found, &result).v, 0);
    assert_int_equal(result, 0);
    assert_true(count >= 8 && found);
    assert_int_equal(wire_group_delete(w, &group, &result).v, 0);
    assert_int_equal(result, 0);
}
