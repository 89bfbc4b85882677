/* SPDX-License-Identifier: MIT */
/* A small client of SAMR on <netmgmt/rpc.h>, as a program outside of this project would have it. */
#ifndef TEST_RPC_SAMR_H
#define TEST_RPC_SAMR_H

#include <stdint.h>

struct netmgmt_rpc;
struct ndr_interface;

const struct ndr_interface *rpc_samr_interface(void);
uint32_t rpc_samr_open(const char *binding, struct netmgmt_rpc **rpc);
/* How many domains there are, the names of the first `count` of them in ASCII; negative: failed. */
int rpc_samr_domains(struct netmgmt_rpc *rpc, char names[][32], int count);
/* `count` connects, under way together, finished backwards; then one that was finished already. The status of
 * the last one when all else went well, else UINT32_MAX. */
uint32_t rpc_samr_many(struct netmgmt_rpc *rpc, int count);

#endif
