/* SPDX-License-Identifier: MIT */
/*
 * Account names: which are allowed ([MS-SAMR] 3.1.1.6, constraints on sAMAccountName), how they compare.
 *
 * Invariant: two names are the same account's exactly when their keys are equal; a key is the simple
 * upper-case mapping of the name, unit by unit.
 */
#include "sam/rules.h"

#include <string.h>

#include "base/utf16.h"

static bool is_forbidden(uint16_t c)
{
    return c < 0x20 || (c < 0x80 && strchr("\"/\\[]:|<>+=;?*,", c));
}

bool sam_name_possible(struct sam_text name)
{
    bool solid = false;

    for (size_t i = 0; i < name.count; i++) {
        if (is_forbidden(name.chars[i]))
            return false;
        solid |= name.chars[i] != ' ';
    }
    return solid && name.chars[name.count - 1] != '.';
}

struct nt_status sam_name_check(struct sam_text name)
{
    bool solid = false;

    if (name.count > SAM_NAME_MAX || !sam_name_possible(name))
        return NT(STATUS_INVALID_ACCOUNT_NAME);
    for (size_t i = 0; i < name.count; i++)
        solid |= name.chars[i] != ' ' && name.chars[i] != '.';
    return solid ? NT(STATUS_SUCCESS) : NT(STATUS_INVALID_ACCOUNT_NAME);
}

bool sam_name_key(struct sam_text name, struct sam_key *key)
{
    uint16_t upper[SAM_NAME_MAX];

    if (name.count > SAM_NAME_MAX)
        return false;
    utf16_upcase(upper, name.chars, name.count);
    for (size_t i = 0; i < name.count; i++) {
        key->bytes[2 * i] = (uint8_t)(upper[i] >> 8);
        key->bytes[2 * i + 1] = (uint8_t)upper[i];
    }
    key->len = 2 * name.count;
    return true;
}
