/* SPDX-License-Identifier: MIT */
/* A small client of SAMR: see rpc_samr.h. */
#include "rpc_samr.h"

#include <netmgmt/rpc.h>

#include "samr.h"

const struct ndr_interface *rpc_samr_interface(void)
{
    return &samr_interface;
}

uint32_t rpc_samr_open(const char *binding, struct netmgmt_rpc **rpc)
{
    return netmgmt_rpc_open(binding, &samr_interface, rpc);
}

int rpc_samr_domains(struct netmgmt_rpc *rpc, char names[][32], int count)
{
    struct SamrConnect2_params server = {.DesiredAccess = 0x31};
    struct SamrEnumerateDomainsInSamServer_params domains = {.PreferedMaximumLength = 0xffffffffu};

    if (netmgmt_rpc_call(rpc, SamrConnect2_opnum, &server) || server.Return)
        return -1;
    domains.ServerHandle = server.ServerHandle;
    if (netmgmt_rpc_call(rpc, SamrEnumerateDomainsInSamServer_opnum, &domains) || domains.Return)
        return -2;
    for (int i = 0; i < count && i < (int)domains.Buffer->EntriesRead; i++) {
        const RPC_UNICODE_STRING *name = &domains.Buffer->Buffer[i].Name;
        int chars = name->Length / 2 < 31 ? name->Length / 2 : 31;

        for (int k = 0; k < chars; k++)
            names[i][k] = (char)name->Buffer[k];
        names[i][chars] = '\0';
    }
    return (int)domains.Buffer->EntriesRead;
}

uint32_t rpc_samr_many(struct netmgmt_rpc *rpc, int count)
{
    struct SamrConnect2_params server;
    struct SamrCloseHandle_params end;
    uint32_t calls[64];
    int good = 0;

    for (int i = 0; i < count; i++) {
        server = (struct SamrConnect2_params){.DesiredAccess = 0x31};
        good += !netmgmt_rpc_begin(rpc, SamrConnect2_opnum, &server, &calls[i]);
    }
    for (int i = count - 1; i >= 0; i--) {
        good += !netmgmt_rpc_finish(rpc, calls[i], &server) && !server.Return;
        end.SamHandle = server.ServerHandle;
        good += !netmgmt_rpc_call(rpc, SamrCloseHandle_opnum, &end) && !end.Return;
    }
    return good == 3 * count ? netmgmt_rpc_finish(rpc, calls[0], &server) : UINT32_MAX;
}
