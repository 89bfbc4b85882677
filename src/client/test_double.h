/* SPDX-License-Identifier: MIT */
/* For tests: an interface of one procedure, long Double([in] long Value, [out] long *Result). */
#ifndef CLIENT_TEST_DOUBLE_H
#define CLIENT_TEST_DOUBLE_H

#include <stddef.h>

#include "ndr/ndr.h"

struct Double_params {
    int32_t Value;
    int32_t Result;
    int32_t Return;
};

enum { NAME_NONE, NAME_Double = 1 };
enum { TYPE_NONE, TYPE_long, TYPE_COUNT };

static const struct ndr_type double_types[] = {
    [TYPE_long] = {.kind = NDR_INT32, .align = {4, 4}, .min = {4, 4}, .host_len = 4, .name = NAME_Double}};
static const struct ndr_field double_fields[] = {
    {0},
    {offsetof(struct Double_params, Value), TYPE_long, NAME_Double, NDR_F_IN, 0, 0},
    {offsetof(struct Double_params, Result), TYPE_long, NAME_Double, NDR_F_OUT, 0, 0},
    {offsetof(struct Double_params, Return), TYPE_long, NAME_Double, NDR_F_OUT | NDR_F_RESULT, 0, 0},
};
static const struct ndr_proc double_procs[] = {{NAME_Double, 1, 3, 0, sizeof(struct Double_params)}};
static const struct ndr_interface double_interface = {
    .abi = NDR_ABI_VERSION,
    .name = "test",
    .uuid = {1, 2, 3, {4}},
    .major = 1,
    .procs = double_procs,
    .proc_count = 1,
    .type_count = TYPE_COUNT,
    .types = double_types,
    .fields = double_fields,
    .names = "\0Double",
};

#endif
