/* SPDX-License-Identifier: MIT */
/*
 * Access masks: generic bits to specific ones, and who is granted what.
 *
 * Invariant: granted is a subset of what the policy gives the caller, and never holds generic bits.
 * [MS-SAMR] 2.2.1.3 - 2.2.1.7 (masks), 3.1.5.1.1, 3.1.5.1.5, 3.1.5.1.6 (rules).
 */
#include "server/access.h"

#include <stddef.h>

struct rights {
    enum context_kind kind;
    uint32_t read, write, execute, all;
};

static const struct rights rights[] = {
    {CONTEXT_SERVER, 0x00020010, 0x0002000E, 0x00020021, 0x000F003F},
    {CONTEXT_DOMAIN, 0x00020084, 0x0002047A, 0x00020301, 0x000F07FF},
    {CONTEXT_GROUP, 0x00020010, 0x0002000E, 0x00020001, 0x000F001F},
    {CONTEXT_ALIAS, 0x00020004, 0x00020013, 0x00020008, 0x000F001F},
    {CONTEXT_USER, 0x0002031A, 0x00020044, 0x00020041, 0x000F07FF},
};

static const struct rights *rights_of(enum context_kind kind)
{
    const struct rights *r = rights;

    while (r->kind != kind)
        r++;
    return r;
}

uint32_t access_all(enum context_kind kind)
{
    return rights_of(kind)->all;
}

uint32_t access_everybody(enum context_kind kind)
{
    const struct rights *r = rights_of(kind);

    return r->read | r->execute;
}

static uint32_t translate(const struct rights *r, uint32_t mask)
{
    static const uint32_t generic =
        ACCESS_GENERIC_READ | ACCESS_GENERIC_WRITE | ACCESS_GENERIC_EXECUTE | ACCESS_GENERIC_ALL;
    uint32_t specific = mask & ~generic;

    if (mask & ACCESS_GENERIC_READ)
        specific |= r->read;
    if (mask & ACCESS_GENERIC_WRITE)
        specific |= r->write;
    if (mask & ACCESS_GENERIC_EXECUTE)
        specific |= r->execute;
    if (mask & ACCESS_GENERIC_ALL)
        specific |= r->all;
    return specific;
}

struct nt_status access_grant(enum context_kind kind, bool administrator, uint32_t desired, uint32_t *granted)
{
    uint32_t available = administrator ? access_all(kind) | ACCESS_SYSTEM_SECURITY : access_everybody(kind);
    uint32_t mask = translate(rights_of(kind), desired);

    *granted = 0;
    if (mask & ACCESS_MAXIMUM_ALLOWED)
        *granted = available;
    else if (mask & ~available)
        return NT(STATUS_ACCESS_DENIED);
    else
        *granted = mask;
    return NT(STATUS_SUCCESS);
}
