/* SPDX-License-Identifier: MIT */
/*
 * remote.h by our library.
 */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "remote.h"

const char *const remote_library = "remote";

static WCHAR server[256];

unsigned remote_prepare(const struct remote_way *way)
{
    struct netmgmt_credentials c = {.size = sizeof(c),
                                    .user = way->user,
                                    .domain = way->domain,
                                    .password = way->password,
                                    .kerberos = NETMGMT_KERBEROS_OFF};
    struct netmgmt_server_options o = {.size = sizeof(o),
                                       .transport = way->tcp ? NETMGMT_TRANSPORT_TCP : NETMGMT_TRANSPORT_PIPE,
                                       .encryption = way->encrypt ? NETMGMT_ENCRYPTION_OFFERED
                                                                  : NETMGMT_ENCRYPTION_OFF};
    NET_API_STATUS status;

    netmgmt_utf16(way->server, server, sizeof(server) / sizeof(server[0]));
    status = netmgmt_set_credentials(server, &c);
    return status ? status : netmgmt_set_server_options(server, &o);
}

unsigned remote_add(const char *group)
{
    WCHAR name[300];
    GROUP_INFO_1 info = {name, u"bench"};

    netmgmt_utf16(group, name, sizeof(name) / sizeof(name[0]));
    return NetGroupAdd(server, 1, (LPBYTE)&info, NULL);
}

unsigned remote_get(const char *group)
{
    WCHAR name[300];
    LPBYTE buffer = NULL;
    NET_API_STATUS status;

    netmgmt_utf16(group, name, sizeof(name) / sizeof(name[0]));
    status = NetGroupGetInfo(server, name, 1, &buffer);
    NetApiBufferFree(buffer);
    return status;
}

unsigned remote_enum_users(unsigned level, size_t *count)
{
    DWORD read = 0, total = 0;
    LPBYTE buffer = NULL;
    NET_API_STATUS status =
        NetUserEnum(server, level, FILTER_NORMAL_ACCOUNT, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);

    NetApiBufferFree(buffer);
    *count = read;
    return status;
}

unsigned remote_enum(size_t *count)
{
    DWORD read = 0, total = 0;
    LPBYTE buffer = NULL;
    NET_API_STATUS status = NetGroupEnum(server, 1, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);

    NetApiBufferFree(buffer);
    *count = read;
    return status;
}
