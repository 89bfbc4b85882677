/* SPDX-License-Identifier: MIT */
/*
 * What a client proves its identity with.
 *
 * Invariant: everything secret is in `memory` or in the struct, and both are wiped with the last reference.
 * After it has been shared it is not changed, so it needs no lock (but for the GSSAPI handles).
 */
#include "auth/mech.h"

#include <errno.h>
#include <nettle/md4.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"

#define MEMORY_LIMIT ((size_t)64 * 1024)
#define NAME_MAX_CHARS 1024
#define PASSWORD_MAX_CHARS 4096

int auth_credentials_new(struct auth_credentials **out)
{
    static const uint16_t empty[1];
    struct auth_credentials *c = calloc(1, sizeof(*c));

    *out = c;
    if (!c)
        return -ENOMEM;
    atomic_init(&c->references, 1);
    arena_init(&c->memory, MEMORY_LIMIT);
    pthread_mutex_init(&c->krb5.lock, NULL);
    c->user = c->domain = empty;
    c->user_utf8 = c->domain_utf8 = "";
    return 0;
}

struct auth_credentials *auth_credentials_ref(struct auth_credentials *c)
{
    atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
    return c;
}

void auth_credentials_unref(struct auth_credentials *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) != 1)
        return;
    auth_krb5_cache_deinit(&c->krb5);
    arena_wipe(&c->memory);
    arena_deinit(&c->memory);
    auth_wipe(c, sizeof(*c));
    free(c);
}

static int set_part(struct auth_credentials *c, const uint16_t *s, size_t chars, const uint16_t **out,
                    const char **out_utf8)
{
    const uint16_t *copy = utf16_dup(&c->memory, s, chars);
    const char *utf8 = utf16_to_utf8(&c->memory, s, chars);

    if (!copy || !utf8)
        return -ENOMEM;
    *out = copy;
    *out_utf8 = utf8;
    return 0;
}

int auth_credentials_set_name(struct auth_credentials *c, const uint16_t *name, const uint16_t *domain)
{
    size_t chars = utf16_len(name), split = 0;
    int r;

    if (chars > NAME_MAX_CHARS || (domain && utf16_len(domain) > NAME_MAX_CHARS))
        return -EINVAL;
    while (split < chars && name[split] != '\\')
        split++;
    if (split == chars) { /* a UPN stays whole: its realm is not the domain of NTLM */
        static const uint16_t none[1];

        r = set_part(c, name, chars, &c->user, &c->user_utf8);
        if (!domain)
            domain = none;
    } else {
        r = set_part(c, name + split + 1, chars - split - 1, &c->user, &c->user_utf8);
        if (!r && !domain)
            return set_part(c, name, split, &c->domain, &c->domain_utf8);
    }
    return r ? r : set_part(c, domain, utf16_len(domain), &c->domain, &c->domain_utf8);
}

/* UTF-16 in `scratch`, which the caller wipes. */
static int from_utf8(struct arena *scratch, const char *s, size_t max, const uint16_t **out)
{
    size_t len = strlen(s);
    bool invalid = false;

    if (len > max * 4)
        return -EINVAL;
    *out = utf16_from_utf8(scratch, s, len, NULL, &invalid);
    if (!*out)
        return invalid ? -EINVAL : -ENOMEM;
    return 0;
}

int auth_credentials_set_name_utf8(struct auth_credentials *c, const char *name, const char *domain)
{
    const uint16_t *name16, *domain16 = NULL;
    struct arena scratch;
    int r;

    arena_init(&scratch, MEMORY_LIMIT);
    r = from_utf8(&scratch, name, NAME_MAX_CHARS, &name16);
    if (!r && domain)
        r = from_utf8(&scratch, domain, NAME_MAX_CHARS, &domain16);
    if (!r)
        r = auth_credentials_set_name(c, name16, domain16);
    arena_deinit(&scratch);
    return r;
}

int auth_credentials_set_password(struct auth_credentials *c, const uint16_t *password)
{
    size_t chars = utf16_len(password);

    if (chars > PASSWORD_MAX_CHARS)
        return -EINVAL;
    c->password = utf16_to_utf8(&c->memory, password, chars);
    if (!c->password)
        return -ENOMEM;
    auth_nt_hash(password, chars, c->nt_hash);
    c->has_nt_hash = true;
    return 0;
}

int auth_credentials_set_password_utf8(struct auth_credentials *c, const char *password)
{
    const uint16_t *password16;
    struct arena scratch;
    int r;

    arena_init(&scratch, MEMORY_LIMIT);
    r = from_utf8(&scratch, password, PASSWORD_MAX_CHARS, &password16);
    if (!r)
        r = auth_credentials_set_password(c, password16);
    arena_wipe(&scratch);
    arena_deinit(&scratch);
    return r;
}

void auth_credentials_set_nt_hash(struct auth_credentials *c, const uint8_t hash[16])
{
    memcpy(c->nt_hash, hash, 16);
    c->has_nt_hash = true;
}

static int set_text(struct auth_credentials *c, const char *text, const char **out)
{
    size_t len = strlen(text) + 1;
    char *copy = arena_alloc(&c->memory, len, 1);

    if (!copy)
        return -ENOMEM;
    *out = memcpy(copy, text, len);
    return 0;
}

int auth_credentials_set_ccache(struct auth_credentials *c, const char *name)
{
    return set_text(c, name, &c->ccache);
}

int auth_credentials_set_keytab(struct auth_credentials *c, const char *path)
{
    return set_text(c, path, &c->keytab);
}

void auth_credentials_set_anonymous(struct auth_credentials *c)
{
    c->anonymous = true;
}

const uint16_t *auth_credentials_user(const struct auth_credentials *c)
{
    return c->user;
}

const uint16_t *auth_credentials_domain(const struct auth_credentials *c)
{
    return c->domain;
}

bool auth_credentials_nt_hash(const struct auth_credentials *c, uint8_t hash[16])
{
    if (c->has_nt_hash)
        memcpy(hash, c->nt_hash, 16);
    return c->has_nt_hash;
}

bool auth_credentials_anonymous(const struct auth_credentials *c)
{
    return c->anonymous;
}

void auth_nt_hash(const uint16_t *password, size_t chars, uint8_t hash[16])
{
    struct md4_ctx md4;

    md4_init(&md4);
    md4_update(&md4, chars * 2, (const uint8_t *)password); /* little-endian on every supported host */
    md4_digest(&md4, 16, hash);
    auth_wipe(&md4, sizeof(md4));
}
