/* SPDX-License-Identifier: MIT */
/*
 * The rules of the account database ([MS-SAMR] 3.1.1, 3.1.5): transactions, RIDs and names of accounts,
 * groups.
 *
 * Invariant: a change is checked completely before its first write, inside the transaction that it is written
 * in, so the storage's other writers cannot come between; after the first write only the storage itself can
 * fail, and that ends the transaction. RIDs come from a counter that is written in the same transaction and
 * never goes back.
 */
#include "sam/rules.h"

#include <stdlib.h>

#define RID_LAST 0x3FFFFFFFu   /* [MS-SAMR] 3.1.1.9.2: RIDs have 30 bits */
#define TEXT_MAX (65535u / 2u) /* units: what an RPC_UNICODE_STRING can hold */

struct nt_status sam_open_until(struct sam **out, const char *path, bool create, int64_t deadline)
{
    struct sam *s = calloc(1, sizeof(*s));
    struct nt_status status = s ? NT(STATUS_SUCCESS) : NT(STATUS_NO_MEMORY);

    *out = NULL;
    if (s && create)
        status = sam_sqlite_create(path, sam_builtin_fill);
    if (nt_success(status))
        status = sam_sqlite_open(&s->store, path, deadline);
    if (nt_success(status))
        *out = s;
    else
        free(s);
    return status;
}

struct nt_status sam_open(struct sam **out, const char *path, bool create)
{
    return sam_open_until(out, path, create, SAM_PATIENCE);
}

void sam_close(struct sam *s)
{
    if (!s)
        return;
    if (s->cursor.open)
        sam_cursor_close(&s->cursor);
    sam_rollback(s);
    s->store->ops->close(s->store);
    free(s);
}

void sam_set_deadline(struct sam *s, int64_t deadline)
{
    s->store->ops->set_deadline(s->store, deadline);
}

static void forget_counters(struct sam *s)
{
    for (int d = 0; d < SAM_DOMAIN_COUNT; d++)
        s->domains[d].loaded = s->domains[d].changed = false;
}

/* The storage's transaction ends here, either way. */
static struct nt_status commit(struct sam *s)
{
    struct nt_status status = NT(STATUS_SUCCESS);

    for (int d = 0; d < SAM_DOMAIN_COUNT && nt_success(status); d++)
        if (s->domains[d].changed)
            status = s->store->ops->counters_set(s->store, (enum sam_domain)d, &s->domains[d].counters);
    forget_counters(s);
    if (nt_success(status))
        status = s->store->ops->commit(s->store);
    if (!nt_success(status))
        s->store->ops->rollback(s->store);
    return status;
}

static void fail_batch(struct sam *s, struct nt_status status)
{
    s->store->ops->rollback(s->store);
    forget_counters(s);
    s->failed = status;
}

/* A failed read may have ended the storage's transaction, too. */
static void check_batch(struct sam *s)
{
    if (nt_success(s->failed) && !s->store->ops->in_transaction(s->store))
        fail_batch(s, NT(STATUS_INTERNAL_DB_ERROR));
}

static struct nt_status begin(struct sam *s, bool wait)
{
    struct nt_status status;

    if (s->batch || s->cursor.open)
        return NT(STATUS_INVALID_DOMAIN_STATE);
    status = s->store->ops->begin(s->store, wait);
    s->batch = nt_success(status);
    s->failed = NT(STATUS_SUCCESS);
    return status;
}

struct nt_status sam_begin(struct sam *s)
{
    return begin(s, true);
}

struct nt_status sam_try_begin(struct sam *s)
{
    return begin(s, false);
}

struct nt_status sam_commit(struct sam *s)
{
    if (!s->batch || s->cursor.open)
        return NT(STATUS_INVALID_DOMAIN_STATE);
    check_batch(s);
    s->batch = false;
    return nt_success(s->failed) ? commit(s) : s->failed;
}

void sam_rollback(struct sam *s)
{
    s->store->ops->rollback(s->store);
    forget_counters(s);
    s->batch = false;
}

bool sam_in_transaction(const struct sam *s)
{
    return s->batch;
}

struct nt_status sam_change_begin(struct sam_change *change, struct sam *s)
{
    *change = (struct sam_change){.sam = s};
    if (s->cursor.open)
        return NT(STATUS_INVALID_DOMAIN_STATE);
    if (!s->batch)
        return s->store->ops->begin(s->store, true);
    check_batch(s);
    return s->failed;
}

static struct nt_status load_counters(struct sam *s, enum sam_domain domain)
{
    struct nt_status status = NT(STATUS_SUCCESS);

    if (!s->domains[domain].loaded)
        status = s->store->ops->counters_get(s->store, domain, &s->domains[domain].counters);
    s->domains[domain].loaded = nt_success(status);
    return status;
}

struct nt_status sam_change_write(struct sam_change *change, enum sam_domain domain,
                                  struct sam_counters **counters)
{
    struct sam *s = change->sam;
    struct nt_status status = load_counters(s, domain);

    if (!nt_success(status))
        return status;
    change->writing = true;
    s->domains[domain].changed = true;
    s->domains[domain].counters.modified++;
    *counters = &s->domains[domain].counters;
    return status;
}

struct nt_status sam_change_end(struct sam_change *change, struct nt_status status)
{
    struct sam *s = change->sam;

    if (s->batch) {
        if (!nt_success(status) && change->writing)
            fail_batch(s, status);
        return status;
    }
    if (nt_success(status) && change->writing)
        return commit(s);
    s->store->ops->rollback(s->store);
    forget_counters(s);
    return status;
}

struct nt_status sam_domain_get(struct sam *s, enum sam_domain domain, struct arena *arena,
                                struct sam_domain_info *out)
{
    struct sam_counters c;
    struct nt_status status = s->store->ops->domain_get(s->store, domain, arena, out, &c);

    if (!nt_success(status))
        return status;
    if (s->domains[domain].loaded)
        c = s->domains[domain].counters;
    out->user_count = c.kinds[SAM_USER].count;
    out->group_count = c.kinds[SAM_GROUP].count;
    out->alias_count = c.kinds[SAM_ALIAS].count;
    out->modified_count = c.modified;
    return status;
}

struct nt_status sam_display_totals(struct sam *s, enum sam_domain domain, enum sam_kind kind,
                                    uint32_t *count, uint64_t *text_bytes)
{
    struct sam_counters c;

    if (s->domains[domain].loaded) {
        c = s->domains[domain].counters;
    } else {
        struct nt_status status = s->store->ops->counters_get(s->store, domain, &c);

        if (!nt_success(status))
            return status;
    }
    *count = c.kinds[kind].count;
    *text_bytes = c.kinds[kind].text_bytes;
    return NT(STATUS_SUCCESS);
}

/* Names, RIDs */

static struct sam_account account(const struct sam_record *r)
{
    return (struct sam_account){.rid = r->rid, .kind = r->kind, .name = r->name};
}

struct nt_status sam_lookup_name(struct sam *s, enum sam_domain domain, struct sam_text name,
                                 struct arena *arena, struct sam_account *out)
{
    struct sam_key key;
    struct sam_record r;
    struct nt_status status;

    if (!name.count || !sam_name_key(name, &key))
        return NT(STATUS_NONE_MAPPED);
    status = s->store->ops->find_key(s->store, &key, arena, &r);
    if (nt_success(status) && r.domain != domain)
        status = NT(STATUS_NONE_MAPPED);
    if (nt_success(status))
        *out = account(&r);
    return status;
}

struct nt_status sam_lookup_rid(struct sam *s, enum sam_domain domain, uint32_t rid, struct arena *arena,
                                struct sam_account *out)
{
    struct sam_record r;
    struct nt_status status = s->store->ops->find_rid(s->store, domain, rid, arena, &r);

    if (nt_success(status))
        *out = account(&r);
    return status;
}

/* Enumerations */

static struct nt_status opened(struct sam *s, struct nt_status status, struct sam_cursor **out)
{
    *out = NULL;
    if (!nt_success(status))
        return status;
    s->cursor = (struct sam_cursor){.store = s->store, .open = true};
    *out = &s->cursor;
    return status;
}

struct nt_status sam_enumerate(struct sam *s, enum sam_domain domain, enum sam_kind kind, uint32_t after_rid,
                               struct sam_cursor **out)
{
    if (s->cursor.open)
        return NT(STATUS_INVALID_DOMAIN_STATE);
    return opened(s, s->store->ops->scan_rids(s->store, domain, kind, after_rid), out);
}

struct nt_status sam_display(struct sam *s, enum sam_domain domain, enum sam_kind kind, uint32_t after_rid,
                             struct sam_cursor **out)
{
    if (s->cursor.open)
        return NT(STATUS_INVALID_DOMAIN_STATE);
    return opened(s, s->store->ops->scan_names(s->store, domain, kind, after_rid), out);
}

struct nt_status sam_display_find(struct sam *s, enum sam_domain domain, enum sam_kind kind,
                                  struct sam_text prefix, uint32_t *after_rid)
{
    struct sam_key key;

    /* a name that starts with as many units as fit is the nearest that there can be */
    if (prefix.count > SAM_NAME_MAX)
        prefix.count = SAM_NAME_MAX;
    sam_name_key(prefix, &key);
    return s->store->ops->before(s->store, domain, kind, &key, after_rid);
}

struct nt_status sam_cursor_next(struct sam_cursor *c, struct sam_row *row)
{
    return c->store->ops->scan_next(c->store, row);
}

void sam_cursor_close(struct sam_cursor *c)
{
    c->store->ops->scan_stop(c->store);
    c->open = false;
}

/* Groups */

static uint64_t text_bytes(const struct sam_record *r)
{
    return 2 * (uint64_t)(r->name.count + r->comment.count + r->full_name.count);
}

/* Nobody but `self` (0: nobody) has the name. */
static struct nt_status name_is_free(struct sam *s, const struct sam_key *key, uint32_t self)
{
    struct sam_record r;
    struct nt_status status = s->store->ops->find_key(s->store, key, NULL, &r);

    if (nt_is(status, NT_STATUS_NONE_MAPPED))
        return NT(STATUS_SUCCESS);
    if (!nt_success(status) || (self && r.rid == self && r.domain == SAM_ACCOUNT))
        return status;
    return r.kind == SAM_USER    ? NT(STATUS_USER_EXISTS)
           : r.kind == SAM_GROUP ? NT(STATUS_GROUP_EXISTS)
                                 : NT(STATUS_ALIAS_EXISTS);
}

static struct nt_status create(struct sam_change *change, struct sam_record *r)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_key key;
    struct nt_status status;

    sam_name_key(r->name, &key);
    status = name_is_free(s, &key, 0);
    if (nt_success(status))
        status = load_counters(s, r->domain);
    if (nt_success(status) && s->domains[r->domain].counters.next_rid > RID_LAST)
        status = NT(STATUS_INSUFFICIENT_RESOURCES);
    if (nt_success(status))
        status = sam_change_write(change, r->domain, &counters);
    if (!nt_success(status))
        return status;
    r->rid = counters->next_rid++;
    counters->kinds[r->kind].count++;
    counters->kinds[r->kind].text_bytes += text_bytes(r);
    return s->store->ops->insert(s->store, r, &key);
}

struct nt_status sam_group_create(struct sam *s, struct sam_text name, uint32_t *rid)
{
    struct sam_record r = {
        .domain = SAM_ACCOUNT, .kind = SAM_GROUP, .attributes = SAM_GROUP_ATTRIBUTES, .name = name};
    struct sam_change change;
    struct nt_status status = sam_name_check(name);

    if (nt_success(status))
        status = sam_change_begin(&change, s);
    if (!nt_success(status))
        return status;
    status = sam_change_end(&change, create(&change, &r));
    if (nt_success(status))
        *rid = r.rid;
    return status;
}

static struct nt_status get_group(struct sam *s, uint32_t rid, struct arena *arena, struct sam_record *r)
{
    struct nt_status status = s->store->ops->get(s->store, SAM_ACCOUNT, SAM_GROUP, rid, arena, r);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_GROUP) : status;
}

struct nt_status sam_group_get(struct sam *s, uint32_t rid, struct arena *arena, struct sam_group *out)
{
    struct sam_record r;
    struct nt_status status = get_group(s, rid, arena, &r);

    if (nt_success(status))
        *out = (struct sam_group){.rid = r.rid,
                                  .attributes = r.attributes,
                                  .member_count = r.member_count,
                                  .name = r.name,
                                  .comment = r.comment};
    return status;
}

static struct nt_status set_name(struct sam_change *change, uint32_t rid, struct sam_text name)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_record r;
    struct sam_key key;
    struct nt_status status = get_group(s, rid, NULL, &r);

    sam_name_key(name, &key);
    if (nt_success(status))
        status = name_is_free(s, &key, rid);
    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    if (!nt_success(status))
        return status;
    counters->kinds[SAM_GROUP].text_bytes -= text_bytes(&r);
    r.name = name;
    counters->kinds[SAM_GROUP].text_bytes += text_bytes(&r);
    return s->store->ops->set_name(s->store, &r, &key);
}

struct nt_status sam_group_set_name(struct sam *s, uint32_t rid, struct sam_text name)
{
    struct sam_change change;
    struct nt_status status = sam_name_check(name);

    if (nt_success(status))
        status = sam_change_begin(&change, s);
    return nt_success(status) ? sam_change_end(&change, set_name(&change, rid, name)) : status;
}

static struct nt_status set_comment(struct sam_change *change, uint32_t rid, struct sam_text comment)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_record r;
    struct nt_status status = get_group(s, rid, NULL, &r);

    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    if (!nt_success(status))
        return status;
    counters->kinds[SAM_GROUP].text_bytes -= text_bytes(&r);
    r.comment = comment;
    counters->kinds[SAM_GROUP].text_bytes += text_bytes(&r);
    return s->store->ops->set_comment(s->store, &r);
}

struct nt_status sam_group_set_comment(struct sam *s, uint32_t rid, struct sam_text comment)
{
    struct sam_change change;
    struct nt_status status = NT(STATUS_INVALID_PARAMETER);

    if (comment.count <= TEXT_MAX)
        status = sam_change_begin(&change, s);
    return nt_success(status) ? sam_change_end(&change, set_comment(&change, rid, comment)) : status;
}

static struct nt_status set_attributes(struct sam_change *change, uint32_t rid, uint32_t attributes)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_record r;
    struct nt_status status = get_group(s, rid, NULL, &r);

    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    r.attributes = attributes;
    return nt_success(status) ? s->store->ops->set_attributes(s->store, &r) : status;
}

struct nt_status sam_group_set_attributes(struct sam *s, uint32_t rid, uint32_t attributes)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, set_attributes(&change, rid, attributes)) : status;
}

static struct nt_status delete_group(struct sam_change *change, uint32_t rid)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_record r;
    bool primary = false;
    struct nt_status status = get_group(s, rid, NULL, &r);

    if (nt_success(status) && rid < SAM_FIRST_RID)
        status = NT(STATUS_SPECIAL_ACCOUNT);
    if (nt_success(status))
        status = s->store->ops->has_primary_members(s->store, rid, &primary);
    if (nt_success(status) && primary)
        status = NT(STATUS_MEMBERS_PRIMARY_GROUP);
    else if (nt_success(status) && r.member_count)
        status = NT(STATUS_MEMBER_IN_GROUP); /* [MS-SAMR] 3.1.5.7.1: not on a domain controller, so here */
    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    if (!nt_success(status))
        return status;
    counters->kinds[SAM_GROUP].count--;
    counters->kinds[SAM_GROUP].text_bytes -= text_bytes(&r);
    return s->store->ops->remove(s->store, &r);
}

struct nt_status sam_group_delete(struct sam *s, uint32_t rid)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, delete_group(&change, rid)) : status;
}
