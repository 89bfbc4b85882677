/* SPDX-License-Identifier: MIT */
/*
 * UUIDs: on the wire (C706 appendix A), as text, and those of the two transfer syntaxes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ndr/ndr.h"

const struct ndr_uuid ndr_syntax_uuid[NDR_SYNTAX_COUNT] = {
    [NDR_SYNTAX_NDR20] = {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}},
    [NDR_SYNTAX_NDR64] = {0x71710533, 0xbeba, 0x4937, {0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36}},
};

bool ndr_uuid_equal(const struct ndr_uuid *a, const struct ndr_uuid *b)
{
    return !memcmp(a, b, sizeof(*a));
}

void ndr_uuid_read(struct reader *r, struct ndr_uuid *uuid)
{
    const uint8_t *p;

    *uuid = (struct ndr_uuid){0};
    uuid->time_low = reader_u32(r);
    uuid->time_mid = reader_u16(r);
    uuid->time_hi = reader_u16(r);
    p = reader_take(r, sizeof(uuid->node));
    if (p)
        memcpy(uuid->node, p, sizeof(uuid->node));
}

void ndr_uuid_write(struct writer *w, const struct ndr_uuid *uuid)
{
    writer_u32(w, uuid->time_low);
    writer_u16(w, uuid->time_mid);
    writer_u16(w, uuid->time_hi);
    writer_put(w, uuid->node, sizeof(uuid->node));
}

void ndr_uuid_text(const struct ndr_uuid *uuid, char text[37])
{
    const uint8_t *n = uuid->node;

    snprintf(text, 37, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", (unsigned)uuid->time_low,
             uuid->time_mid, uuid->time_hi, n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
}

bool ndr_uuid_parse(const char *text, struct ndr_uuid *uuid)
{
    uint8_t bytes[16];

    for (size_t i = 0, n = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char digits[3] = {text[i], text[i] ? text[i + 1] : '\0'};

        if (dash && text[i] != '-')
            return false;
        if (dash)
            continue;
        if (strspn(digits, "0123456789abcdefABCDEF") != 2)
            return false;
        bytes[n++] = (uint8_t)strtoul(digits, NULL, 16);
        i++;
    }
    uuid->time_low = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    uuid->time_mid = (uint16_t)(bytes[4] << 8 | bytes[5]);
    uuid->time_hi = (uint16_t)(bytes[6] << 8 | bytes[7]);
    memcpy(uuid->node, bytes + 8, sizeof(uuid->node));
    return !text[36];
}
