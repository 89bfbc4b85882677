/* SPDX-License-Identifier: MIT */
/* Names and texts of statuses, in the order of their values. */
#ifndef BASE_STATUS_TEXT_H
#define BASE_STATUS_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct status_text {
    uint32_t status;
    const char *name;
    const char *text; /* NULL: a status of services that we neither call nor offer */
};

extern const struct status_text status_text_win32[]; /* windows.h */
extern const size_t status_text_win32_count;
extern const struct status_text status_text_nerr[]; /* lmerr.h */
extern const size_t status_text_nerr_count;

#endif
