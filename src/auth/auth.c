/* SPDX-License-Identifier: MIT */
/*
 * The front of all mechanisms: which one, order of calls, conditions in words and statuses.
 *
 * Invariant: a mechanism's functions are called in their order only (auth_state), and a failure is final.
 */
#include "auth/mech.h"

#include <errno.h>
#include <nettle/md5.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/utf16.h"

#define FILETIME_OF_1970 116444736000000000ULL
#define ACCEPTOR_LIMIT ((size_t)64 * 1024)

void auth_wipe(void *p, size_t len)
{
    if (len)
        explicit_bzero(p, len);
}

int auth_alloc(void *out, size_t len, const struct auth_ops *ops, const struct auth_options *options)
{
    static const uint16_t empty[1];
    struct auth *a = calloc(1, len);

    if (!a)
        return -ENOMEM;
    a->ops = ops;
    a->object_len = len;
    a->level = options->level;
    a->source = options->source;
    a->peer.user = a->peer.domain = a->peer.computer = a->peer.target = empty;
    arena_init(&a->memory, AUTH_NAMES_LIMIT);
    *(struct auth **)out = a;
    return 0;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    a->ops->free(a);
    arena_deinit(&a->memory);
    auth_wipe(a, a->object_len);
    free(a);
}

int auth_random(const struct auth *a, void *out, size_t len)
{
    if (a->source && a->source->random)
        return a->source->random(a->source->data, out, len);
    for (size_t got = 0; got < len;) {
        ssize_t n = getrandom((uint8_t *)out + got, len - got, 0);

        if (n > 0)
            got += (size_t)n;
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

uint64_t auth_now(const struct auth *a)
{
    struct timespec t;

    if (a->source && a->source->now)
        return a->source->now(a->source->data);
    clock_gettime(CLOCK_REALTIME, &t);
    return FILETIME_OF_1970 + (uint64_t)t.tv_sec * 10000000 + (uint64_t)t.tv_nsec / 100;
}

int64_t auth_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void auth_set_detail(struct auth *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(a->detail, sizeof(a->detail), format, args);
    va_end(args);
}

int auth_keep_name(struct auth *a, const uint8_t *utf16le, size_t len, const uint16_t **out)
{
    uint16_t *name;

    if (len % 2)
        return AUTH_E_TOKEN;
    name = arena_alloc(&a->memory, len + 2, 2);
    if (!name)
        return -ENOMEM;
    for (size_t i = 0; i < len / 2; i++) {
        name[i] = (uint16_t)(utf16le[2 * i] | utf16le[2 * i + 1] << 8);
        if (!name[i])
            return AUTH_E_TOKEN;
    }
    *out = name;
    return 0;
}

void auth_bindings_hash(const void *data, size_t len, uint8_t hash[16])
{
    /* two address types and lengths of 0, then the length of the application data */
    uint8_t head[20] = {[16] = (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24)};
    struct md5_ctx md5;

    md5_init(&md5);
    md5_update(&md5, sizeof(head), head);
    md5_update(&md5, len, data);
    md5_digest(&md5, 16, hash);
}

static bool options_are_legal(const struct auth_options *o)
{
    return (o->level == AUTH_LEVEL_CONNECT || o->level == AUTH_LEVEL_INTEGRITY ||
            o->level == AUTH_LEVEL_PRIVACY) &&
           o->bindings_len <= AUTH_BINDINGS_MAX;
}

int auth_client_new(struct auth **out, const struct auth_client_config *config)
{
    *out = NULL;
    if (!options_are_legal(&config->options) || !config->credentials)
        return -EINVAL;
    switch (config->options.type) {
    case AUTH_TYPE_NTLM:
        return auth_ntlm_client(out, config);
    case AUTH_TYPE_KERBEROS:
        return auth_krb5_client(out, config);
    case AUTH_TYPE_SPNEGO:
        return auth_spnego_client(out, config);
    default:
        return -EINVAL;
    }
}

int auth_acceptor_context(struct auth **out, struct auth_acceptor *acceptor,
                          const struct auth_options *options)
{
    unsigned mechanisms = acceptor->config.mechanisms;

    *out = NULL;
    if (!options_are_legal(options))
        return -EINVAL;
    switch (options->type) {
    case AUTH_TYPE_NTLM:
        return mechanisms & AUTH_NTLM ? auth_ntlm_context(out, acceptor, options) : AUTH_E_MECHANISM;
    case AUTH_TYPE_KERBEROS:
        return mechanisms & AUTH_KERBEROS ? auth_krb5_context(out, acceptor, options) : AUTH_E_MECHANISM;
    case AUTH_TYPE_SPNEGO:
        return auth_spnego_context(out, acceptor, options);
    default:
        return -EINVAL;
    }
}

/* A copy in the acceptor's memory; NULL stays NULL. */
static int keep16(struct auth_acceptor *a, const uint16_t **s)
{
    if (*s && !(*s = utf16_dup(&a->memory, *s, utf16_len(*s))))
        return -ENOMEM;
    return 0;
}

int auth_acceptor_new(struct auth_acceptor **out, const struct auth_acceptor_config *config)
{
    struct auth_acceptor *a;
    char *keytab;

    *out = NULL;
    if ((config->mechanisms & AUTH_NTLM) && (!config->account || !config->computer || !config->domain))
        return -EINVAL;
    a = calloc(1, sizeof(*a));
    if (!a)
        return -ENOMEM;
    a->config = *config;
    arena_init(&a->memory, ACCEPTOR_LIMIT);
    pthread_mutex_init(&a->krb5.lock, NULL);
    if (keep16(a, &a->config.computer) || keep16(a, &a->config.domain) ||
        keep16(a, &a->config.dns_computer) || keep16(a, &a->config.dns_domain))
        goto no_memory;
    if (config->keytab) {
        keytab = arena_alloc(&a->memory, strlen(config->keytab) + 1, 1);
        if (!keytab)
            goto no_memory;
        a->config.keytab = strcpy(keytab, config->keytab);
    }
    *out = a;
    return 0;
no_memory:
    auth_acceptor_free(a);
    return -ENOMEM;
}

void auth_acceptor_free(struct auth_acceptor *acceptor)
{
    if (!acceptor)
        return;
    auth_krb5_cache_deinit(&acceptor->krb5);
    arena_deinit(&acceptor->memory);
    free(acceptor);
}

int auth_acceptor_hint(const struct auth_acceptor *acceptor, struct writer *out)
{
    return auth_spnego_hint(acceptor->config.mechanisms, out);
}

int auth_step(struct auth *a, const void *token, size_t len, struct writer *out)
{
    int r;

    if (a->state != AUTH_STATE_NEW && a->state != AUTH_STATE_STEPPING)
        return -EINVAL;
    a->state = AUTH_STATE_FAILED;
    a->detail[0] = 0;
    if (len > AUTH_TOKEN_MAX)
        return AUTH_E_TOKEN;
    r = a->ops->step(a, len ? token : NULL, len, out);
    if ((r == 0 || r == AUTH_CONTINUE) && out->failed)
        r = -ENOMEM;
    if (r != 0)
        a->peer.authenticated = false;
    if (r == 0)
        a->state = AUTH_STATE_ESTABLISHED;
    else if (r == AUTH_CONTINUE)
        a->state = AUTH_STATE_STEPPING;
    return r;
}

bool auth_established(const struct auth *a)
{
    return a->state == AUTH_STATE_ESTABLISHED;
}

const uint8_t *auth_session_key(const struct auth *a, size_t *len)
{
    bool known = auth_established(a) && a->session_key_len;

    *len = known ? a->session_key_len : 0;
    return known ? a->session_key : NULL;
}

const struct auth_peer *auth_peer(const struct auth *a)
{
    return &a->peer;
}

const char *auth_detail(const struct auth *a)
{
    return a->detail;
}

void auth_set_header_signing(struct auth *a, bool on)
{
    a->header_signing = on;
}

size_t auth_signature_len(const struct auth *a)
{
    return auth_established(a) && a->level >= AUTH_LEVEL_INTEGRITY ? a->ops->signature_len(a) : 0;
}

int auth_protect(struct auth *a, const struct auth_message *m, uint8_t *signature)
{
    int r;

    if (!auth_established(a))
        return -EINVAL;
    if (a->level < AUTH_LEVEL_INTEGRITY)
        return 0;
    r = a->ops->protect(a, m, signature);
    if (r)
        a->state = AUTH_STATE_FAILED; /* the sequence of the two sides is no longer the same */
    return r;
}

int auth_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len)
{
    int r;

    if (!auth_established(a))
        return -EINVAL;
    if (a->level < AUTH_LEVEL_INTEGRITY)
        return 0;
    r = a->ops->unprotect(a, m, signature, len);
    if (r)
        a->state = AUTH_STATE_FAILED;
    return r;
}

static const struct {
    uint32_t nt, net;
    const char *text;
} conditions[] = {
#define X(name, nt, net, text) [name] = {nt, net, text},
    AUTH_CONDITION_TABLE(X)
#undef X
};

static bool is_condition(int result)
{
    return result > AUTH_CONDITION_BEFORE_FIRST && result < AUTH_CONDITION_END;
}

struct nt_status auth_nt_status(int result)
{
    if (is_condition(result))
        return NT_STATUS(conditions[result].nt);
    if (result == 0)
        return NT(STATUS_SUCCESS);
    return result == -ENOMEM ? NT(STATUS_NO_MEMORY) : NT(STATUS_INTERNAL_ERROR);
}

struct net_status auth_net_status(int result)
{
    if (is_condition(result))
        return NET_STATUS(conditions[result].net);
    return result ? net_from_errno(result) : NET_STATUS(0);
}

const char *auth_text(int result)
{
    if (is_condition(result))
        return conditions[result].text;
    return result ? "the authentication failed by an error of this system" : "authenticated";
}

int auth_from_nt(struct nt_status status)
{
    switch (status.v) {
    case 0xC0000064: /* STATUS_NO_SUCH_USER, STATUS_WRONG_PASSWORD: as one */
    case 0xC000006A:
        return AUTH_E_LOGON;
    case 0xC000018B: /* STATUS_NO_TRUST_SAM_ACCOUNT */
        return AUTH_E_UNKNOWN_TARGET;
    }
    /* the statuses that say more than what the peer thinks of our tokens are all after AUTH_E_TOKEN; the
     * first row with the status is the general one */
    for (int i = AUTH_E_LOGON; i < AUTH_E_REFUSED; i++)
        if (conditions[i].nt == status.v && status.v != 0xC0000022)
            return i;
    return AUTH_E_REFUSED;
}
