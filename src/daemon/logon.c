/* SPDX-License-Identifier: MIT */
/*
 * Logons of remote clients: the log, and what makes guessing passwords slow.
 *
 * Invariant: a failed logon occupies its connection for PUNISHMENT_MS, whatever the reason was and even when
 * the client leaves; nothing is read or sent meanwhile, and others wait for nothing. As the connections of an
 * address are bounded, so are its guesses.
 */
#include <string.h>

#include "base/arena.h"
#include "base/utf16.h"
#include "daemon/daemon.h"

#define PUNISHMENT_MS 2000u
#define PUNISHMENT_STEP_MS 200u
#define NAME_MAX_UNITS 104

/* The name stands in quotes, so that it shows where it ends. */
static const char *utf8(struct arena *a, const uint16_t *s)
{
    size_t chars = utf16_len(s);
    char *text = utf16_to_utf8(a, s, chars < NAME_MAX_UNITS ? chars : NAME_MAX_UNITS);

    for (char *at = text; at && (at = strchr(at, '"'));)
        *at = '?';
    return text ? text : "?";
}

static void log_failure(struct connection *c, int result, uint64_t now)
{
    struct daemon *d = c->daemon;
    const struct auth_peer *peer = association_peer(c->association);
    const char *suffix;
    struct arena arena;

    d->logons_failed++;
    if (!daemon_may_log(&d->logons_logged, now, &suffix))
        return;
    arena_init(&arena, 16384);
    daemon_log(DAEMON_WARNING, "logon of \"%s\\%s\" from %s failed: %s (%llu failures so far%s)",
               peer ? utf8(&arena, peer->domain) : "", peer ? utf8(&arena, peer->user) : "", c->name,
               auth_text(result), (unsigned long long)d->logons_failed, suffix);
    arena_deinit(&arena);
}

void logon_note(struct connection *c, uint64_t now)
{
    struct daemon *d = c->daemon;
    const struct auth_peer *peer;
    int result;

    if (!c->remote || c->authenticated || c->failed)
        return;
    result = association_auth_result(c->association);
    peer = association_peer(c->association);
    if (peer && peer->authenticated && !result) {
        c->authenticated = true;
        d->strangers--;
    } else if (result && result != AUTH_CONTINUE) {
        c->failed = true;
        c->punished_until = now + PUNISHMENT_MS;
        log_failure(c, result, now);
        if (!uv_is_active((uv_handle_t *)&d->punishment))
            uv_timer_start(&d->punishment, on_punishment, PUNISHMENT_STEP_MS, PUNISHMENT_STEP_MS);
    }
}

bool logon_punished(struct connection *c)
{
    return c->punished_until != 0;
}

void on_punishment(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    bool more = false;

    for (struct connection *c = d->connections, *next; c; c = next) {
        next = c->next;
        if (c->punished_until && uv_now(&d->loop) >= c->punished_until) {
            c->punished_until = 0;
            connection_send(c);
        }
        more |= c->punished_until != 0;
    }
    if (!more)
        uv_timer_stop(timer);
}
