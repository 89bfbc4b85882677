/* SPDX-License-Identifier: MIT */
/*
 * Lists of users: see accounts_user.h. [MS-SAMR] 3.1.5.2.4, 3.1.5.3.
 *
 * A list that was kept is memory only: what it says is what the server said when the list was begun, and when
 * it is gone the server is asked again. Nobody's correctness rests on it.
 */
#include <stdlib.h>
#include <string.h>

#include "netapi/accounts_user.h"
#include "netapi/samr_call.h"

/* Bytes asked for at once: enough for a request's cost not to count. */
#define PAGE_LEN (256u * 1024)

#define KEEP_NS (30 * INT64_C(1000000000))
#define KEEP_LEN_MAX ((size_t)32 << 20)

struct kept_list { /* users and text behind it, in one piece */
    struct user_list list;
    int64_t since;
    _Alignas(16) uint8_t memory[];
};

/* Asking */

struct listing {
    struct user_list list;
    size_t room;
};

static struct nt_status add(struct call *c, struct listing *l, struct user_listed user)
{
    if (l->list.count == l->room) {
        size_t room = l->room ? l->room * 2 : 256;
        struct user_listed *users = arena_array(&c->arena, room, sizeof(*users), 8);

        if (!users)
            return call_fail_memory(c);
        if (l->room)
            memcpy(users, l->list.users, l->room * sizeof(*users));
        l->list.users = users;
        l->room = room;
    }
    l->list.users[l->list.count++] = user;
    return NT(STATUS_SUCCESS);
}

static struct nt_status add_page(struct call *c, struct listing *l, const SAMPR_ENUMERATION_BUFFER *page)
{
    struct nt_status s = NT(STATUS_SUCCESS);

    if (page && page->EntriesRead && !page->Buffer)
        return call_fail_reply(c);
    for (uint32_t i = 0; page && nt_success(s) && i < page->EntriesRead; i++)
        s = add(c, l,
                (struct user_listed){.rid = page->Buffer[i].RelativeId,
                                     .name = samr_text(&page->Buffer[i].Name)});
    return s;
}

static struct nt_status list_kind(struct call *c, struct listing *l, uint32_t kind)
{
    struct SamrEnumerateUsersInDomain_params p = {.UserAccountControl = kind,
                                                  .PreferedMaximumLength = PAGE_LEN};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_LISTS, &p.DomainHandle), added;
    struct page_trail trail = {0};

    if (!nt_success(s))
        return s;
    do {
        s = SAMR(c, SamrEnumerateUsersInDomain, &p);
        if (nt_is(s, NT_STATUS_NO_MORE_ENTRIES))
            return NT(STATUS_SUCCESS);
        if (!nt_success(s))
            return s;
        added = add_page(c, l, p.Buffer);
        if (!nt_success(added))
            return added;
        if (nt_is(s, NT_STATUS_MORE_ENTRIES) && !page_trail_goes_on(&trail, p.EnumerationContext))
            return call_fail_reply(c);
    } while (nt_is(s, NT_STATUS_MORE_ENTRIES));
    return s;
}

static struct nt_status add_display(struct call *c, struct listing *l, const SAMPR_DOMAIN_DISPLAY_USER *u)
{
    struct user_listed user = {.rid = u->Rid, .name = samr_text(&u->AccountName)};

    /* Samba's DCs (4.17) have 0 there, which no account has: then each user is asked for */
    if (u->AccountControl & USER_NORMAL_ACCOUNT) {
        user.complete = true;
        user.control = u->AccountControl;
        user.full_name = samr_text(&u->FullName);
        user.comment = samr_text(&u->AdminComment);
    }
    return add(c, l, user);
}

static struct nt_status list_display(struct call *c, struct listing *l)
{
    struct SamrQueryDisplayInformation3_params p = {.DisplayInformationClass = DomainDisplayUser,
                                                    .EntryCount = UINT32_MAX,
                                                    .PreferredMaximumLength = PAGE_LEN};
    const SAMPR_DOMAIN_DISPLAY_USER_BUFFER *page = &p.Buffer.UserInformation;
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_LISTS, &p.DomainHandle), added = s;
    struct page_trail trail = {0};

    if (!nt_success(s))
        return s;
    do {
        s = samr_query_display(c, &p);
        if (nt_is(s, NT_STATUS_NO_MORE_ENTRIES))
            return NT(STATUS_SUCCESS);
        if (!nt_success(s))
            return s;
        if (page->EntriesRead && !page->Buffer)
            return call_fail_reply(c);
        for (uint32_t i = 0; i < page->EntriesRead && nt_success(added); i++) {
            added = add_display(c, l, &page->Buffer[i]);
            p.Index = page->Buffer[i].Index;
        }
        if (!nt_success(added))
            return added;
        if (nt_is(s, NT_STATUS_MORE_ENTRIES) && !page_trail_goes_on(&trail, p.Index))
            return call_fail_reply(c);
    } while (nt_is(s, NT_STATUS_MORE_ENTRIES));
    return s;
}

/* By RID; of those that are there twice the one that tells more first. */
static int compare(const void *a, const void *b)
{
    const struct user_listed *x = a, *y = b;

    if (x->rid != y->rid)
        return x->rid > y->rid ? 1 : -1;
    return y->complete - x->complete;
}

static void put_in_order(struct user_list *list)
{
    size_t n = 0;

    if (list->count)
        qsort(list->users, list->count, sizeof(*list->users), compare);
    for (size_t i = 0; i < list->count; i++)
        if (!n || list->users[i].rid != list->users[n - 1].rid)
            list->users[n++] = list->users[i];
    list->count = n;
}

static struct nt_status ask(struct call *c, uint32_t kinds, bool display, struct user_list *out)
{
    struct listing l = {.list = {.kinds = kinds, .display = display}};
    struct nt_status s = NT(STATUS_SUCCESS);
    bool all = !kinds;

    if (display && (all || kinds & USER_NORMAL_ACCOUNT)) {
        s = list_display(c, &l);
        kinds &= ~USER_NORMAL_ACCOUNT;
    }
    if (nt_success(s) && all)
        s = list_kind(c, &l, 0);
    /* a server gives those that have all bits that it is asked for: one kind at a time */
    for (uint32_t kind = USER_TEMP_DUPLICATE_ACCOUNT; nt_success(s) && kind <= USER_SERVER_TRUST_ACCOUNT;
         kind <<= 1)
        if (kinds & kind)
            s = list_kind(c, &l, kind);
    put_in_order(&l.list);
    *out = l.list;
    return s;
}

/* Keeping */

static void copy_text(struct text *t, uint16_t **at)
{
    if (!t->count)
        return;
    memcpy(*at, t->chars, t->count * 2);
    t->chars = *at;
    *at += t->count;
}

void users_list_keep(struct call *c, const struct user_list *list)
{
    size_t len = list->count * sizeof(*list->users), text_len = 0;
    struct kept_list *k;
    uint16_t *at;

    if (list->kept)
        return;
    users_list_forget(c);
    for (size_t i = 0; i < list->count; i++) {
        const struct user_listed *u = &list->users[i];

        text_len += 2 * (u->name.count + u->full_name.count + u->comment.count);
    }
    if (len + text_len > KEEP_LEN_MAX)
        return;
    k = malloc(sizeof(*k) + len + text_len);
    if (!k)
        return;
    *k = (struct kept_list){.list = *list, .since = transport_now()};
    k->list.users = (struct user_listed *)k->memory;
    k->list.kept = true;
    if (len)
        memcpy(k->memory, list->users, len);
    at = (uint16_t *)(k->memory + len);
    for (size_t i = 0; i < list->count; i++) {
        copy_text(&k->list.users[i].name, &at);
        copy_text(&k->list.users[i].full_name, &at);
        copy_text(&k->list.users[i].comment, &at);
    }
    c->binding->users = k;
}

void users_list_forget(struct call *c)
{
    free(c->binding->users);
    c->binding->users = NULL;
}

struct nt_status users_list(struct call *c, uint32_t kinds, bool display, bool resumed, struct user_list *out)
{
    const struct kept_list *k = c->binding->users;

    if (resumed && k && k->list.kinds == kinds && k->list.display == display &&
        transport_now() - k->since < KEEP_NS) {
        *out = k->list;
        return NT(STATUS_SUCCESS);
    }
    return ask(c, kinds, display, out);
}
