/* SPDX-License-Identifier: MIT */
/*
 * Structures of callers that begin with their size (netmgmt.h), which tells the version that they were
 * compiled with.
 */
#ifndef NETAPI_VERSIONED_H
#define NETAPI_VERSIONED_H

#include <stddef.h>

#include "base/status.h"

/* Copy `in` to `out`, the `out_len` bytes of the version known here. An earlier one, `first_len` bytes at
 * least, has 0 in what it lacks; a later one is good as long as nothing is set that this one does not know.
 * ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED. */
struct net_status versioned_copy(void *out, size_t out_len, const void *in, size_t first_len);

#endif
