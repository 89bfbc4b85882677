/* SPDX-License-Identifier: MIT */
/*
 * remote.h by Samba's library, for comparison. It has pipes only, and takes its settings from
 * /etc/samba/smb.conf.
 */
#include <stdint.h>
#include <stdio.h>

#include <netapi.h>

#include "remote.h"

const char *const remote_library = "libnetapi";

static const char *server;

unsigned remote_prepare(const struct remote_way *way)
{
    struct libnetapi_ctx *context = NULL;
    char user[300];
    NET_API_STATUS status = libnetapi_init(&context);

    if (status)
        return status;
    snprintf(user, sizeof(user), "%s%s%s", way->domain ? way->domain : "", way->domain ? "\\" : "",
             way->user);
    server = way->server;
    status = libnetapi_set_username(context, user);
    return status ? status : libnetapi_set_password(context, way->password);
}

unsigned remote_add(const char *group)
{
    struct GROUP_INFO_1 info = {.grpi1_name = group, .grpi1_comment = "bench"};
    uint32_t parameter = 0;

    return NetGroupAdd(server, 1, (uint8_t *)&info, &parameter);
}

unsigned remote_get(const char *group)
{
    uint8_t *buffer = NULL;
    NET_API_STATUS status = NetGroupGetInfo(server, group, 1, &buffer);

    NetApiBufferFree(buffer);
    return status;
}

unsigned remote_enum_users(unsigned level, size_t *count)
{
    uint32_t read = 0, total = 0, resume = 0;
    NET_API_STATUS status;

    *count = 0;
    do {
        uint8_t *buffer = NULL;

        status = NetUserEnum(server, level, 2, &buffer, (uint32_t)-1, &read, &total, &resume);
        NetApiBufferFree(buffer);
        *count += read;
    } while (status == 234 && read); /* ERROR_MORE_DATA */
    return status;
}

unsigned remote_enum(size_t *count)
{
    uint32_t read = 0, total = 0, resume = 0;
    NET_API_STATUS status;

    *count = 0;
    do { /* it has a buffer of its own for each page of the server's */
        uint8_t *buffer = NULL;

        status = NetGroupEnum(server, 1, &buffer, (uint32_t)-1, &read, &total, &resume);
        NetApiBufferFree(buffer);
        *count += read;
    } while (status == 234 && read); /* ERROR_MORE_DATA */
    return status;
}
