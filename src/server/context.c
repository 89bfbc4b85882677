/* SPDX-License-Identifier: MIT */
/*
 * Table of context handles: an array that is searched from its end. An association has a handful of handles
 * (the one in use is nearly always among the last), and even CONTEXT_MAX of them are searched in a few
 * microseconds, so there is nothing a cleverer structure could win.
 *
 * Invariant: the handles in it differ; count <= capacity <= CONTEXT_MAX.
 */
#include "server/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static int refill(struct context_random *random)
{
    size_t got = 0;

    if (random->left >= sizeof(struct ndr_uuid))
        return 0;
    while (got < sizeof(random->bytes)) {
        ssize_t n = getrandom(random->bytes + got, sizeof(random->bytes) - got, 0);

        if (n < 0 && errno != EINTR)
            return -errno;
        got += n > 0 ? (size_t)n : 0;
    }
    random->left = sizeof(random->bytes);
    return 0;
}

static void take(struct context_random *random, struct ndr_uuid *uuid)
{
    random->left -= sizeof(*uuid);
    memcpy(uuid, random->bytes + random->left, sizeof(*uuid));
    memset(random->bytes + random->left, 0, sizeof(*uuid)); /* no handle is made twice */
}

static int grow(struct context_table *t)
{
    size_t capacity = t->capacity ? t->capacity * 2 : 4;
    struct context *contexts;

    if (t->count < t->capacity)
        return 0;
    if (t->count >= CONTEXT_MAX)
        return -EMFILE;
    contexts = realloc(t->contexts, capacity * sizeof(*contexts));
    if (!contexts)
        return -ENOMEM;
    t->contexts = contexts;
    t->capacity = capacity;
    return 0;
}

int context_reserve(struct context_table *t, struct context_random *random)
{
    int r = grow(t);

    return r ? r : refill(random);
}

int context_open(struct context_table *t, struct context_random *random, struct context *copy)
{
    int r = context_reserve(t, random);

    if (r)
        return r;
    take(random, &copy->uuid);
    t->contexts[t->count++] = *copy;
    return 0;
}

void context_reopen(struct context_table *t, const struct context *copy)
{
    if (!grow(t))
        t->contexts[t->count++] = *copy;
}

struct context *context_find(const struct context_table *t, const struct ndr_interface *interface,
                             const struct ndr_uuid *uuid)
{
    for (size_t i = t->count; i-- > 0;) {
        struct context *c = &t->contexts[i];

        if (!memcmp(&c->uuid, uuid, sizeof(*uuid)) && c->interface == interface)
            return c;
    }
    return NULL;
}

void context_close(struct context_table *t, const struct ndr_uuid *uuid)
{
    for (size_t i = t->count; i-- > 0;)
        if (!memcmp(&t->contexts[i].uuid, uuid, sizeof(*uuid))) {
            t->contexts[i] = t->contexts[--t->count];
            return;
        }
}

void context_run_down(struct context_table *t)
{
    free(t->contexts);
    *t = (struct context_table){0};
}
