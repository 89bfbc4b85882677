/* SPDX-License-Identifier: MIT */
/*
 * NetApiBuffer*: allocation of API buffers, and the modes that debug them.
 *
 * Invariant: a buffer is in the registry exactly as long as it is the caller's; it leaves the registry before
 * its memory goes, so that no other thread can meet the address twice. lmapibuf.h has the contract.
 */
#include "netapi/buffer.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lmapibuf.h"
#include "lmerr.h"
#include "netapi/buffer_debug.h"
#include "netapi/buffer_registry.h"
#include "netmgmt.h"

static struct buffer_modes modes;
static pthread_once_t modes_once = PTHREAD_ONCE_INIT;

/* The word at `*at` up to a comma, if it is `word`; then *at is behind it. */
static bool take_word(const char **at, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*at, word, len) || ((*at)[len] && (*at)[len] != ','))
        return false;
    *at += len + ((*at)[len] == ',');
    return true;
}

bool buffer_modes_parse(const char *value, struct buffer_modes *result)
{
    *result = (struct buffer_modes){0};
    while (*value) {
        if (take_word(&value, "guard")) {
            result->set |= BUFFER_GUARD;
        } else if (take_word(&value, "guard:aligned")) {
            result->set |= BUFFER_GUARD | BUFFER_GUARD_ALIGNED;
        } else if (take_word(&value, "leaks")) {
            result->set |= BUFFER_LEAKS;
        } else if (!strncmp(value, "leaks:", 6) && value[6]) {
            result->set |= BUFFER_LEAKS;
            result->leaks_file = value + 6;
            return true;
        } else {
            return false;
        }
    }
    return true;
}

pthread_mutex_t buffer_debug_lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
    pthread_mutex_lock(&buffer_debug_lock);
    buffer_registry_lock_all();
}

static void after_fork(void)
{
    buffer_registry_unlock_all();
    pthread_mutex_unlock(&buffer_debug_lock);
}

static void read_modes(void)
{
    const char *value = secure_getenv("NETMGMT_BUFFERS"); /* the program may be setuid and write a file */

    pthread_atfork(before_fork, after_fork, after_fork);
    if (!value)
        return;
    value = strdup(value); /* setenv() may take the other away */
    if (value && !buffer_modes_parse(value, &modes))
        fprintf(stderr,
                "netmgmt: NETMGMT_BUFFERS=%s is not understood; it is a list of guard, guard:aligned, leaks, "
                "leaks:FILE\n",
                value);
}

const struct buffer_modes *buffer_modes(void)
{
    pthread_once(&modes_once, read_modes);
    return &modes;
}

static void release(void *buffer, size_t len, unsigned set)
{
    if (set & BUFFER_GUARD)
        buffer_guard_free(buffer, len, set & BUFFER_GUARD_ALIGNED);
    else
        free(buffer);
}

void *api_buffer_alloc(size_t len, const char *function)
{
    unsigned set = buffer_modes()->set;
    const struct buffer_site *site = NULL;
    void *buffer;

    if (len > UINT32_MAX)
        return NULL;
    if (set & BUFFER_GUARD)
        buffer = buffer_guard_alloc(len, set & BUFFER_GUARD_ALIGNED);
    else
        buffer = malloc(len ? len : 1);
    if (!buffer)
        return NULL;
    if (set & BUFFER_LEAKS)
        site = buffer_site_here();
    if (!buffer_registry_add(buffer, len, function, site)) {
        release(buffer, len, set);
        return NULL;
    }
    return buffer;
}

void *api_buffer_allocate(size_t len, void *function)
{
    return api_buffer_alloc(len, function);
}

bool api_buffer_free(void *buffer)
{
    struct buffer_entry entry;

    if (!buffer)
        return true;
    if (!buffer_registry_remove(buffer, &entry))
        return false;
    release(buffer, entry.len, buffer_modes()->set);
    return true;
}

static NET_API_STATUS allocate(DWORD len, LPVOID *buffer, const char *function)
{
    if (!buffer)
        return ERROR_INVALID_PARAMETER;
    *buffer = api_buffer_alloc(len, function);
    return *buffer ? NERR_Success : ERROR_NOT_ENOUGH_MEMORY;
}

NET_API_STATUS NET_API_FUNCTION NetApiBufferAllocate(DWORD ByteCount, LPVOID *Buffer)
{
    return allocate(ByteCount, Buffer, "NetApiBufferAllocate");
}

NET_API_STATUS NET_API_FUNCTION NetapipBufferAllocate(DWORD ByteCount, LPVOID *Buffer)
{
    return allocate(ByteCount, Buffer, "NetapipBufferAllocate");
}

NET_API_STATUS NET_API_FUNCTION NetApiBufferFree(LPVOID Buffer)
{
    return api_buffer_free(Buffer) ? NERR_Success : ERROR_INVALID_PARAMETER;
}

/* By copy and not by realloc(): whatever fails, the old buffer is whole and registered. */
NET_API_STATUS NET_API_FUNCTION NetApiBufferReallocate(LPVOID OldBuffer, DWORD NewByteCount,
                                                       LPVOID *NewBuffer)
{
    struct buffer_entry old = {0};
    void *buffer = NULL;

    if (!NewBuffer || (OldBuffer && !buffer_registry_find(OldBuffer, &old)))
        return ERROR_INVALID_PARAMETER;
    if (OldBuffer && NewByteCount && NewByteCount == old.len) {
        *NewBuffer = OldBuffer;
        return NERR_Success;
    }
    if (NewByteCount) {
        buffer = api_buffer_alloc(NewByteCount, "NetApiBufferReallocate");
        if (!buffer)
            return ERROR_NOT_ENOUGH_MEMORY;
        if (old.len)
            memcpy(buffer, OldBuffer, old.len < NewByteCount ? old.len : NewByteCount);
    }
    api_buffer_free(OldBuffer);
    *NewBuffer = buffer;
    return NERR_Success;
}

NET_API_STATUS NET_API_FUNCTION NetApiBufferSize(LPVOID Buffer, LPDWORD ByteCount)
{
    struct buffer_entry entry;

    if (!Buffer || !ByteCount || !buffer_registry_find(Buffer, &entry))
        return ERROR_INVALID_PARAMETER;
    *ByteCount = (DWORD)entry.len;
    return NERR_Success;
}

void netmgmt_buffers_live(size_t *count, size_t *bytes)
{
    size_t ignored;

    buffer_registry_sum(count ? count : &ignored, bytes ? bytes : &ignored);
}
