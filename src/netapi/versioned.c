/* SPDX-License-Identifier: MIT */
/* See versioned.h. */
#include "netapi/versioned.h"

#include <stdint.h>
#include <string.h>

#include <lmerr.h>
#include <windows.h>

#define LATER_MAX_LEN 4096

struct net_status versioned_copy(void *out, size_t out_len, const void *in, size_t first_len)
{
    const uint8_t *bytes = in;
    size_t len;

    memcpy(&len, in, sizeof(len));
    if (len < first_len || len > LATER_MAX_LEN)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    for (size_t i = out_len; i < len; i++)
        if (bytes[i])
            return NET_STATUS(ERROR_NOT_SUPPORTED);
    memset(out, 0, out_len);
    memcpy(out, in, len < out_len ? len : out_len);
    return NET_STATUS(NERR_Success);
}
