/* SPDX-License-Identifier: MIT */
/*
 * Clients that come over the network: the accounts that they authenticate as, and what these may do.
 *
 * Invariant: a client is barred until its identity is known from a completed authentication. A name that does
 * not exist, a user without a password and a wrong password are told apart nowhere outside.
 *
 * Who comes with Kerberos is what the domain says in the PAC, SIDs, and never an account of ours, whatever
 * the principal is called: "administrator" of some realm is not our Administrator. [MS-SAMR] 3.1.1.11 (who
 * may connect), [MS-NLMP] 3.2.5.1.2, [MS-KILE] 3.4.5.3.
 */
#include <errno.h>
#include <string.h>

#include "base/utf16.h"
#include "server/pac_sids.h"
#include "server/server.h"

static int condition_of(const struct sam_credentials *c)
{
    if (c->control & SAM_USER_DISABLED)
        return AUTH_E_ACCOUNT_DISABLED;
    return c->control & SAM_USER_LOCKED ? AUTH_E_ACCOUNT_LOCKED : 0;
}

/* Accounts are ours whatever domain the client names, as on a Windows machine without a domain. */
static int find_account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    struct server *s = data;
    struct sam_credentials c;
    struct sam_text name = {.chars = user, .count = utf16_len(user)};
    struct nt_status status = sam_user_credentials(s->sam, name, &c);

    (void)domain;
    if (nt_is(status, NT_STATUS_NO_SUCH_USER) || nt_is(status, NT_STATUS_WRONG_PASSWORD))
        return AUTH_E_NO_SUCH_USER;
    if (!nt_success(status))
        return nt_is(status, NT_STATUS_NO_MEMORY) ? -ENOMEM : -EIO;
    memcpy(out->nt_hash, c.nt_hash, sizeof(out->nt_hash));
    out->condition = condition_of(&c);
    out->id = c.rid;
    explicit_bzero(&c, sizeof(c));
    return 0;
}

/* Without a key every client would be refused, which is better said at once. */
static int try_keytab(struct server *s)
{
    const struct auth_options options = {
        .type = AUTH_TYPE_KERBEROS, .level = AUTH_LEVEL_PRIVACY, .dce_style = true};
    struct auth *context;
    int r = auth_acceptor_context(&context, s->acceptor, &options);

    if (!r)
        auth_free(context);
    return r;
}

struct nt_status server_accept_remote(struct server *s, const struct server_remote *remote, int *why)
{
    struct sam_domain_info info;
    struct nt_status status = sam_domain_get(s->sam, SAM_ACCOUNT, &s->arena, &info);
    uint16_t *name = nt_success(status) ? utf16_dup(&s->arena, info.name.chars, info.name.count) : NULL;
    struct auth_acceptor_config config = {.mechanisms =
                                              remote->keytab ? AUTH_NTLM | AUTH_KERBEROS : AUTH_NTLM,
                                          .account = find_account,
                                          .data = s,
                                          .computer = name,
                                          .domain = name,
                                          .keytab = remote->keytab};
    int r = 0;

    if (why)
        *why = 0;
    s->remote = *remote;
    s->remote.keytab = NULL; /* the acceptor has a copy */
    if (nt_success(status))
        r = name ? auth_acceptor_new(&s->acceptor, &config) : -ENOMEM;
    if (nt_success(status) && !r && remote->keytab) {
        r = try_keytab(s);
        if (why)
            *why = r;
    }
    if (r)
        status = auth_nt_status(r);
    arena_reset(&s->arena);
    return status;
}

static struct nt_status is_member(struct server *s, uint32_t rid, bool *member)
{
    struct sam_sid sid = s->sids[SAM_ACCOUNT];

    sid.sub[sid.count++] = rid;
    return sam_alias_has_member(s->sam, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &sid, member);
}

/* Itself, or through a group. */
static struct nt_status is_administrator(struct server *s, uint32_t rid, bool *out)
{
    struct sam_member *groups;
    size_t count = 0;
    struct nt_status status = is_member(s, rid, out);

    *out |= rid == SAM_RID_ADMINISTRATOR;
    if (nt_success(status) && !*out)
        status = sam_user_groups(s->sam, rid, &s->arena, &groups, &count);
    for (size_t i = 0; i < count && nt_success(status) && !*out; i++)
        status = is_member(s, groups[i].rid, out);
    arena_reset(&s->arena);
    return status;
}

/* A SID of our own domain is not a foreign domain's to give. */
static bool is_ours(const struct server *s, const struct sam_sid *sid)
{
    const struct sam_sid *domain = &s->sids[SAM_ACCOUNT];

    return sid->count > domain->count && sid->revision == domain->revision &&
           memcmp(sid->authority, domain->authority, sizeof(sid->authority)) == 0 &&
           memcmp(sid->sub, domain->sub, domain->count * sizeof(sid->sub[0])) == 0;
}

/* By the PAC's SIDs. Without a PAC nobody has said what the client is: it has a ticket, and no more. */
static struct nt_status is_domain_administrator(struct server *s, const struct auth_peer *peer, bool *out)
{
    struct sam_sid *sids;
    size_t count;
    struct nt_status status;

    *out = false;
    if (!peer->validation_info)
        return NT(STATUS_SUCCESS);
    status = pac_sids(peer->validation_info, peer->validation_info_len, &s->arena, &sids, &count);
    for (size_t i = 0; i < count && nt_success(status) && !*out; i++)
        if (!is_ours(s, &sids[i]))
            status = sam_alias_has_member(s->sam, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &sids[i], out);
    arena_reset(&s->arena);
    return status;
}

struct nt_status remote_identify(struct server *s, const struct auth_peer *peer, struct caller *out)
{
    struct nt_status status = NT(STATUS_ACCESS_DENIED);

    *out = (struct caller){.barred = true};
    if (peer && peer->authenticated && !peer->anonymous && peer->mechanism == AUTH_TYPE_KERBEROS)
        status = is_domain_administrator(s, peer, &out->administrator);
    else if (peer && peer->authenticated && !peer->anonymous)
        status = is_administrator(s, (uint32_t)peer->account, &out->administrator);
    if (!nt_success(status))
        out->administrator = false;
    else
        out->barred = !out->administrator && !s->remote.everyone;
    return status;
}
