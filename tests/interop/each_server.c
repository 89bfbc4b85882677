/* SPDX-License-Identifier: MIT */
/* See each_server.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "../net_assert.h"
#include "each_server.h"

#define GROUP u"iop many"

static const struct way {
    const char *name;
    int transport, encryption;
} ways[] = {{"signed", NETMGMT_TRANSPORT_PIPE, NETMGMT_ENCRYPTION_OFF},
            {"encrypted", NETMGMT_TRANSPORT_PIPE, NETMGMT_ENCRYPTION_REQUIRED},
            {"TCP", NETMGMT_TRANSPORT_TCP, 0}};

static bool dc;

void each_begin(bool is_dc)
{
    dc = is_dc;
}

const uint16_t *each_server(void)
{
    return dc ? u"\\\\dc1.world.test" : u"\\\\files";
}

int each_transports(void)
{
    return dc ? 3 : 2;
}

const char *each_transport_name(int transport)
{
    return ways[transport].name;
}

bool each_is_pipe(int transport)
{
    return ways[transport].transport == NETMGMT_TRANSPORT_PIPE;
}

#define CONNECTIONS_MAX 64

/* Our ports of what is connected to where the server has SMB or RPC, its endpoint mapper apart. */
static size_t find_connections(unsigned ports[CONNECTIONS_MAX])
{
    FILE *f = fopen("/proc/self/net/tcp", "r");
    unsigned local, port, state;
    char line[300];
    size_t count = 0;

    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, " %*u: %*x:%x %*x:%x %x", &local, &port, &state) == 3 && state == 1 &&
            (port == 445 || (port >= 49152 && port <= 49300)) && count < CONNECTIONS_MAX)
            ports[count++] = local;
    fclose(f);
    return count;
}

static unsigned before[CONNECTIONS_MAX];
static size_t before_count;

void each_take(int transport)
{
    struct netmgmt_server_options options = {.size = sizeof(options),
                                             .transport = ways[transport].transport,
                                             .encryption = ways[transport].encryption};
    struct netmgmt_credentials c = {.size = sizeof(c),
                                    .user = dc ? "Administrator" : "admin",
                                    .domain = dc ? "WORLD" : NULL,
                                    .password = getenv("SAMBA_PASSWORD"),
                                    .kerberos = NETMGMT_KERBEROS_OFF};

    /* credentials given anew are others, even when they are equal: no connection of before serves them */
    assert_ok(netmgmt_set_server_options(each_server(), &options));
    assert_ok(netmgmt_set_credentials(each_server(), &c));
    before_count = find_connections(before);
}

unsigned each_connections(void)
{
    unsigned ports[CONNECTIONS_MAX], count = 0;
    size_t all = find_connections(ports);

    for (size_t i = 0; i < all; i++) {
        bool old = false;

        for (size_t k = 0; k < before_count; k++)
            old |= before[k] == ports[i];
        count += !old;
    }
    return count;
}

const uint16_t *each_user_name(unsigned i, uint16_t name[9])
{
    char text[16];

    snprintf(text, sizeof(text), "many%04u", i % 10000);
    for (int k = 0; k < 9; k++)
        name[k] = (uint8_t)text[k];
    return name;
}

/* The group has exactly those users that are a multiple of `step`. */
static void check_members(unsigned step)
{
    GROUP_USERS_INFO_0 *users;
    bool seen[EACH_USERS] = {false};
    DWORD read, total;

    assert_ok(NetGroupGetUsers(each_server(), GROUP, 0, (LPBYTE *)&users, MAX_PREFERRED_LENGTH, &read, &total,
                               NULL));
    for (DWORD i = 0; i < read; i++) {
        unsigned number = (unsigned)atoi(netmgmt_utf8(users[i].grui0_name, (char[64]){0}, 64) + 4);

        assert_in_range(number, 0, EACH_USERS - 1);
        assert_false(seen[number]);
        assert_int_equal(number % step, 0);
        seen[number] = true;
    }
    assert_int_equal(read, (EACH_USERS + step - 1) / step);
    NetApiBufferFree(users);
}

void each_set_members(void)
{
    static uint16_t names[EACH_USERS][9];
    static GROUP_USERS_INFO_0 users[EACH_USERS];
    GROUP_INFO_0 group = {GROUP};
    NET_API_STATUS status = NetGroupAdd(each_server(), 0, (LPBYTE)&group, NULL);
    DWORD read, total;
    LPBYTE none;

    assert_true(status == NERR_Success || status == NERR_GroupExists);
    for (unsigned step = 1; step <= 3; step += 2) {
        unsigned count = 0;

        for (unsigned i = 0; i < EACH_USERS; i += step) {
            each_user_name(i, names[i]);
            users[count++].grui0_name = names[i];
        }
        assert_ok(NetGroupSetUsers(each_server(), GROUP, 0, (LPBYTE)users, count));
        check_members(step);
    }
    assert_ok(NetGroupSetUsers(each_server(), GROUP, 0, NULL, 0));
    assert_ok(NetGroupGetUsers(each_server(), GROUP, 0, &none, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, 0);
    NetApiBufferFree(none);
    assert_ok(NetGroupDel(each_server(), GROUP));
}
