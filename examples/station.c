/* SPDX-License-Identifier: MIT */
/*
 * What machines say that they are: an interface that the library has no function for, called with tables that
 * idlc has made from wksta.idl.
 *
 *     NETMGMT_AUTH_FILE=auth ./station '\\server' 'ncacn_np:192.0.2.7[\pipe\wkssvc]' ...
 */
#include <netmgmt/netmgmt.h>
#include <netmgmt/rpc.h>

#include <stdio.h>

#include "wksta.h"

static uint32_t show(const char *binding)
{
    struct NetrWkstaGetInfo_params p = {.Level = 100};
    struct netmgmt_rpc *rpc;
    uint32_t status = netmgmt_rpc_open(binding, &wksta_interface, &rpc);
    char name[768], domain[768];

    if (status)
        return status;
    status = netmgmt_rpc_call(rpc, NetrWkstaGetInfo_opnum, &p);
    if (!status)
        status = p.Return; /* what the procedure itself says */
    if (!status && p.WkstaInfo.WkstaInfo100) {
        const WKSTA_INFO_100 *info = p.WkstaInfo.WkstaInfo100;

        printf("%s: %s in %s, version %u.%u\n", binding,
               netmgmt_utf8((LPCWSTR)info->wki100_computername, name, sizeof(name)),
               netmgmt_utf8((LPCWSTR)info->wki100_langroup, domain, sizeof(domain)), info->wki100_ver_major,
               info->wki100_ver_minor);
    }
    netmgmt_rpc_close(rpc); /* and what the result points to goes with it */
    return status;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    if (failed)
        fprintf(stderr, "usage: station BINDING...\n");
    for (int i = 1; i < argc; i++) {
        uint32_t status = show(argv[i]);

        if (status)
            fprintf(stderr, "%s: %s\n", argv[i], netmgmt_strerror(status));
        failed |= status != 0;
    }
    return failed;
}
