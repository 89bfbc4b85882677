/* SPDX-License-Identifier: MIT */
/*
 * Passwords of users, and whether a user may log on: what authentication asks and NetUser* will set.
 *
 * Invariant: a password is kept as its NT hash only, and leaves through sam_user_credentials alone.
 * [MS-SAMR] 3.1.1.8.7 (clear text to hash), 2.2.1.12 (account control).
 */
#include <string.h>
#include <time.h>

#include "sam/rules.h"

#define FILETIME_OF_1970 INT64_C(116444736000000000)
#define SECOND INT64_C(10000000) /* in 100 ns */

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return FILETIME_OF_1970 + t.tv_sec * SECOND + t.tv_nsec / 100;
}

static struct nt_status user_exists(struct sam *s, uint32_t rid)
{
    struct sam_record r;
    struct nt_status status = s->store->ops->get(s->store, SAM_ACCOUNT, SAM_USER, rid, NULL, &r);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_USER) : status;
}

static struct nt_status set_password(struct sam_change *change, uint32_t rid, const uint8_t *nt_hash)
{
    struct sam *s = change->sam;
    struct sam_password_record p = {.changed = now()};
    struct sam_counters *counters;
    struct nt_status status = user_exists(s, rid);

    memcpy(p.nt_hash, nt_hash, sizeof(p.nt_hash));
    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    if (nt_success(status))
        status = s->store->ops->password_set(s->store, rid, &p);
    explicit_bzero(&p, sizeof(p));
    return status;
}

struct nt_status sam_user_set_password(struct sam *s, uint32_t rid, const uint8_t nt_hash[SAM_NT_HASH_LEN])
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, set_password(&change, rid, nt_hash)) : status;
}

static struct nt_status set_control(struct sam_change *change, uint32_t rid, uint32_t control)
{
    struct sam *s = change->sam;
    struct sam_record r = {.domain = SAM_ACCOUNT, .kind = SAM_USER, .rid = rid, .attributes = control};
    struct sam_counters *counters;
    struct nt_status status = user_exists(s, rid);

    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    return nt_success(status) ? s->store->ops->set_attributes(s->store, &r) : status;
}

struct nt_status sam_user_set_control(struct sam *s, uint32_t rid, uint32_t control)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, set_control(&change, rid, control)) : status;
}

struct nt_status sam_user_credentials(struct sam *s, struct sam_text name, struct sam_credentials *out)
{
    struct sam_password_record p;
    struct sam_account account;
    struct nt_status status = sam_lookup_name(s, SAM_ACCOUNT, name, NULL, &account);

    if (nt_is(status, NT_STATUS_NONE_MAPPED) || (nt_success(status) && account.kind != SAM_USER))
        return NT(STATUS_NO_SUCH_USER);
    if (nt_success(status))
        status = s->store->ops->password_get(s->store, account.rid, &out->control, &p);
    if (nt_is(status, NT_STATUS_NONE_MAPPED))
        return NT(STATUS_WRONG_PASSWORD);
    if (nt_success(status)) {
        out->rid = account.rid;
        memcpy(out->nt_hash, p.nt_hash, sizeof(out->nt_hash));
        explicit_bzero(&p, sizeof(p));
    }
    return status;
}
