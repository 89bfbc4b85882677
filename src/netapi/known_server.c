/* SPDX-License-Identifier: MIT */
/*
 * The table of known servers: see known_server.h. Programs know one server or a thousand: a chained table of
 * fixed width does for both.
 */
#include "netapi/known_server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <lmerr.h>
#include <windows.h>

#include "base/utf16.h"

#define CHAINS 256

static struct {
    pthread_mutex_t lock;
    struct known_server *chains[CHAINS];
    struct use *uses;
    uint32_t last_use;
} known = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void fork_prepare(void)
{
    pthread_mutex_lock(&known.lock);
}

static void fork_after(void)
{
    pthread_mutex_unlock(&known.lock);
}

static void watch_fork(void)
{
    pthread_atfork(fork_prepare, fork_after, fork_after);
}

void known_lock(void)
{
    pthread_once(&fork_once, watch_fork);
    pthread_mutex_lock(&known.lock);
}

void known_unlock(void)
{
    pthread_mutex_unlock(&known.lock);
}

struct net_status server_name_parse(struct server_name *name, const uint16_t *server)
{
    name->chars = 0;
    name->text[0] = 0;
    if (!server || !*server)
        return NET_STATUS(NERR_Success);
    if (server[0] == u'\\') {
        if (server[1] != u'\\' || !server[2])
            return NET_STATUS(ERROR_INVALID_NAME);
        server += 2;
    }
    for (; server[name->chars]; name->chars++) {
        uint16_t c = server[name->chars];

        if (name->chars == SERVER_NAME_MAX || c <= u' ' || c == u'\\' || c == u'/' || c == 0x7f)
            return NET_STATUS(NERR_InvalidComputer);
    }
    utf16_upcase(name->text, server, name->chars);
    name->text[name->chars] = 0;
    return NET_STATUS(NERR_Success);
}

uint64_t identity_number(void)
{
    static atomic_uint_least64_t last;

    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

static struct known_server **chain_of(const uint16_t *name, size_t chars)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < chars; i++)
        hash = (hash ^ name[i]) * 16777619u;
    return &known.chains[(hash ^ hash >> 16) % CHAINS];
}

struct known_server *known_find(const struct server_name *name)
{
    struct known_server *s = *chain_of(name->text, name->chars);

    while (s && (s->chars != name->chars || memcmp(s->name, name->text, name->chars * 2) != 0))
        s = s->next;
    return s;
}

struct known_server *known_make(const struct server_name *name)
{
    struct known_server *s = known_find(name), **chain = chain_of(name->text, name->chars);

    if (s)
        return s;
    s = calloc(1, sizeof(*s) + name->chars * 2);
    if (!s)
        return NULL;
    s->chars = name->chars;
    memcpy(s->name, name->text, name->chars * 2);
    s->next = *chain;
    *chain = s;
    return s;
}

void known_tidy(struct known_server *s)
{
    struct known_server **at;

    if (!s || s->set.auth || s->use || server_options_any(&s->options))
        return;
    at = chain_of(s->name, s->chars);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    free(s);
}

struct use *known_uses(void)
{
    return known.uses;
}

void known_add_use(struct known_server *s, struct use *use)
{
    struct use **last = &known.uses;

    while (*last)
        last = &(*last)->next;
    *last = use;
    use->next = NULL;
    use->server = s;
    use->id = ++known.last_use;
    s->use = use;
}

struct use *known_remove_use(struct use *use)
{
    struct use **at = &known.uses;

    while (*at != use)
        at = &(*at)->next;
    *at = use->next;
    use->server->use = NULL;
    known_tidy(use->server);
    return use;
}
