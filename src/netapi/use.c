/* SPDX-License-Identifier: MIT */
/*
 * NetUseAdd and NetUseDel: credentials for one server, under the name that they have on Windows. They are
 * documented in lmuse.h.
 *
 * Invariant: an entry is in the table only with credentials that the server has taken, unless the caller
 * asked not to try them; there is one for each server at most.
 */
#include "netapi/use.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lmerr.h>
#include <lmuse.h>
#include <windows.h>

#include "base/utf16.h"
#include "netapi/remote.h"
#include "netapi/target.h"

#define REMOTE_MAX (2 + SERVER_NAME_MAX + 1 + NNLEN)
#define CREATE_KNOWN                                                                                   \
    (CREATE_NO_CONNECT | CREATE_BYPASS_CSC | CREATE_CRED_RESET | CREATE_REQUIRE_CONNECTION_INTEGRITY | \
     CREATE_REQUIRE_CONNECTION_PRIVACY)

struct net_status use_check_computer(const uint16_t *name)
{
    struct target target;
    struct net_status status;

    if (!name || !*name)
        return NET_STATUS(NERR_Success);
    status = target_resolve(&target, name);
    if (!status.v && target.kind != TARGET_UNIX && target.kind != TARGET_EMBEDDED)
        return NET_STATUS(ERROR_NOT_SUPPORTED);
    return status;
}

struct net_status use_parse(struct server_name *server, const uint16_t *remote)
{
    static const uint16_t ipc[] = {'I', 'P', 'C', '$'};
    uint16_t name[SERVER_NAME_MAX + 1];
    size_t chars = 0;

    if (remote[0] != u'\\' || remote[1] != u'\\')
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    for (remote += 2; *remote && *remote != u'\\'; remote++) {
        if (chars == SERVER_NAME_MAX)
            return NET_STATUS(ERROR_INVALID_PARAMETER);
        name[chars++] = *remote;
    }
    name[chars] = 0;
    if (!chars || !*remote || !remote[1] || server_name_parse(server, name).v)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    remote++;
    return NET_STATUS(utf16_casecmp(remote, utf16_len(remote), ipc, 4) ? ERROR_NOT_SUPPORTED : NERR_Success);
}

struct use *use_find(const uint16_t *name)
{
    struct server_name server;
    struct known_server *s = NULL;

    if (!use_parse(&server, name).v)
        s = known_find(&server);
    return s ? s->use : NULL;
}

/* ---- NetUseAdd ---- */

struct add_arguments {
    const uint16_t *local, *remote, *password, *user, *domain; /* as they stand in the caller's structure */
    DWORD type, flags;
    struct server_name server;
    struct identity identity;
    DWORD parameter; /* which one is being dealt with: *parm_err when it is not valid */
};

static void add_read(struct add_arguments *a, DWORD level, const BYTE *buf)
{
    const USE_INFO_0 *info0 = (const USE_INFO_0 *)buf;
    const USE_INFO_2 *info2 = (const USE_INFO_2 *)buf;

    a->local = info0->ui0_local;
    a->remote = info0->ui0_remote;
    a->type = USE_IPC;
    if (level >= 1) { /* USE_INFO_2 and USE_INFO_3 begin with it */
        a->password = info2->ui2_password;
        a->type = info2->ui2_asg_type;
    }
    if (level >= 2) {
        a->user = info2->ui2_username;
        a->domain = info2->ui2_domainname;
    }
    if (level >= 3)
        a->flags = ((const USE_INFO_3 *)buf)->ui3_flags;
}

static bool fits(const uint16_t *text, size_t max)
{
    size_t chars = 0;

    while (text && chars <= max && text[chars])
        chars++;
    return chars <= max;
}

static struct net_status add_check(struct add_arguments *a)
{
    struct net_status status;

    a->parameter = USE_LOCAL_PARMNUM;
    if (a->local && *a->local)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    a->parameter = USE_REMOTE_PARMNUM;
    if (!a->remote || !fits(a->remote, REMOTE_MAX))
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    status = use_parse(&a->server, a->remote);
    if (status.v)
        return status;
    a->parameter = USE_ASGTYPE_PARMNUM;
    if (a->type == USE_DISKDEV || a->type == USE_SPOOLDEV || a->type == USE_CHARDEV)
        return NET_STATUS(ERROR_BAD_DEV_TYPE);
    if (a->type != USE_IPC && a->type != USE_WILDCARD)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    a->parameter = USE_FLAGS_PARMNUM;
    if (a->flags & ~(DWORD)CREATE_KNOWN)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    a->parameter = USE_PASSWORD_PARMNUM;
    if (!fits(a->password, PWLEN) || (!(a->user && *a->user) && a->password && *a->password))
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    a->parameter = USE_USERNAME_PARMNUM;
    if (!fits(a->user, UNLEN))
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    a->parameter = USE_DOMAINNAME_PARMNUM;
    if (!fits(a->domain, UNLEN) || (!(a->user && *a->user) && a->domain && *a->domain))
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    return status;
}

static int add_fill(struct auth_credentials *auth, const struct add_arguments *a)
{
    const uint16_t *domain = a->domain && *a->domain ? a->domain : NULL;
    int r = 0;

    if (!*a->user)
        auth_credentials_set_anonymous(auth);
    else
        r = auth_credentials_set_name(auth, a->user, domain);
    if (!r && *a->user && !*auth_credentials_user(auth)) /* "DOMAIN\\" */
        r = -EINVAL;
    if (!r && *a->user && a->password)
        r = auth_credentials_set_password(auth, a->password);
    return r;
}

/* No identity when the default credentials are meant. */
static struct net_status add_identity(struct add_arguments *a)
{
    int r = 0;

    if (!a->user)
        return NET_STATUS(NERR_Success);
    r = auth_credentials_new(&a->identity.auth);
    if (!r)
        r = add_fill(a->identity.auth, a);
    a->identity.mechanisms = AUTH_KERBEROS | AUTH_NTLM;
    a->identity.number = identity_number();
    return r == -EINVAL ? NET_STATUS(ERROR_INVALID_PARAMETER) : net_from_errno(r);
}

static bool same_text(const uint16_t *a, const uint16_t *b)
{
    return utf16_casecmp(a, utf16_len(a), b, utf16_len(b)) == 0;
}

static bool same_credentials(const struct auth_credentials *a, const struct auth_credentials *b)
{
    uint8_t hash_a[16] = {0}, hash_b[16] = {0};
    bool same;

    if (!a || !b)
        return a == b;
    same = auth_credentials_nt_hash(a, hash_a) == auth_credentials_nt_hash(b, hash_b) &&
           memcmp(hash_a, hash_b, sizeof(hash_a)) == 0 &&
           auth_credentials_anonymous(a) == auth_credentials_anonymous(b) &&
           same_text(auth_credentials_user(a), auth_credentials_user(b)) &&
           same_text(auth_credentials_domain(a), auth_credentials_domain(b));
    explicit_bzero(hash_a, sizeof(hash_a));
    explicit_bzero(hash_b, sizeof(hash_b));
    return same;
}

/* True: there is one already, and `*status` says what comes of it. */
static bool add_again(const struct add_arguments *a, struct net_status *status)
{
    const struct known_server *s = known_find(&a->server);

    if (!s || !s->use)
        return false;
    *status = NET_STATUS(ERROR_SESSION_CREDENTIAL_CONFLICT);
    if (same_credentials(s->use->identity.auth, a->identity.auth) && s->use->count < UINT32_MAX) {
        s->use->count++;
        s->use->flags |= a->flags;
        *status = NET_STATUS(NERR_Success);
    }
    return true;
}

/* With these credentials, and all else as later calls will have it. */
static struct net_status add_verify(const struct add_arguments *a)
{
    uint16_t server[SERVER_NAME_MAX + 1] = {0};
    struct credentials c;
    struct net_status status;

    if (a->flags & CREATE_NO_CONNECT)
        return NET_STATUS(NERR_Success);
    memcpy(server, a->remote + 2, a->server.chars * 2); /* as it was written: Kerberos sees a difference */
    status = credentials_for(server, &c);
    if (a->identity.auth) {
        credentials_release(&c);
        c.auth = auth_credentials_ref(a->identity.auth);
        c.mechanisms = a->identity.mechanisms;
        c.number = a->identity.number;
        c.source = CREDENTIALS_USE;
        status = NET_STATUS(NERR_Success); /* what is wrong with other ones does not matter */
    }
    server_options_require(&c.options, a->flags);
    if (!status.v)
        status = remote_verify(server, &c);
    credentials_release(&c);
    return status;
}

static struct use *use_new(const struct add_arguments *a)
{
    static const uint16_t none[1];
    size_t chars = utf16_len(a->remote);
    struct use *use = calloc(1, sizeof(*use) + (chars + 1) * 2);

    if (!use)
        return NULL;
    use->count = 1;
    use->flags = a->flags;
    use->user = use->domain = none;
    memcpy(use->remote, a->remote, chars * 2);
    if (a->identity.auth) {
        use->identity = a->identity;
        use->identity.auth = auth_credentials_ref(a->identity.auth);
        use->user = auth_credentials_user(use->identity.auth);
        use->domain = auth_credentials_domain(use->identity.auth);
    }
    return use;
}

static void use_free(struct use *use)
{
    if (use)
        auth_credentials_unref(use->identity.auth);
    free(use);
}

static struct net_status add(struct add_arguments *a)
{
    struct net_status status = NET_STATUS(NERR_Success);
    struct known_server *s;
    struct use *use;
    bool again;

    known_lock();
    again = add_again(a, &status);
    known_unlock();
    if (again)
        return status;
    status = add_verify(a);
    if (status.v)
        return status;
    use = use_new(a);
    known_lock();
    again = add_again(a, &status); /* by another thread meanwhile */
    s = use && !again ? known_make(&a->server) : NULL;
    if (s) {
        known_add_use(s, use);
        use = NULL;
    }
    known_unlock();
    use_free(use);
    return s || again ? status : NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
}

NET_API_STATUS NetUseAdd(LPCWSTR servername, DWORD LevelFlags, LPBYTE buf, LPDWORD parm_err)
{
    struct add_arguments a = {0};
    struct net_status status;

    if (parm_err)
        *parm_err = PARM_ERROR_NONE;
    if (LevelFlags > 3)
        return ERROR_INVALID_LEVEL;
    status = use_check_computer(servername);
    if (status.v || !buf)
        return status.v ? status.v : ERROR_INVALID_PARAMETER;
    add_read(&a, LevelFlags, buf);
    status = add_check(&a);
    if (!status.v) {
        a.parameter = USE_USERNAME_PARMNUM;
        status = add_identity(&a);
    }
    if (status.v && parm_err && status.v != ERROR_NOT_ENOUGH_MEMORY)
        *parm_err = a.parameter;
    if (!status.v)
        status = add(&a);
    auth_credentials_unref(a.identity.auth);
    return status.v;
}

/* ---- NetUseDel ---- */

NET_API_STATUS NetUseDel(LPCWSTR UncServerName, LPCWSTR UseName, DWORD ForceLevelFlags)
{
    struct net_status status = use_check_computer(UncServerName);
    struct use *use;
    bool last;

    if (status.v)
        return status.v;
    if (!UseName || !*UseName)
        return ERROR_INVALID_PARAMETER;
    if (ForceLevelFlags > USE_LOTS_OF_FORCE)
        return ERROR_INVALID_LEVEL;
    known_lock();
    use = use_find(UseName);
    if (!use) {
        known_unlock();
        return NERR_UseNotFound;
    }
    last = ForceLevelFlags == USE_LOTS_OF_FORCE || --use->count == 0;
    if (last)
        known_remove_use(use);
    known_unlock();
    use_free(last ? use : NULL);
    return NERR_Success;
}
