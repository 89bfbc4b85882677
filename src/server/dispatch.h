/* SPDX-License-Identifier: MIT */
/*
 * Dispatch rows: one for each procedure that is served, by number. A row says what is checked before the
 * handler runs; parameters and their types are the interface's.
 *
 * To serve a procedure: its IDL, a row in the interface's list (samr_procedures.h), and the handler.
 */
#ifndef SERVER_DISPATCH_H
#define SERVER_DISPATCH_H

#include "server/server.h"

#define DISPATCH_NO_HANDLE 0xffffu

enum dispatch_effect {
    DISPATCH_NOTHING = 0, /* does not touch the database: answered at once, whatever is to be committed */
    DISPATCH_READS,
    DISPATCH_CHANGES,
};

struct dispatch_row {
    /* Fills the [out] members of the procedure's structure of parameters, and its Return. */
    void (*run)(struct call *c, void *params);
    uint16_t handle; /* offset of the handle parameter, or DISPATCH_NO_HANDLE */
    uint8_t kinds;   /* enum context_kind: STATUS_OBJECT_TYPE_MISMATCH for others; 0: the null handle too */
    uint8_t effect;  /* enum dispatch_effect */
    uint32_t access; /* all of it must have been granted: else STATUS_ACCESS_DENIED */
    void (*refuse)(void *params, struct nt_status status); /* sets Return */
};

/* The interfaces that are served, NULL at the end; and by the endpoint mapper. */
extern const struct ndr_interface *const dispatch_bindable[], *const dispatch_mapper[];

extern const struct dispatch_row epm_rows[]; /* epm.c */
extern const uint16_t epm_row_count;

#endif
