/* SPDX-License-Identifier: MIT */
/*
 * Between the wire's types and the database's: counted strings, SIDs, large integers, lists of entries.
 * [MS-SAMR] 2.2.2, 2.2.7, [MS-DTYP] 2.3.10, 2.4.2.3.
 */
#include <string.h>

#include "server/samr_procedures.h"

bool samr_text(const RPC_UNICODE_STRING *s, struct sam_text *text)
{
    *text = (struct sam_text){.chars = s->Length / 2 ? s->Buffer : NULL, .count = s->Length / 2};
    return s->Buffer || !text->count;
}

RPC_UNICODE_STRING samr_string(struct sam_text text)
{
    size_t count =
        text.count <= UINT16_MAX / 2 ? text.count : UINT16_MAX / 2; /* the database's are shorter */

    return (RPC_UNICODE_STRING){.Length = (uint16_t)(count * 2),
                                .MaximumLength = (uint16_t)(count * 2),
                                .Buffer = count ? (uint16_t *)(uintptr_t)text.chars : NULL};
}

bool samr_string_dup(struct call *c, struct sam_text text, RPC_UNICODE_STRING *s)
{
    uint16_t *copy = NULL;

    if (text.count) {
        copy = arena_array(c->arena, text.count, 2, 2);
        if (!copy)
            return false;
        memcpy(copy, text.chars, text.count * 2);
    }
    *s = samr_string((struct sam_text){.chars = copy, .count = text.count});
    return true;
}

OLD_LARGE_INTEGER samr_large(int64_t value)
{
    return (OLD_LARGE_INTEGER){.LowPart = (uint32_t)value, .HighPart = (int32_t)(value >> 32)};
}

RPC_SID *samr_sid_of(struct call *c, const struct sam_sid *sid)
{
    RPC_SID *out = arena_alloc(c->arena, sizeof(*out) + sid->count * sizeof(uint32_t), 8);

    if (!out)
        return NULL;
    out->Revision = sid->revision;
    out->SubAuthorityCount = sid->count;
    memcpy(out->IdentifierAuthority.Value, sid->authority, sizeof(sid->authority));
    memcpy(out->SubAuthority, sid->sub, sid->count * sizeof(uint32_t));
    return out;
}

void *samr_append(struct call *c, struct samr_list *list, size_t len)
{
    if (list->count == list->room) {
        uint32_t room = list->room ? list->room * 2 : 64;
        void *items = arena_array(c->arena, room, len, 8);

        if (!items)
            return NULL;
        if (list->count)
            memcpy(items, list->items, list->count * len);
        list->items = items;
        list->room = room;
    }
    return (uint8_t *)list->items + list->count++ * len;
}
