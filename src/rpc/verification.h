/* SPDX-License-Identifier: MIT */
/*
 * The verification trailer that clients put behind the stub of a request, so that a server notices when what
 * is not signed (the bind, the header) was changed on the way. [MS-RPCE] 2.2.2.13.
 *
 * It proves something only under signed requests; it is checked whenever it is there, as Windows and Samba
 * do.
 */
#ifndef RPC_VERIFICATION_H
#define RPC_VERIFICATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/writer.h"
#include "rpc/server.h"

enum { VERIFICATION_E_MISMATCH = 1 }; /* fault: access denied */

/* `used`: bytes of the request's stub that its parameters took. 0: there is no trailer (other bytes that
 * follow mean nothing), or it agrees with the request. */
int verification_check(const struct rpc_request *request, size_t used);

/* Append one to the stub in `stub` (which starts at its beginning) of this request, of which interface,
 * syntax, header_signing, and, where headers are not signed, the numbers matter. */
void verification_put(struct writer *stub, const struct rpc_request *request, bool headers_are_signed);

#endif
