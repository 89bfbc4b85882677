/* SPDX-License-Identifier: MIT */
/*
 * Display information: accounts with their comments, by name. [MS-SAMR] 3.1.5.3.
 *
 * The cookie (Index, in each entry and to continue with) is the RID of the last account returned; the
 * database continues behind it in the order of names, whether it still exists or not. So every page costs the
 * same, and an account that exists throughout is returned exactly once.
 */
#include "server/samr_procedures.h"

#define USER_NORMAL_ACCOUNT 0x00000010u /* 2.2.1.12 */
#define USER_WORKSTATION_TRUST_ACCOUNT 0x00000080u
#define USER_SERVER_TRUST_ACCOUNT 0x00000100u

/* One class of display information: which accounts, and how one is put into an entry. */
struct class
{
    enum sam_kind kind;
    uint32_t control;   /* users: one of these bits */
    uint16_t entry_len; /* in memory */
    uint16_t wire_len;  /* of an entry without its text (NDR20) */
    uint8_t texts;      /* of name, comment, full name: how many stand in an entry */
    uint8_t width;      /* bytes a character; 1: OEM code page */
    bool (*put)(struct call *c, const struct sam_row *row, void *entry);
};

static bool put_user(struct call *c, const struct sam_row *row, void *entry)
{
    SAMPR_DOMAIN_DISPLAY_USER *e = entry;

    e->Index = e->Rid = row->rid;
    e->AccountControl = row->attributes;
    return samr_string_dup(c, row->name, &e->AccountName) &&
           samr_string_dup(c, row->comment, &e->AdminComment) &&
           samr_string_dup(c, row->full_name, &e->FullName);
}

static bool put_machine(struct call *c, const struct sam_row *row, void *entry)
{
    SAMPR_DOMAIN_DISPLAY_MACHINE *e = entry;

    e->Index = e->Rid = row->rid;
    e->AccountControl = row->attributes;
    return samr_string_dup(c, row->name, &e->AccountName) &&
           samr_string_dup(c, row->comment, &e->AdminComment);
}

static bool put_group(struct call *c, const struct sam_row *row, void *entry)
{
    SAMPR_DOMAIN_DISPLAY_GROUP *e = entry;

    e->Index = e->Rid = row->rid;
    e->Attributes = row->attributes;
    return samr_string_dup(c, row->name, &e->AccountName) &&
           samr_string_dup(c, row->comment, &e->AdminComment);
}

/* ASCII is common to all OEM code pages; what lies outside has no place in one that the client may not have.
 */
static bool put_oem(struct call *c, const struct sam_row *row, void *entry)
{
    SAMPR_DOMAIN_DISPLAY_OEM_USER *e = entry;
    uint8_t *text = arena_alloc(c->arena, row->name.count, 1);

    if (!text)
        return false;
    for (size_t i = 0; i < row->name.count; i++)
        text[i] = (uint8_t)(row->name.chars[i] < 0x80 ? row->name.chars[i] : '?');
    e->Index = row->rid;
    e->OemAccountName = (RPC_STRING){.Length = (uint16_t)row->name.count,
                                     .MaximumLength = (uint16_t)row->name.count,
                                     .Buffer = (void *)text};
    return true;
}

_Static_assert(sizeof(SAMPR_DOMAIN_DISPLAY_OEM_USER) == sizeof(SAMPR_DOMAIN_DISPLAY_OEM_GROUP),
               "one function puts both");

#define TRUST_ACCOUNT (USER_WORKSTATION_TRUST_ACCOUNT | USER_SERVER_TRUST_ACCOUNT)

static const struct class classes[] = {
    [DomainDisplayUser] = {SAM_USER, USER_NORMAL_ACCOUNT, sizeof(SAMPR_DOMAIN_DISPLAY_USER), 36, 3, 2,
                           put_user},
    [DomainDisplayMachine] = {SAM_USER, TRUST_ACCOUNT, sizeof(SAMPR_DOMAIN_DISPLAY_MACHINE), 28, 2, 2,
                              put_machine},
    [DomainDisplayGroup] = {SAM_GROUP, 0, sizeof(SAMPR_DOMAIN_DISPLAY_GROUP), 28, 2, 2, put_group},
    [DomainDisplayOemUser] = {SAM_USER, USER_NORMAL_ACCOUNT, sizeof(SAMPR_DOMAIN_DISPLAY_OEM_USER), 12, 1, 1,
                              put_oem},
    [DomainDisplayOemGroup] = {SAM_GROUP, 0, sizeof(SAMPR_DOMAIN_DISPLAY_OEM_GROUP), 12, 1, 1, put_oem},
};

static const struct class *class_of(int32_t level)
{
    return level >= DomainDisplayUser && level <= DomainDisplayOemGroup ? &classes[level] : NULL;
}

static bool belongs(const struct class *class, const struct sam_row *row)
{
    return !class->control || (class->control & row->attributes);
}

static size_t entry_len(const struct class *class, const struct sam_row *row)
{
    size_t len = class->wire_len + class->width * row->name.count;

    if (class->texts > 1)
        len += 2 * row->comment.count;
    if (class->texts > 2)
        len += 2 * row->full_name.count;
    return len;
}

struct display {
    const struct class *class;
    uint32_t max_count;
    size_t max_len, len; /* wanted; so far */
    struct samr_list list;
};

/* Rows of the cursor up to the length and the number asked for, but at least one. */
static struct nt_status fill(struct call *c, struct sam_cursor *cursor, struct display *d)
{
    for (;;) {
        struct sam_row row;
        struct nt_status status = sam_cursor_next(cursor, &row);
        size_t len;
        void *entry;

        if (nt_is(status, NT_STATUS_NO_MORE_ENTRIES))
            return NT(STATUS_SUCCESS);
        if (!nt_success(status))
            return status;
        if (!belongs(d->class, &row))
            continue;
        len = entry_len(d->class, &row);
        if (d->list.count >= d->max_count || (d->list.count && d->len + len > d->max_len))
            return NT(STATUS_MORE_ENTRIES);
        entry = samr_append(c, &d->list, d->class->entry_len);
        if (!entry || !d->class->put(c, &row, entry))
            return NT(STATUS_NO_MEMORY);
        d->len += len;
    }
}

/* Bytes of the whole listing: the database keeps the sum of the texts. */
static struct nt_status total(struct call *c, const struct class *class, enum sam_domain domain,
                              uint32_t *bytes)
{
    uint32_t count;
    uint64_t text, sum;
    struct nt_status status = sam_display_totals(c->sam, domain, class->kind, &count, &text);

    if (!nt_success(status))
        return status;
    sum = text + (uint64_t)count * class->wire_len;
    *bytes = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
    return status;
}

static void store(int32_t level, const struct samr_list *list, SAMPR_DISPLAY_INFO_BUFFER *out)
{
    switch (level) {
    case DomainDisplayUser:
        out->UserInformation =
            (SAMPR_DOMAIN_DISPLAY_USER_BUFFER){.EntriesRead = list->count, .Buffer = list->items};
        break;
    case DomainDisplayMachine:
        out->MachineInformation =
            (SAMPR_DOMAIN_DISPLAY_MACHINE_BUFFER){.EntriesRead = list->count, .Buffer = list->items};
        break;
    case DomainDisplayGroup:
        out->GroupInformation =
            (SAMPR_DOMAIN_DISPLAY_GROUP_BUFFER){.EntriesRead = list->count, .Buffer = list->items};
        break;
    case DomainDisplayOemUser:
        out->OemUserInformation =
            (SAMPR_DOMAIN_DISPLAY_OEM_USER_BUFFER){.EntriesRead = list->count, .Buffer = list->items};
        break;
    default:
        out->OemGroupInformation =
            (SAMPR_DOMAIN_DISPLAY_OEM_GROUP_BUFFER){.EntriesRead = list->count, .Buffer = list->items};
        break;
    }
}

/* SamrQueryDisplayInformation3 and its elder brothers, whose parameters are the same. The OEM classes list
 * the accounts of both domains; BUILTIN has neither users nor groups. */
static struct nt_status query(struct call *c, struct SamrQueryDisplayInformation3_params *p)
{
    const struct class *class = class_of(p->DisplayInformationClass);
    struct display d = {.class = class, .max_count = p->EntryCount};
    enum sam_domain domain;
    struct sam_cursor *cursor;
    struct nt_status status;

    if (!class) { /* the reply's union has no arm for it */
        c->fault = (struct rpc_fault){FAULT_INVALID_TAG};
        return NT(STATUS_INVALID_INFO_CLASS);
    }
    domain = class->width == 1 ? SAM_ACCOUNT : c->context->domain;
    d.max_len = p->PreferredMaximumLength < SERVER_PAGE_LEN ? p->PreferredMaximumLength : SERVER_PAGE_LEN;
    status = sam_display(c->sam, domain, class->kind, p->Index, &cursor);
    if (!nt_success(status))
        return status;
    status = fill(c, cursor, &d);
    sam_cursor_close(cursor);
    if (nt_success(status) && class->width == 2) {
        struct nt_status counted = total(c, class, domain, &p->TotalAvailable);

        if (!nt_success(counted))
            status = counted;
    }
    if (!nt_success(status))
        return status;
    p->TotalReturned = (uint32_t)d.len;
    store(p->DisplayInformationClass, &d.list, &p->Buffer);
    return status;
}

struct nt_status serve_SamrQueryDisplayInformation3(struct call *c,
                                                    struct SamrQueryDisplayInformation3_params *p)
{
    return query(c, p);
}

#define AS_QUERY_3(name)                                                   \
    struct nt_status serve_##name(struct call *c, struct name##_params *p) \
    {                                                                      \
        struct SamrQueryDisplayInformation3_params q = {                   \
            .DisplayInformationClass = p->DisplayInformationClass,         \
            .Index = p->Index,                                             \
            .EntryCount = p->EntryCount,                                   \
            .PreferredMaximumLength = p->PreferredMaximumLength,           \
        };                                                                 \
        struct nt_status status = query(c, &q);                            \
                                                                           \
        p->TotalAvailable = q.TotalAvailable;                              \
        p->TotalReturned = q.TotalReturned;                                \
        p->Buffer = q.Buffer;                                              \
        return status;                                                     \
    }
AS_QUERY_3(SamrQueryDisplayInformation)
AS_QUERY_3(SamrQueryDisplayInformation2)

/* The cookie with which a listing starts at the first name that is not less than the prefix. */
static struct nt_status find(struct call *c, int32_t level, const RPC_UNICODE_STRING *prefix, uint32_t *index)
{
    const struct class *class = class_of(level);
    struct sam_cursor *cursor;
    struct sam_text text;
    struct nt_status status;

    if (!class || class->width != 2)
        return NT(STATUS_INVALID_INFO_CLASS);
    if (!samr_text(prefix, &text))
        return NT(STATUS_INVALID_PARAMETER);
    status = sam_display_find(c->sam, c->context->domain, class->kind, text, index);
    if (!nt_success(status))
        return status;
    status = sam_display(c->sam, c->context->domain, class->kind, *index, &cursor);
    if (!nt_success(status))
        return status;
    for (struct sam_row row; nt_success(status);) { /* there may be users, but none of this class */
        status = sam_cursor_next(cursor, &row);
        if (nt_success(status) && belongs(class, &row))
            break;
    }
    sam_cursor_close(cursor);
    return status;
}

struct nt_status serve_SamrGetDisplayEnumerationIndex(struct call *c,
                                                      struct SamrGetDisplayEnumerationIndex_params *p)
{
    return find(c, p->DisplayInformationClass, &p->Prefix, &p->Index);
}

struct nt_status serve_SamrGetDisplayEnumerationIndex2(struct call *c,
                                                       struct SamrGetDisplayEnumerationIndex2_params *p)
{
    return find(c, p->DisplayInformationClass, &p->Prefix, &p->Index);
}
