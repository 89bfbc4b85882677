/* SPDX-License-Identifier: MIT */
/*
 * What the Net functions say when a server cannot be reached or does not let us in. One place, so that equal
 * causes have equal statuses on every transport. Their texts are in base/status_text_win32.c.
 */
#include <errno.h>

#include <lmerr.h>
#include <windows.h>

#include "netapi/remote.h"

struct net_status remote_connect_status(int r)
{
    switch (r < 0 ? -r : r) {
    case 0:
    case ETIMEDOUT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return net_from_errno(r);
    case EHOSTUNREACH: /* no such name, too */
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EAGAIN: /* no name server answers */
    case EAFNOSUPPORT:
        return NET_STATUS(ERROR_BAD_NETPATH);
    case EPROTO:
        return NET_STATUS(RPC_S_PROTOCOL_ERROR);
    default:
        return NET_STATUS(RPC_S_SERVER_UNAVAILABLE);
    }
}

struct net_status remote_logon_status(int r, const struct pipe_report *report)
{
    int condition;

    if (r != -EACCES)
        return remote_connect_status(r);
    if (report->info.disagreement)
        return NET_STATUS(ERROR_PROTOCOL_UNREACHABLE);
    if (report->info.auth_result)
        return auth_net_status(report->info.auth_result);
    condition = auth_from_nt(report->why);
    return condition == AUTH_E_REFUSED ? net_from_nt(report->why) : auth_net_status(condition);
}
