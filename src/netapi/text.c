/* SPDX-License-Identifier: MIT */
/* UTF-8 in and out for programs whose strings are narrow: into memory of theirs, so that nothing is to be
 * freed. */
#include <windows.h>
#include <netmgmt.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#define REPLACEMENT 0xFFFD

char *netmgmt_utf8(LPCWSTR text, char *buffer, size_t len)
{
    const uint16_t *s = (const uint16_t *)text;
    size_t left = s ? u16_strlen(s) : 0, used = 0;

    while (left && len) {
        uint8_t utf8[6];
        ucs4_t c;
        int units = u16_mbtoucr(&c, s, left), bytes;

        if (units < 0) {
            c = REPLACEMENT;
            units = 1;
        }
        bytes = u8_uctomb(utf8, c, sizeof(utf8));
        if (bytes < 0 || (size_t)bytes >= len - used)
            break;
        memcpy(buffer + used, utf8, (size_t)bytes);
        used += (size_t)bytes;
        s += units;
        left -= (size_t)units;
    }
    if (len)
        buffer[used] = '\0';
    return buffer;
}

LPWSTR netmgmt_utf16(const char *text, LPWSTR buffer, size_t chars)
{
    size_t len = strlen(text) + 1, used = chars; /* the terminator is converted too */
    uint16_t *result = u8_to_u16((const uint8_t *)text, len, (uint16_t *)buffer, &used);

    if (result == (uint16_t *)buffer && result)
        return buffer;
    free(result); /* what did not fit is in memory of its own */
    return NULL;
}
