/* SPDX-License-Identifier: MIT */
/*
 * The endpoint mapper: at which TCP port SAMR is. [C706] appendices L and O, [MS-RPCE] 2.2.1.2.
 *
 * Invariant: it tells nothing else, keeps nothing for a client, and touches no database.
 */
#include "epm.h"

#include <stddef.h>

#include "rpc/tower.h"
#include "samr.h"
#include "server/dispatch.h"

#define NOT_REGISTERED 0x16c9a0d6u /* ept_s_not_registered */
#define NO_MEMORY 0x16c9a012u      /* ept_s_no_memory */

static TWR *answer(struct call *c)
{
    TWR *tower = arena_alloc(c->arena, sizeof(*tower) + TOWER_LEN, 8);
    struct writer w;

    if (!tower)
        return NULL;
    writer_init_fixed(&w, tower->tower_octet_string, TOWER_LEN);
    tower_put(&w, &samr_interface, c->association->samr_port);
    tower->tower_length = (uint32_t)w.len;
    return tower;
}

static void run_map(struct call *c, void *params)
{
    struct ept_map_params *p = params;
    uint16_t asked;

    p->entry_handle = (EPT_LOOKUP_HANDLE){0}; /* there is never more to come */
    p->ITowers = arena_array(c->arena, p->max_towers + 1, sizeof(*p->ITowers), 8); /* 501 at most: the IDL */
    if (!p->ITowers) {
        p->max_towers = 0;
        p->status = NO_MEMORY;
        return;
    }
    p->status = NOT_REGISTERED;
    if (!c->association->samr_port || !p->max_towers || !p->map_tower ||
        !tower_get(p->map_tower->tower_octet_string, p->map_tower->tower_length, &samr_interface, &asked))
        return;
    p->ITowers[0] = answer(c);
    p->num_towers = p->ITowers[0] != NULL;
    p->status = p->num_towers ? 0 : NO_MEMORY;
}

static void run_free(struct call *c, void *params)
{
    struct ept_lookup_handle_free_params *p = params;

    (void)c;
    p->entry_handle = (EPT_LOOKUP_HANDLE){0};
    p->status = 0;
}

static void refuse_map(void *params, struct nt_status status)
{
    ((struct ept_map_params *)params)->status = status.v;
}

static void refuse_free(void *params, struct nt_status status)
{
    ((struct ept_lookup_handle_free_params *)params)->status = status.v;
}

const struct dispatch_row epm_rows[] = {
    [ept_map_opnum] = {.run = run_map, .refuse = refuse_map, .handle = DISPATCH_NO_HANDLE},
    [ept_lookup_handle_free_opnum] = {.run = run_free, .refuse = refuse_free, .handle = DISPATCH_NO_HANDLE},
};
const uint16_t epm_row_count = sizeof(epm_rows) / sizeof(epm_rows[0]);
