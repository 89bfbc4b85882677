/* SPDX-License-Identifier: MIT */
/*
 * Names to RIDs and back, and enumerations by RID. [MS-SAMR] 3.1.5.2.2 - 3.1.5.2.5, 3.1.5.11.2, 3.1.5.11.3.
 *
 * The cookie of an enumeration is the RID of the last account returned: the server keeps nothing, every page
 * costs the same, and an account that exists throughout is returned exactly once.
 */
#include "server/samr_procedures.h"

#define ENTRY_LEN 12 /* of a SAMPR_RID_ENUMERATION on the wire (NDR20), without its text */

/* Bits of SamrEnumerateUsersInDomain's filter that are no attributes of a stored account (2.2.1.12). */
#define USER_ACCOUNT_AUTO_LOCKED 0x00000400u
#define USER_PASSWORD_EXPIRED 0x00020000u

static uint32_t use_of(enum sam_kind kind)
{
    return kind == SAM_USER ? SidTypeUser : kind == SAM_GROUP ? SidTypeGroup : SidTypeAlias;
}

static struct nt_status mapped_status(uint32_t mapped, uint32_t count)
{
    return mapped == count ? NT(STATUS_SUCCESS)
           : mapped        ? NT(STATUS_SOME_NOT_MAPPED)
                           : NT(STATUS_NONE_MAPPED);
}

struct nt_status serve_SamrLookupNamesInDomain(struct call *c, struct SamrLookupNamesInDomain_params *p)
{
    uint32_t *rids = arena_array(c->arena, p->Count, sizeof(*rids), 4);
    uint32_t *uses = arena_array(c->arena, p->Count, sizeof(*uses), 4);
    uint32_t mapped = 0;

    if (!rids || !uses)
        return NT(STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < p->Count; i++) {
        struct sam_account account;
        struct nt_status status = NT(STATUS_NONE_MAPPED);
        struct sam_text name;

        if (!samr_text(&p->Names[i], &name))
            return NT(STATUS_INVALID_PARAMETER);
        if (name.count)
            status = sam_lookup_name(c->sam, c->context->domain, name, c->arena, &account);
        if (!nt_success(status) && !nt_is(status, NT_STATUS_NONE_MAPPED))
            return status;
        rids[i] = nt_success(status) ? account.rid : 0;
        uses[i] = nt_success(status) ? use_of(account.kind) : SidTypeUnknown;
        mapped += nt_success(status);
    }
    p->RelativeIds = (SAMPR_ULONG_ARRAY){.Count = p->Count, .Element = rids};
    p->Use = (SAMPR_ULONG_ARRAY){.Count = p->Count, .Element = uses};
    return mapped_status(mapped, p->Count);
}

struct nt_status serve_SamrLookupIdsInDomain(struct call *c, struct SamrLookupIdsInDomain_params *p)
{
    RPC_UNICODE_STRING *names = arena_array(c->arena, p->Count, sizeof(*names), 8);
    uint32_t *uses = arena_array(c->arena, p->Count, sizeof(*uses), 4);
    uint32_t mapped = 0;

    if (!names || !uses)
        return NT(STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < p->Count; i++) {
        struct sam_account account;
        struct nt_status status =
            sam_lookup_rid(c->sam, c->context->domain, p->RelativeIds[i], c->arena, &account);

        if (!nt_success(status) && !nt_is(status, NT_STATUS_NONE_MAPPED))
            return status;
        if (nt_success(status))
            names[i] = samr_string(account.name);
        uses[i] = nt_success(status) ? use_of(account.kind) : SidTypeUnknown;
        mapped += nt_success(status);
    }
    p->Names = (SAMPR_RETURNED_USTRING_ARRAY){.Count = p->Count, .Element = names};
    p->Use = (SAMPR_ULONG_ARRAY){.Count = p->Count, .Element = uses};
    return mapped_status(mapped, p->Count);
}

struct enumeration {
    enum sam_kind kind;
    uint32_t control; /* all of these bits must be in a user's */
    uint32_t max_len; /* of the entries */
    uint32_t *cookie, *count;
    SAMPR_ENUMERATION_BUFFER **out;
};

/* Rows of the cursor up to the length asked for, but at least one. */
static struct nt_status fill(struct call *c, const struct enumeration *e, struct sam_cursor *cursor,
                             struct samr_list *list)
{
    size_t len = 0, max_len = e->max_len < SERVER_PAGE_LEN ? e->max_len : SERVER_PAGE_LEN;

    for (;;) {
        SAMPR_RID_ENUMERATION *entry;
        struct sam_row row;
        struct nt_status status = sam_cursor_next(cursor, &row);

        if (nt_is(status, NT_STATUS_NO_MORE_ENTRIES))
            return NT(STATUS_SUCCESS);
        if (!nt_success(status))
            return status;
        if (e->control & ~row.attributes)
            continue;
        len += ENTRY_LEN + 2 * row.name.count;
        if (list->count && len > max_len)
            return NT(STATUS_MORE_ENTRIES);
        entry = samr_append(c, list, sizeof(*entry));
        if (!entry || !samr_string_dup(c, row.name, &entry->Name))
            return NT(STATUS_NO_MEMORY);
        entry->RelativeId = row.rid;
    }
}

static struct nt_status enumerate(struct call *c, const struct enumeration *e)
{
    SAMPR_ENUMERATION_BUFFER *b = arena_alloc(c->arena, sizeof(*b), 8);
    struct samr_list list = {0};
    struct sam_cursor *cursor;
    struct nt_status status;

    if (!b)
        return NT(STATUS_NO_MEMORY);
    status = sam_enumerate(c->sam, c->context->domain, e->kind, *e->cookie, &cursor);
    if (!nt_success(status))
        return status;
    status = fill(c, e, cursor, &list);
    sam_cursor_close(cursor);
    if (!nt_success(status))
        return status;
    *b = (SAMPR_ENUMERATION_BUFFER){.EntriesRead = list.count, .Buffer = list.items};
    *e->out = b;
    *e->count = b->EntriesRead;
    if (b->EntriesRead)
        *e->cookie = b->Buffer[b->EntriesRead - 1].RelativeId;
    return status;
}

struct nt_status serve_SamrEnumerateGroupsInDomain(struct call *c,
                                                   struct SamrEnumerateGroupsInDomain_params *p)
{
    return enumerate(c, &(struct enumeration){.kind = SAM_GROUP,
                                              .max_len = p->PreferedMaximumLength,
                                              .cookie = &p->EnumerationContext,
                                              .count = &p->CountReturned,
                                              .out = &p->Buffer});
}

struct nt_status serve_SamrEnumerateAliasesInDomain(struct call *c,
                                                    struct SamrEnumerateAliasesInDomain_params *p)
{
    return enumerate(c, &(struct enumeration){.kind = SAM_ALIAS,
                                              .max_len = p->PreferedMaximumLength,
                                              .cookie = &p->EnumerationContext,
                                              .count = &p->CountReturned,
                                              .out = &p->Buffer});
}

struct nt_status serve_SamrEnumerateUsersInDomain(struct call *c, struct SamrEnumerateUsersInDomain_params *p)
{
    uint32_t control = p->UserAccountControl & ~(USER_ACCOUNT_AUTO_LOCKED | USER_PASSWORD_EXPIRED);

    return enumerate(c, &(struct enumeration){.kind = SAM_USER,
                                              .control = control,
                                              .max_len = p->PreferedMaximumLength,
                                              .cookie = &p->EnumerationContext,
                                              .count = &p->CountReturned,
                                              .out = &p->Buffer});
}
