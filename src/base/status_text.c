/* SPDX-License-Identifier: MIT */
/* netmgmt_strerror() and netmgmt_status_name(): lookups in the tables of names and texts. */
#include "base/status_text.h"

#include <stdlib.h>

#include "base/version.h"
#include "lmerr.h"
#include "netmgmt.h"

static int compare(const void *key, const void *row)
{
    uint32_t status = *(const uint32_t *)key, other = ((const struct status_text *)row)->status;

    return (status > other) - (status < other);
}

static const struct status_text *find(uint32_t status)
{
    if (status >= NERR_BASE && status <= MAX_NERR)
        return bsearch(&status, status_text_nerr, status_text_nerr_count, sizeof(status_text_nerr[0]),
                       compare);
    return bsearch(&status, status_text_win32, status_text_win32_count, sizeof(status_text_win32[0]),
                   compare);
}

const char *netmgmt_strerror(NET_API_STATUS status)
{
    const struct status_text *row = find(status);

    if (row && row->text)
        return row->text;
    return row || (status >= NERR_BASE && status <= MAX_NERR)
               ? "The server reported a status of a network service; its number says which."
               : "The server reported a status that this library has no text for; look up its number.";
}

const char *netmgmt_status_name(NET_API_STATUS status)
{
    const struct status_text *row = find(status);

    return row ? row->name : NULL;
}

const char *netmgmt_version(void)
{
    return NETMGMT_VERSION;
}
