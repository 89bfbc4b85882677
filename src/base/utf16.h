/* SPDX-License-Identifier: MIT */
/*
 * UTF-16 text as Windows has it: 16-bit units, little-endian on every supported host, unpaired surrogates
 * allowed. `chars` counts units without a terminator.
 */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

size_t utf16_len(const uint16_t *s); /* units before the terminator */

/* A zero-terminated copy in the arena; NULL: no memory. */
uint16_t *utf16_dup(struct arena *a, const uint16_t *s, size_t chars);

/* UTF-8 to zero-terminated UTF-16; `*chars` (may be NULL) its length. Invalid UTF-8: NULL with *invalid (may
 * be NULL) set. */
uint16_t *utf16_from_utf8(struct arena *a, const char *s, size_t len, size_t *chars, bool *invalid);

/* UTF-16 to zero-terminated UTF-8; an unpaired surrogate becomes U+FFFD. */
char *utf16_to_utf8(struct arena *a, const uint16_t *s, size_t chars);

/* Simple (one to one) upper-case mapping, as names are compared and as NTLM has it. dst may be src. */
void utf16_upcase(uint16_t *dst, const uint16_t *src, size_t chars);

/* <0, 0, >0: order of the upper-cased units. */
int utf16_casecmp(const uint16_t *a, size_t a_chars, const uint16_t *b, size_t b_chars);

#endif
