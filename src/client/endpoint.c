/* SPDX-License-Identifier: MIT */
/*
 * See endpoint.h: one question to a mapper, in the form of a tower (rpc/tower.h).
 */
#include "client/endpoint.h"

#include "base/writer.h"
#include "epm.h"
#include "ndr/ndr.h"
#include "rpc/tower.h"

#define S_NOT_REGISTERED NET_STATUS(1753)
#define S_CANNOT_PERFORM NET_STATUS(1752)
#define NOT_REGISTERED 0x16c9a0d6u /* ept_s_not_registered */
#define MAX_TOWERS 16              /* more than any server has addresses for one interface */
#define ANSWERS_LIMIT ((size_t)1 << 20)

static struct net_status read_answer(const struct ept_map_params *p, const struct ndr_interface *interface,
                                     uint16_t *port)
{
    if (p->status && p->status != NOT_REGISTERED)
        return S_CANNOT_PERFORM;
    for (uint32_t i = 0; !p->status && !*port && i < p->num_towers; i++)
        if (p->ITowers[i])
            tower_get(p->ITowers[i]->tower_octet_string, p->ITowers[i]->tower_length, interface, port);
    return *port ? NET_STATUS(0) : S_NOT_REGISTERED;
}

static struct net_status ask(struct channel *c, const struct ndr_interface *interface, struct arena *arena,
                             int64_t deadline, uint16_t *port)
{
    TWR *tower = arena_alloc(arena, sizeof(*tower) + TOWER_LEN, 8);
    UUID any = {0}; /* of an object */
    struct ept_map_params p = {.obj = &any, .map_tower = tower, .max_towers = MAX_TOWERS};
    struct net_status status;
    struct writer w;

    if (!tower)
        return NET_STATUS(8);
    writer_init_fixed(&w, tower->tower_octet_string, TOWER_LEN);
    tower_put(&w, interface, 0);
    tower->tower_length = (uint32_t)w.len;
    status = channel_call(c, ept_map_opnum, &p, arena, deadline);
    return status.v ? status : read_answer(&p, interface, port);
}

struct net_status endpoint_map(struct transport *t, const struct ndr_interface *interface,
                               const struct channel_options *options, int64_t deadline, uint16_t *port)
{
    struct channel *c;
    struct arena arena;
    struct net_status status = channel_open(&c, t, &epm_interface, options, deadline);

    *port = 0;
    if (status.v)
        return status;
    arena_init(&arena, ANSWERS_LIMIT);
    status = ask(c, interface, &arena, deadline, port);
    arena_deinit(&arena);
    channel_close(c);
    return status;
}
