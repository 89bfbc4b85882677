/* SPDX-License-Identifier: MIT */
/*
 * Association groups: the connections of one client that share its context handles. [C706] 12.6.3.1
 * and 6.1.6; [MS-RPCE] 3.3.1.1.1, which calls the group an association.
 *
 * Invariant: a group has at least one member, and all members that are known came as the same user, over the
 * same transport, to the same endpoint. Its number is no secret, so it lets nobody in: that is decided when
 * the one who asks is known. Handles count against the group, so more connections do not give a client more
 * of them. The last member that leaves takes the group and its handles along.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"
#include "server/server.h"

static struct association_group *find(const struct server *s, uint32_t id)
{
    struct association_group *g = s->groups;

    while (g && g->id != id)
        g = g->next;
    return g;
}

static void enter(struct association *a, struct association_group *g)
{
    a->group = g;
    a->next_member = g->members;
    g->members = a;
}

int association_group_new(struct association *a)
{
    struct server *s = a->server;
    struct association_group *g = calloc(1, sizeof(*g));

    if (!g)
        return -ENOMEM;
    do
        g->id = ++s->last_group;
    while (!g->id || find(s, g->id)); /* 0 is no number of a group */
    g->next = s->groups;
    s->groups = g;
    enter(a, g);
    return 0;
}

void association_group_leave(struct association *a)
{
    struct association_group *g = a->group, **at = &a->server->groups;
    struct association **member;

    if (!g)
        return;
    a->group = NULL;
    for (member = &g->members; *member != a;)
        member = &(*member)->next_member;
    *member = a->next_member;
    if (g->members)
        return;
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    context_run_down(&g->contexts);
    free(g);
}

static bool same_text(const uint16_t *a, const uint16_t *b)
{
    size_t len = utf16_len(a);

    return len == utf16_len(b) && !memcmp(a, b, len * sizeof(*a));
}

/* An account of ours has one name and number however it is written; a principal is its name and realm. */
static bool same_peer(const struct auth_peer *a, const struct auth_peer *b)
{
    if (!a || !b || !a->authenticated || !b->authenticated || a->anonymous || b->anonymous ||
        a->mechanism != b->mechanism || a->account != b->account)
        return false;
    return a->account || (same_text(a->user, b->user) && same_text(a->domain, b->domain));
}

static bool same_client(const struct association *a, const struct association *b)
{
    if (a->kind == ASSOCIATION_LOCAL)
        return a->caller.uid == b->caller.uid && a->caller.administrator == b->caller.administrator;
    return same_peer(rpc_server_peer(a->rpc), rpc_server_peer(b->rpc));
}

static bool same_endpoint(const struct association *a, const struct association *b)
{
    return a->kind == b->kind && strcmp(a->endpoint, b->endpoint) == 0;
}

/* Leaves the group that it has for itself. */
static bool move(struct association *a, struct association_group *g)
{
    for (const struct association *b = g->members; b; b = b->next_member)
        if (!same_endpoint(a, b) || !same_client(a, b))
            return false;
    association_group_leave(a);
    enter(a, g);
    return true;
}

/* Who a remote client is, is known with its first call: until then its wish is only kept. */
bool association_group_ask(void *association, uint32_t id)
{
    struct association *a = association;
    struct association_group *g = find(a->server, id);

    if (!g || a->kind == ASSOCIATION_MAPPER)
        return false;
    if (a->kind == ASSOCIATION_LOCAL)
        return move(a, g);
    a->wanted_group = id;
    return same_endpoint(a, g->members);
}

bool association_group_join(struct association *a)
{
    struct association_group *g = a->wanted_group ? find(a->server, a->wanted_group) : a->group;

    if (!g) /* it has ended meanwhile, its handles with it: the number is free */
        a->group->id = a->wanted_group;
    return !g || g == a->group || move(a, g);
}
