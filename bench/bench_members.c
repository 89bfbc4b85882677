/* SPDX-License-Identifier: MIT */
/*
 * bench_members PREFIX SERVER USER DOMAIN COUNT [PORT]: NetGroupSetUsers with the users user000000... of a
 * real server, over a warm connection; the password in SAMBA_PASSWORD. PREFIX as of bench/remote.c: "x+tcp",
 * "x+signed". Lines of name, value, unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#define GROUP u"bench members"

static const char *prefix;
static WCHAR server[256];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void must(const char *what, NET_API_STATUS status)
{
    if (!status)
        return;
    fprintf(stderr, "%s: %s: %u %s\n", prefix, what, status, netmgmt_strerror(status));
    exit(1);
}

static void prepare(char **argv)
{
    struct netmgmt_credentials c = {.size = sizeof(c),
                                    .user = argv[3],
                                    .domain = *argv[4] ? argv[4] : NULL,
                                    .password = getenv("SAMBA_PASSWORD"),
                                    .kerberos = NETMGMT_KERBEROS_OFF};
    struct netmgmt_server_options o = {
        .size = sizeof(o),
        .port = (uint16_t)(argv[6] ? atoi(argv[6]) : 0),
        .transport = strstr(prefix, "+tcp") ? NETMGMT_TRANSPORT_TCP : NETMGMT_TRANSPORT_PIPE,
        .encryption = strstr(prefix, "+signed") ? NETMGMT_ENCRYPTION_OFF : NETMGMT_ENCRYPTION_OFFERED};

    netmgmt_utf16(argv[2], server, 256);
    must("credentials", netmgmt_set_credentials(server, &c));
    must("options", netmgmt_set_server_options(server, &o));
}

static void set(const char *name, GROUP_USERS_INFO_0 *users, DWORD count)
{
    double start = now();

    must(name, NetGroupSetUsers(server, GROUP, 0, (LPBYTE)users, count));
    printf("%s.members.%s\t%.6g\tms\n", prefix, name, now() - start);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    GROUP_INFO_0 group = {GROUP};
    GROUP_USERS_INFO_0 *users;
    DWORD count, read, total;
    NET_API_STATUS status;
    LPBYTE buffer;

    if (argc < 6)
        return fprintf(stderr, "bench_members PREFIX SERVER USER DOMAIN COUNT [PORT]\n"), 2;
    prefix = argv[1];
    prepare(argv);
    count = (DWORD)atoi(argv[5]);
    users = calloc(count, sizeof(*users));
    for (DWORD i = 0; users && i < count; i++) {
        char name[16];

        snprintf(name, sizeof(name), "user%06u", i % 1000000);
        users[i].grui0_name = calloc(16, sizeof(WCHAR));
        netmgmt_utf16(name, users[i].grui0_name, 16);
    }
    status = NetGroupAdd(server, 0, (LPBYTE)&group, NULL);
    must("adding the group", status == NERR_GroupExists ? 0 : status);
    must("emptying the group", NetGroupSetUsers(server, GROUP, 0, NULL, 0));
    set("add", users, count);
    must("members", NetGroupGetUsers(server, GROUP, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    NetApiBufferFree(buffer);
    if (read != count)
        return fprintf(stderr, "%s: %u members instead of %u\n", prefix, read, count), 1;
    set("remove", NULL, 0);
    must("deleting the group", NetGroupDel(server, GROUP));
    return 0;
}
