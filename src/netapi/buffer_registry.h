/* SPDX-License-Identifier: MIT */
/*
 * The live API buffers: a hash table of addresses, cut into parts with a lock each, so that threads seldom
 * meet. What is known of a buffer is here and not before its memory, where an overrun would damage it.
 */
#ifndef NETAPI_BUFFER_REGISTRY_H
#define NETAPI_BUFFER_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer_site;

struct buffer_entry {
    uintptr_t key; /* stands for the address, see buffer_entry_address; never 0 */
    size_t len;
    const char *function;           /* that made it */
    const struct buffer_site *site; /* with NETMGMT_BUFFERS=leaks, else NULL */
};

bool buffer_registry_add(const void *address, size_t len, const char *function,
                         const struct buffer_site *site);                     /* false: no memory */
bool buffer_registry_remove(const void *address, struct buffer_entry *entry); /* false: not live */
bool buffer_registry_find(const void *address, struct buffer_entry *entry);

void buffer_registry_sum(size_t *count, size_t *bytes);
/* A copy of all entries in no order, freed with free(); NULL when there are none, or no memory: `*count`
 * tells. */
struct buffer_entry *buffer_registry_copy(size_t *count);

void *buffer_entry_address(const struct buffer_entry *entry);

/* Around fork(): nobody holds a lock in the child. */
void buffer_registry_lock_all(void);
void buffer_registry_unlock_all(void);

#endif
