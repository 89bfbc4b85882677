/* SPDX-License-Identifier: MIT */
/*
 * netmgmt.h: what libnetmgmt has beyond the functions of Windows. All may be called from any thread.
 */
#ifndef NETMGMT_NETMGMT_H
#define NETMGMT_NETMGMT_H

#include <stddef.h>
#include <stdio.h>

#include "lmcons.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version: "0.1.0". */
NETMGMT_API const char *netmgmt_version(void);

/* A sentence in English that says what a status means and, where there is something to do, what. In UTF-8,
 * constant, never NULL: a status without a text of its own has one that says so. */
NETMGMT_API const char *netmgmt_strerror(NET_API_STATUS status);

/* The name of a status: "NERR_GroupNotFound", "ERROR_ACCESS_DENIED"; NULL when it has none here. */
NETMGMT_API const char *netmgmt_status_name(NET_API_STATUS status);

/* How long a call waits for each answer of the server, in all threads from now on; then ERROR_TIMEOUT. 30000
 * at the start, or what NETMGMT_TIMEOUT (seconds) in the environment says. 0: no limit. */
NETMGMT_API void netmgmt_set_timeout(unsigned milliseconds);

/* Text for people. `text` (NULL: "") as UTF-8 in `buffer` of `len` bytes, always terminated when len is not
 * 0; cut between characters when it does not fit; an unpaired surrogate becomes U+FFFD. Returns `buffer`, so
 * that the call can stand in an argument: printf("%s", netmgmt_utf8(info->grpi1_name, (char[768]){0}, 768)).
 * A name of n WCHARs takes at most 3 * n + 1 bytes. */
NETMGMT_API char *netmgmt_utf8(LPCWSTR text, char *buffer, size_t len);

/* UTF-8 to a terminated string of at most `chars` WCHARs, the terminator included. Returns `buffer`; NULL
 * when `text` is not UTF-8 or does not fit: nothing is cut here, for a cut name is another name. */
NETMGMT_API LPWSTR netmgmt_utf16(const char *text, LPWSTR buffer, size_t chars);

/* API buffers that were made and not freed, and the sum of their lengths; either pointer may be NULL. So a
 * program's own tests can assert that it leaks none. */
NETMGMT_API void netmgmt_buffers_live(size_t *count, size_t *bytes);

/* Print the live API buffers to `out`: how many, their lengths, and the function that made them. With
 * NETMGMT_BUFFERS=leaks also the call stacks, equal ones together; that mode prints this at exit when there
 * are any, to stderr or, with NETMGMT_BUFFERS=leaks:FILE, to that file. */
NETMGMT_API void netmgmt_buffers_report(FILE *out);

#ifdef __cplusplus
}
#endif
#endif
