/* SPDX-License-Identifier: MIT */
/*
 * The NDR walkers on hostile stubs: every interface, procedure and type, both directions and syntaxes.
 *
 * Input: interface, procedure or type (2 bytes), flags (1 direction out, 2 NDR64, 4 a type by itself), value
 * of the [in] members that a reply's sizes refer to; then the stub.
 * Oracle: memory is bounded by the stub's length; what decodes, encodes; what was encoded decodes to the same
 * values and encodes to the same bytes; a block of a type holds the same values.
 */
#include <stdlib.h>

#include "ndr/ndr.h"
#include "ndr/test_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* their headers cannot be included together */
extern const struct ndr_interface samr_interface, lsarpc_interface, pac_interface;

static const struct ndr_interface *const interfaces[] = {&t_interface, &samr_interface, &lsarpc_interface,
                                                         &pac_interface};

#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

struct input {
    const struct ndr_interface *in;
    uint16_t index;
    uint8_t direction; /* 0: a type */
    enum ndr_syntax syntax;
    uint8_t sent;
};

static size_t host_len(const struct input *i)
{
    return i->direction ? i->in->procs[i->index].host_len : i->in->types[i->index].host_len;
}

/* Parameters as a client holds them when the reply comes. */
static void *new_host(const struct input *i)
{
    uint8_t *host = calloc(1, host_len(i) + 1);
    const struct ndr_proc *proc = &i->in->procs[i->index];

    REQUIRE(host);
    if (i->direction != NDR_F_OUT)
        return host;
    for (unsigned n = 0; n < proc->members; n++) {
        const struct ndr_field *f = &i->in->fields[proc->first + n];

        if (f->slot && !(f->flags & NDR_F_OUT) && i->in->types[f->type].kind <= NDR_LAST_SCALAR)
            host[f->host_offset] = i->sent;
    }
    return host;
}

static int decode(const struct input *i, const void *stub, size_t len, struct arena *arena, void *host,
                  size_t *used)
{
    if (i->direction)
        return ndr_decode(i->in, i->index, i->direction, i->syntax, stub, len, arena, host, used);
    return ndr_decode_type(i->in, i->index, i->syntax, stub, len, arena, host, used);
}

static void encode(const struct input *i, const void *host, struct writer *w)
{
    int r;

    writer_init(w, (size_t)1 << 30);
    if (i->direction)
        r = ndr_encode(i->in, i->index, i->direction, i->syntax, host, w);
    else
        r = ndr_encode_type(i->in, i->index, i->syntax, host, w);
    REQUIRE(r == 0);
}

static void print(const struct input *i, const void *host, struct writer *json)
{
    writer_init(json, (size_t)1 << 30);
    if (i->direction)
        REQUIRE(ndr_print(i->in, i->index, i->direction, host, json) == 0);
    else
        REQUIRE(ndr_print_type(i->in, i->index, host, json) == 0);
}

static bool same(const struct writer *a, const struct writer *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

static void check_block(const struct input *i, const void *host, const struct writer *json)
{
    size_t len = ndr_block_len(i->in, i->index, host, 1);
    void *block = malloc(len);
    struct writer copy;

    REQUIRE(block);
    ndr_block_copy(i->in, i->index, host, 1, block, len);
    print(i, block, &copy);
    REQUIRE(same(json, &copy));
    writer_deinit(&copy);
    free(block);
}

static void check_round(const struct input *i, const void *host)
{
    void *again = new_host(i);
    struct writer first, second, before, after;
    struct arena arena;
    size_t used;

    encode(i, host, &first);
    arena_init(&arena, SIZE_MAX);
    REQUIRE(decode(i, first.data, first.len, &arena, again, &used) == 0);
    REQUIRE(used == first.len);
    print(i, host, &before);
    print(i, again, &after);
    REQUIRE(same(&before, &after));
    encode(i, again, &second);
    REQUIRE(same(&first, &second));
    if (!i->direction)
        check_block(i, host, &before);
    writer_deinit(&first);
    writer_deinit(&second);
    writer_deinit(&before);
    writer_deinit(&after);
    arena_deinit(&arena);
    free(again);
}

static bool choose(const uint8_t *data, size_t len, struct input *i)
{
    uint16_t index;

    if (len < 5)
        return false;
    i->in = interfaces[data[0] % (sizeof(interfaces) / sizeof(interfaces[0]))];
    index = (uint16_t)(data[1] | data[2] << 8);
    i->direction = data[3] & 4 ? 0 : data[3] & 1 ? NDR_F_OUT : NDR_F_IN;
    i->syntax = data[3] & 2 ? NDR_SYNTAX_NDR64 : NDR_SYNTAX_NDR20;
    i->sent = data[4];
    i->index = (uint16_t)(index % (i->direction ? i->in->proc_count : i->in->type_count));
    if (i->direction)
        return !(i->in->procs[i->index].flags & NDR_P_ABSENT);
    return i->in->types[i->index].kind == NDR_STRUCT || i->in->types[i->index].kind == NDR_POINTER;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input i;
    struct arena arena;
    uint8_t *stub;
    void *host;
    size_t used;

    if (!choose(data, len, &i))
        return 0;
    len -= 5;
    stub = malloc(len ? len : 1); /* 8-aligned, and a sanitizer sees one byte too far */
    REQUIRE(stub);
    memcpy(stub, data + 5, len);
    host = new_host(&i);
    arena_init(&arena, SIZE_MAX);
    if (decode(&i, stub, len, &arena, host, &used) == 0) {
        REQUIRE(used <= len);
        check_round(&i, host);
    }
    REQUIRE(arena.total <= len * NDR_MEMORY_FACTOR + NDR_MEMORY_BASE);
    arena_deinit(&arena);
    free(host);
    free(stub);
    return 0;
}
