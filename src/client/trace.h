/* SPDX-License-Identifier: MIT */
/*
 * What a channel says, for people: NETMGMT_TRACE=FILE gets one JSON line for each call ("-": standard error),
 * NETMGMT_PCAP=FILE a capture of all PDUs as they are without protection. docs/tracing.md has the format.
 *
 * Invariant: a trace changes nothing of what it watches. What cannot be written is not, and no memory is no
 * failure; a line goes out whole, in one write(2), so threads and processes may share a file. The variables
 * are read once. Secrets are masked in lines and bare in captures.
 */
#ifndef CLIENT_TRACE_H
#define CLIENT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "netmgmt/ndr.h"
#include "rpc/pdu.h"
#include "transport/transport.h"

struct trace; /* of one channel */

/* NULL: nobody wants to see. */
struct trace *trace_open(struct transport *t, const struct ndr_interface *interface);
void trace_close(struct trace *t);
const struct pdu_observer *trace_observer(const struct trace *t); /* of the channel's PDUs; NULL: none */

/* A call is about to begin; then it has begun, with a request of `len` bytes, unless `status` says otherwise;
 * it has ended, with a reply of `len` bytes and with values (`params`) if it went well; or its reply is of no
 * interest. */
void trace_call(struct trace *t, uint16_t opnum, enum ndr_syntax syntax, const void *params);
void trace_begun(struct trace *t, uint32_t call, size_t len, struct net_status status);
void trace_ended(struct trace *t, uint32_t call, size_t len, struct net_status status, const void *params);
void trace_dropped(struct trace *t, uint32_t call);

#endif
