/* SPDX-License-Identifier: MIT */
/*
 * lmapibuf.h: API buffers, the memory in which the functions return what they found.
 *
 * A function that gives data allocates one buffer for it. The structures are at its front, the text and all
 * else that they point to behind them, so that one NetApiBufferFree releases everything. The caller owns the
 * buffer from then on and may write to it. Buffers are aligned to 16 bytes.
 *
 * A pointer that is not the start of a live buffer (freed before, taken from malloc, or into the middle) gets
 * ERROR_INVALID_PARAMETER from all functions here; the memory it points to is not touched.
 *
 * NETMGMT_BUFFERS=leaks in the environment lists at exit the buffers that were not freed and who made them;
 * NETMGMT_BUFFERS=guard lets a program crash at once when it uses a buffer after its end or after it was
 * freed. netmgmt.h has calls that count and list the live buffers.
 *
 * All functions may be called from any number of threads at once.
 */
#ifndef NETMGMT_LMAPIBUF_H
#define NETMGMT_LMAPIBUF_H

#include "lmcons.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Allocate a buffer of `ByteCount` bytes (0: one that holds nothing, but is a buffer) at `*Buffer`. Its
 * content is undefined. Free it with NetApiBufferFree. Meant for callers that hand buffers to code which
 * frees them so.
 *
 * Returns ERROR_INVALID_PARAMETER (Buffer is NULL), ERROR_NOT_ENOUGH_MEMORY (`*Buffer` is NULL).
 *
 * learn.microsoft.com: lmapibuf.h, NetApiBufferAllocate
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetApiBufferAllocate(DWORD ByteCount, LPVOID *Buffer);

/*
 * Free a buffer that NetApiBufferAllocate or any other of these functions made. NULL: nothing to do, success.
 *
 * Returns ERROR_INVALID_PARAMETER (not a live buffer).
 *
 * learn.microsoft.com: lmapibuf.h, NetApiBufferFree
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetApiBufferFree(LPVOID Buffer);

/*
 * Change a buffer's length to `NewByteCount` bytes; its content is kept as far as it fits. The buffer may
 * move: `*NewBuffer` is its new address, and `OldBuffer` is not valid any more unless they are equal.
 * OldBuffer NULL: as NetApiBufferAllocate. NewByteCount 0: frees it and stores NULL.
 *
 * Returns ERROR_INVALID_PARAMETER (NewBuffer is NULL, OldBuffer is not a live buffer),
 * ERROR_NOT_ENOUGH_MEMORY. After a failure OldBuffer is still there, and `*NewBuffer` is not changed, so that
 * both may be the same variable.
 *
 * learn.microsoft.com: lmapibuf.h, NetApiBufferReallocate
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetApiBufferReallocate(LPVOID OldBuffer, DWORD NewByteCount,
                                                                   LPVOID *NewBuffer);

/*
 * A buffer's length in bytes, exactly as it was asked for; of a buffer that another function made, the
 * structures together with everything they point to.
 *
 * Returns ERROR_INVALID_PARAMETER (a NULL pointer, or not a live buffer).
 *
 * learn.microsoft.com: lmapibuf.h, NetApiBufferSize
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetApiBufferSize(LPVOID Buffer, LPDWORD ByteCount);

/* NetApiBufferAllocate under the name by which Windows' own components call it. */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetapipBufferAllocate(DWORD ByteCount, LPVOID *Buffer);

#ifdef __cplusplus
}
#endif
#endif
