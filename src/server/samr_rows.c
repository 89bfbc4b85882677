/* SPDX-License-Identifier: MIT */
/*
 * SAMR's dispatch rows, made of the list in samr_procedures.h.
 *
 * Invariant: every procedure has a shim of its own, so that the handler's parameters are checked by the
 * compiler against the structure that the interface says.
 */
#include <stddef.h>

#include "server/samr_procedures.h"

#define SHIMS(name, ...)                                              \
    static void run_##name(struct call *c, void *params)              \
    {                                                                 \
        struct name##_params *p = params;                             \
                                                                      \
        p->Return = (int32_t)serve_##name(c, p).v;                    \
    }                                                                 \
    static void refuse_##name(void *params, struct nt_status status)  \
    {                                                                 \
        ((struct name##_params *)params)->Return = (int32_t)status.v; \
    }
SAMR_PROCEDURES(SHIMS, SHIMS)

#define FREE(name, does)                            \
    [name##_opnum] = {.run = run_##name,            \
                      .refuse = refuse_##name,      \
                      .handle = DISPATCH_NO_HANDLE, \
                      .effect = DISPATCH_##does},
#define ON(name, parameter, objects, rights, does)                         \
    [name##_opnum] = {.run = run_##name,                                   \
                      .refuse = refuse_##name,                             \
                      .handle = offsetof(struct name##_params, parameter), \
                      .kinds = (objects),                                  \
                      .access = (rights),                                  \
                      .effect = DISPATCH_##does},

const struct dispatch_row samr_rows[] = {SAMR_PROCEDURES(FREE, ON)};
const uint16_t samr_row_count = sizeof(samr_rows) / sizeof(samr_rows[0]);
