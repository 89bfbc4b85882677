/* SPDX-License-Identifier: MIT */
/*
 * The order in which credentials are looked for, and the functions of netmgmt.h that set them.
 *
 * Invariant: credentials are never changed once they have a number; what is set anew gets a new one, so that
 * no connection outlives the credentials that it was made with. Files are read without a lock.
 */
#include "netapi/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmerr.h>
#include <netmgmt.h>

#include "netapi/auth_file.h"
#include "netapi/known_server.h"
#include "netapi/versioned.h"

#define BOTH (AUTH_KERBEROS | AUTH_NTLM)

/* What a file was when it was looked at. */
struct stamp {
    uint64_t device, inode;
    int64_t length, seconds[2];
    uint32_t nanoseconds[2];
};

/* Credentials that stand outside of the program, kept while their name and stamp stay the same. */
struct outside {
    char *name;
    struct stamp stamp;
    struct identity identity;
};

static struct outside file, tickets; /* under known_lock() */

static struct net_status status_of(int r)
{
    return r == -EINVAL ? NET_STATUS(ERROR_INVALID_PARAMETER) : net_from_errno(r);
}

/* ---- Looking for credentials ---- */

static void take(struct credentials *out, const struct identity *identity, enum credentials_source source)
{
    out->auth = auth_credentials_ref(identity->auth);
    out->mechanisms = identity->mechanisms;
    out->number = identity->number;
    out->source = source;
}

/* Under the lock. */
static bool take_outside(struct credentials *out, const struct outside *o, const char *name,
                         const struct stamp *stamp, enum credentials_source source)
{
    if (!o->name || strcmp(o->name, name) != 0 || memcmp(&o->stamp, stamp, sizeof(*stamp)) != 0)
        return false;
    take(out, &o->identity, source);
    return true;
}

/* Keep new ones, and hand them out; or those that another thread has kept meanwhile. Takes over `auth`. */
static struct net_status keep_outside(struct credentials *out, struct outside *o, const char *name,
                                      const struct stamp *stamp, struct auth_credentials *auth,
                                      enum credentials_source source)
{
    struct outside old = {.name = strdup(name), .identity.auth = auth};

    if (old.name) {
        known_lock();
        if (!take_outside(out, o, name, stamp, source)) {
            struct outside fresh = {old.name, *stamp, {auth, BOTH, identity_number()}};

            old = *o;
            *o = fresh;
            take(out, &o->identity, source);
        }
        known_unlock();
    }
    free(old.name);
    auth_credentials_unref(old.identity.auth);
    return NET_STATUS(out->auth ? NERR_Success : ERROR_NOT_ENOUGH_MEMORY);
}

static void stamp_from(struct stamp *stamp, const struct stat *st)
{
    memset(stamp, 0, sizeof(*stamp)); /* padding too */
    stamp->device = st->st_dev;
    stamp->inode = st->st_ino;
    stamp->length = st->st_size;
    stamp->seconds[0] = st->st_mtim.tv_sec;
    stamp->nanoseconds[0] = (uint32_t)st->st_mtim.tv_nsec;
    stamp->seconds[1] = st->st_ctim.tv_sec;
    stamp->nanoseconds[1] = (uint32_t)st->st_ctim.tv_nsec;
}

static struct net_status from_file(const char *path, struct credentials *out,
                                   struct auth_file_problem *problem)
{
    struct auth_credentials *auth;
    struct stamp stamp;
    struct stat st;
    int r;

    if (stat(path, &st) == 0) {
        bool found;

        stamp_from(&stamp, &st);
        known_lock();
        found = take_outside(out, &file, path, &stamp, CREDENTIALS_FILE);
        known_unlock();
        if (found)
            return NET_STATUS(NERR_Success);
    }
    r = auth_file_read(path, true, &auth, &st, problem);
    if (r)
        return auth_file_status(r);
    stamp_from(&stamp, &st);
    return keep_outside(out, &file, path, &stamp, auth, CREDENTIALS_FILE);
}

/* A cache that is a file is made anew by kinit: another file, or the same number with a later birth. Tickets
 * that are added to it later are no other credentials, so its length and times do not count. */
static void stamp_tickets(struct stamp *stamp, const char *name)
{
    char standard[40];
    struct statx st;

    memset(stamp, 0, sizeof(*stamp));
    if (!*name) {
        snprintf(standard, sizeof(standard), "/tmp/krb5cc_%lu", (unsigned long)geteuid());
        name = standard;
    } else if (strncmp(name, "FILE:", 5) == 0) {
        name += 5;
    }
    if (*name != '/' || statx(AT_FDCWD, name, 0, STATX_INO | STATX_BTIME, &st) != 0)
        return;
    stamp->device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
    stamp->inode = st.stx_ino;
    if (st.stx_mask & STATX_BTIME) {
        stamp->seconds[0] = st.stx_btime.tv_sec;
        stamp->nanoseconds[0] = st.stx_btime.tv_nsec;
    }
}

static struct net_status from_tickets(struct credentials *out)
{
    const char *name = getenv("KRB5CCNAME");
    struct auth_credentials *auth;
    struct stamp stamp;
    bool found;

    if (!name)
        name = "";
    stamp_tickets(&stamp, name);
    known_lock();
    found = take_outside(out, &tickets, name, &stamp, CREDENTIALS_TICKETS);
    known_unlock();
    if (found)
        return NET_STATUS(NERR_Success);
    if (auth_credentials_new(&auth))
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    return keep_outside(out, &tickets, name, &stamp, auth, CREDENTIALS_TICKETS);
}

static struct net_status look_up(const uint16_t *server, struct credentials *out,
                                 struct auth_file_problem *problem)
{
    static const struct server_name everyone;
    struct server_name name;
    const struct known_server *s, *all;
    const char *path = secure_getenv("NETMGMT_AUTH_FILE");
    struct net_status status;

    memset(out, 0, sizeof(*out));
    memset(problem, 0, sizeof(*problem));
    status = server_name_parse(&name, server);
    if (status.v)
        return status;
    known_lock();
    s = known_find(&name);
    all = known_find(&everyone);
    server_options_join(&out->options, s ? &s->options : NULL, all ? &all->options : NULL);
    if (s && s->use)
        server_options_require(&out->options, s->use->flags);
    if (s && s->set.auth)
        take(out, &s->set, s == all ? CREDENTIALS_SET_FOR_ALL : CREDENTIALS_SET);
    else if (all && all->set.auth)
        take(out, &all->set, CREDENTIALS_SET_FOR_ALL);
    else if (s && s->use && s->use->identity.auth)
        take(out, &s->use->identity, CREDENTIALS_USE);
    known_unlock();
    if (out->auth)
        return status;
    return path && *path ? from_file(path, out, problem) : from_tickets(out);
}

struct net_status credentials_for(const uint16_t *server, struct credentials *out)
{
    struct auth_file_problem problem;

    return look_up(server, out, &problem);
}

void credentials_release(struct credentials *c)
{
    auth_credentials_unref(c->auth);
    c->auth = NULL;
}

bool credentials_same(const struct credentials *a, const struct credentials *b)
{
    return a->number == b->number && server_options_same(&a->options, &b->options);
}

/* ---- Setting them ---- */

/* 0: there is no such NETMGMT_KERBEROS_... */
static unsigned mechanisms_for(int kerberos)
{
    switch (kerberos) {
    case NETMGMT_KERBEROS_DESIRED:
        return BOTH;
    case NETMGMT_KERBEROS_REQUIRED:
        return AUTH_KERBEROS;
    case NETMGMT_KERBEROS_OFF:
        return AUTH_NTLM;
    default:
        return 0;
    }
}

/* No members contradict each other. */
static bool is_consistent(const struct netmgmt_credentials *c)
{
    bool secret = c->password || c->nt_hash || c->keytab;

    if (!mechanisms_for(c->kerberos))
        return false;
    if (!c->user)
        return !secret && !c->domain;
    if (!*c->user)
        return !(c->password && *c->password) && !c->nt_hash && !c->keytab && !c->ccache;
    return !(c->password && (c->nt_hash || c->keytab || c->ccache)) && !(c->nt_hash && c->keytab);
}

static int fill(struct auth_credentials *auth, const struct netmgmt_credentials *c)
{
    int r = 0;

    if (c->user && !*c->user) {
        auth_credentials_set_anonymous(auth);
        return 0;
    }
    if (c->user)
        r = auth_credentials_set_name_utf8(auth, c->user, c->domain);
    if (!r && c->user && !*auth_credentials_user(auth)) /* "DOMAIN\\" */
        r = -EINVAL;
    if (!r && c->password)
        r = auth_credentials_set_password_utf8(auth, c->password);
    if (!r && c->nt_hash)
        auth_credentials_set_nt_hash(auth, c->nt_hash);
    if (!r && c->ccache)
        r = auth_credentials_set_ccache(auth, c->ccache);
    if (!r && c->keytab)
        r = auth_credentials_set_keytab(auth, c->keytab);
    return r;
}

/* Takes over the reference in `identity`. */
static struct net_status set(const struct server_name *name, struct identity identity)
{
    struct identity old = identity;
    struct known_server *s;

    known_lock();
    s = identity.auth ? known_make(name) : known_find(name);
    if (s) {
        old = s->set;
        s->set = identity;
        known_tidy(s);
    }
    known_unlock();
    auth_credentials_unref(old.auth); /* when there was no memory: the new ones */
    return NET_STATUS(identity.auth && !s ? ERROR_NOT_ENOUGH_MEMORY : NERR_Success);
}

NET_API_STATUS netmgmt_set_credentials(LPCWSTR server, const struct netmgmt_credentials *credentials)
{
    struct netmgmt_credentials said;
    struct identity identity = {0};
    struct server_name name;
    struct net_status status = server_name_parse(&name, server);
    int r;

    if (status.v || !credentials)
        return status.v ? status.v : set(&name, identity).v;
    status = versioned_copy(&said, sizeof(said), credentials, sizeof(said));
    if (status.v)
        return status.v;
    if (!is_consistent(&said))
        return ERROR_INVALID_PARAMETER;
    r = auth_credentials_new(&identity.auth);
    if (!r)
        r = fill(identity.auth, &said);
    if (r) {
        auth_credentials_unref(identity.auth);
        return status_of(r).v;
    }
    identity.mechanisms = mechanisms_for(said.kerberos);
    identity.number = identity_number();
    return set(&name, identity).v;
}

NET_API_STATUS netmgmt_set_credentials_file(LPCWSTR server, const char *path, int kerberos, char *problem,
                                            size_t len)
{
    struct auth_file_problem why = {0};
    struct identity identity = {.mechanisms = mechanisms_for(kerberos)};
    struct server_name name;
    struct net_status status;
    struct stat st;
    int r;

    if (problem && len)
        *problem = '\0';
    status = server_name_parse(&name, server);
    if (status.v || !path || !identity.mechanisms)
        return status.v ? status.v : ERROR_INVALID_PARAMETER;
    r = auth_file_read(path, false, &identity.auth, &st, &why);
    if (r) {
        if (problem)
            auth_file_text(&why, problem, len);
        return auth_file_status(r).v;
    }
    identity.number = identity_number();
    return set(&name, identity).v;
}

/* ---- In words ---- */

#define NAME_LEN (3 * 1024 + 1) /* of the longest name that auth/ takes */

static void describe_user(const struct credentials *c, char *text, size_t len)
{
    const uint16_t *user = auth_credentials_user(c->auth), *domain = auth_credentials_domain(c->auth);
    char user_utf8[NAME_LEN], domain_utf8[NAME_LEN];
    const char *only = c->mechanisms == AUTH_KERBEROS ? ", Kerberos only"
                       : c->mechanisms == AUTH_NTLM   ? ", NTLM only"
                                                      : "";
    uint8_t hash[16];
    bool secret = auth_credentials_nt_hash(c->auth, hash);

    explicit_bzero(hash, sizeof(hash));
    if (auth_credentials_anonymous(c->auth))
        snprintf(text, len, "anonymous");
    else if (!*user)
        snprintf(text, len, "the owner of the Kerberos tickets");
    else
        snprintf(text, len, "%s%s%s with %s%s", netmgmt_utf8((LPCWSTR)domain, domain_utf8, NAME_LEN),
                 *domain ? "\\" : "", netmgmt_utf8((LPCWSTR)user, user_utf8, NAME_LEN),
                 secret ? "a password" : "Kerberos tickets", only);
}

static void describe_source(const struct credentials *c, char *text, size_t len)
{
    const char *path = secure_getenv("NETMGMT_AUTH_FILE"), *cache = getenv("KRB5CCNAME");

    switch (c->source) {
    case CREDENTIALS_SET:
        snprintf(text, len, "set for this server");
        break;
    case CREDENTIALS_SET_FOR_ALL:
        snprintf(text, len, "set for all servers");
        break;
    case CREDENTIALS_USE:
        snprintf(text, len, "from NetUseAdd");
        break;
    case CREDENTIALS_FILE:
        snprintf(text, len, "from NETMGMT_AUTH_FILE=%s", path ? path : "");
        break;
    case CREDENTIALS_TICKETS:
        snprintf(text, len, "%s%s", cache && *cache ? "from KRB5CCNAME=" : "from the default cache",
                 cache ? cache : "");
    }
}

NET_API_STATUS netmgmt_describe_credentials(LPCWSTR server, char *text, size_t len)
{
    char who[2 * NAME_LEN + 64], where[256 + sizeof("from NETMGMT_AUTH_FILE=")];
    struct auth_file_problem problem;
    struct credentials c;
    struct net_status status = look_up(server, &c, &problem);

    if (!text || !len) {
        credentials_release(&c);
        return status.v;
    }
    if (!status.v) {
        describe_user(&c, who, sizeof(who));
        describe_source(&c, where, sizeof(where));
        snprintf(text, len, "%s, %s", who, where);
    } else if (problem.condition) {
        const char *path = secure_getenv("NETMGMT_AUTH_FILE");

        auth_file_text(&problem, who, sizeof(who));
        snprintf(text, len, "NETMGMT_AUTH_FILE=%s: %s", path ? path : "", who);
    } else {
        snprintf(text, len, "%s", netmgmt_strerror(status.v));
    }
    credentials_release(&c);
    return status.v;
}
