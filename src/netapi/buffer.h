/* SPDX-License-Identifier: MIT */
/*
 * API buffers: what the Net functions hand to their callers and NetApiBufferFree releases.
 *
 * Invariant: an address is live from api_buffer_alloc to api_buffer_free and known exactly; a pointer that is
 * not live is refused without looking at its memory. lmapibuf.h and netmgmt.h have the public functions.
 */
#ifndef NETAPI_BUFFER_H
#define NETAPI_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Memory for an out-buffer of exactly `len` bytes (at most 4 GiB - 1, what NetApiBufferSize can tell),
 * content undefined. `function`: name of the public function that it is for, a literal. NULL: no memory. */
void *api_buffer_alloc(size_t len, const char *function);

/* api_buffer_alloc with the signature that ndr_block_take wants; `function` is the name. */
void *api_buffer_allocate(size_t len, void *function);

/* NULL: nothing to do, true. False: not a live buffer. */
bool api_buffer_free(void *buffer);

#endif
