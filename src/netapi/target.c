/* SPDX-License-Identifier: MIT */
/*
 * Resolution of server names without a network query: see target.h.
 *
 * Invariant: a target names one file, and remembers which (device, inode), so that a connection to a database
 * or socket that was replaced under the same path is never taken for one to its successor.
 */
#include "netapi/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <windows.h>
#include <lmerr.h>
#include <netmgmt.h>

#include "base/paths.h"
#include "netapi/server_options.h"

#define SERVER_NAME_MAX 255
#define NETBIOS_NAME_MAX 15

void target_identify(struct target *t)
{
    struct stat st;
    bool there = stat(t->path, &st) == 0;

    t->device = there ? (uint64_t)st.st_dev : 0;
    t->inode = there ? (uint64_t)st.st_ino : 0;
}

bool target_equal(const struct target *a, const struct target *b)
{
    return a->kind == b->kind && a->device == b->device && a->inode == b->inode &&
           strcmp(a->path, b->path) == 0;
}

static struct net_status set(struct target *t, enum target_kind kind, const char *folder, const char *file)
{
    int n = snprintf(t->path, sizeof(t->path), "%s%s%s", folder, *folder ? "/" : "", file);

    if (n < 0 || (size_t)n >= sizeof(t->path))
        return NET_STATUS(ERROR_FILENAME_EXCED_RANGE);
    t->kind = kind;
    target_identify(t);
    return NET_STATUS(NERR_Success);
}

struct net_status target_parse(struct target *t, const char *binding)
{
    static const struct {
        const char *prefix;
        enum target_kind kind;
    } kinds[] = {{"unix:", TARGET_UNIX}, {"embedded:", TARGET_EMBEDDED}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].prefix);

        if (strncmp(binding, kinds[i].prefix, len) == 0 && binding[len])
            return set(t, kinds[i].kind, "", binding + len);
    }
    return NET_STATUS(ERROR_INVALID_PARAMETER);
}

static struct net_status resolve_local(struct target *t)
{
    const char *local = getenv("NETMGMT_LOCAL"), *state, *home;
    struct net_status status;

    if (local && *local)
        return target_parse(t, local);
    status = set(t, TARGET_UNIX, "", PATHS_SOCKET);
    if (status.v || t->inode)
        return status;
    if (geteuid() == 0)
        return set(t, TARGET_EMBEDDED, "", PATHS_DATABASE);
    state = getenv("XDG_STATE_HOME");
    if (state && *state == '/')
        return set(t, TARGET_EMBEDDED, state, PATHS_USER_DATABASE);
    home = getenv("HOME");
    if (!home || *home != '/')
        return NET_STATUS(ERROR_PATH_NOT_FOUND);
    return set(t, TARGET_EMBEDDED, home, ".local/state/" PATHS_USER_DATABASE);
}

static bool is_own_name(const char *name)
{
    static const char *const always[] = {"localhost", ".", "127.0.0.1", "::1"};
    char host[SERVER_NAME_MAX + 1];
    size_t len = strlen(name), first;

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        if (strcasecmp(name, always[i]) == 0)
            return true;
    if (gethostname(host, sizeof(host)) != 0)
        return false;
    host[sizeof(host) - 1] = '\0';
    first = strcspn(host, ".");
    if (strcasecmp(name, host) == 0 || (len == first && strncasecmp(name, host, first) == 0))
        return true;
    return first > NETBIOS_NAME_MAX && len == NETBIOS_NAME_MAX && strncasecmp(name, host, len) == 0;
}

/* Of a server's name; true: it is not malformed. */
static bool name_to_utf8(char *out, const uint16_t *name)
{
    size_t chars = 0;

    for (; name[chars]; chars++) {
        uint16_t c = name[chars];

        if (chars == SERVER_NAME_MAX || c <= u' ' || c == u'\\' || c == u'/' || c == 0x7f)
            return false;
    }
    netmgmt_utf8((LPCWSTR)name, out, PATH_MAX); /* at most 3 bytes for a unit */
    return chars > 0;
}

struct net_status target_resolve(struct target *t, const uint16_t *servername)
{
    if (!servername || !*servername)
        return resolve_local(t);
    if (servername[0] == u'\\') {
        if (servername[1] != u'\\' || !servername[2])
            return NET_STATUS(ERROR_INVALID_NAME);
        servername += 2;
    }
    if (!name_to_utf8(t->path, servername))
        return NET_STATUS(NERR_InvalidComputer);
    if (is_own_name(t->path) && !server_options_given(servername))
        return resolve_local(t);
    t->kind = TARGET_REMOTE;
    t->device = t->inode = 0;
    return NET_STATUS(NERR_Success);
}
