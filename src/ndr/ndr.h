/* SPDX-License-Identifier: MIT */
/*
 * The walkers over descriptors (include/netmgmt/ndr.h): decode, encode, block, print.
 *
 * Security contract of decode: whatever the bytes, it reads only inside them, writes only to `params` and the
 * arena, and uses host memory of at most NDR_MEMORY_FACTOR times the stub's length plus NDR_MEMORY_BASE. A
 * count is proved against the bytes left before anything is allocated for it; values that sizes depend on are
 * held back when they are read. Depth is bounded by NDR_MAX_DEPTH. The other walkers trust the host
 * structures they are given.
 */
#ifndef NDR_NDR_H
#define NDR_NDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"
#include "netmgmt/ndr.h"

#define NDR_MAX_DEPTH 64
#define NDR_MEMORY_FACTOR 64
#define NDR_MEMORY_BASE 65536

/* Conditions; -ENOMEM is the only fatal result. */
enum {
    NDR_E_MALFORMED = 1, /* decode: RPC_X_BAD_STUB_DATA */
    NDR_E_LIMIT = 2,     /* decode: depth or memory */
    NDR_E_VALUE =
        3, /* encode: NULL where a value must be, out of range, unknown discriminant, count too large */
};

/* Parameters of one direction: NDR_F_IN (request) or NDR_F_OUT (reply; the result included). `params` is the
 * host structure of the procedure. Decoding a reply relies on the [in] members that were sent; members of the
 * other direction are left alone. Text and arrays of scalars are left in place in the stub where their
 * alignment allows, so the stub must live as long as the values; it must be 8-aligned. `*used`: bytes
 * consumed (a request may be followed by a verification trailer). */
int ndr_decode(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction,
               enum ndr_syntax syntax, const void *stub, size_t stub_len, struct arena *arena, void *params,
               size_t *used);
int ndr_encode(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction,
               enum ndr_syntax syntax, const void *params, struct writer *out);

/* One type by itself, as a top-level [ref] parameter of that type would be. */
int ndr_decode_type(const struct ndr_interface *interface, uint16_t type, enum ndr_syntax syntax,
                    const void *stub, size_t stub_len, struct arena *arena, void *host, size_t *used);
int ndr_encode_type(const struct ndr_interface *interface, uint16_t type, enum ndr_syntax syntax,
                    const void *host, struct writer *out);

/*
 * Exact blocks: `count` structures of one type and all that they point to, in one piece of memory: structures
 * at the front, pointees (aligned) behind them, UTF-16 text at the tail, nothing else.
 *
 * When all is known: length, then copy, into 8-aligned memory of exactly that length. When it comes in pages:
 * a builder collects; `ndr_block_take` puts the pieces together in memory that `allocate` gives (8-aligned,
 * of exactly the length it is asked for).
 */
size_t ndr_block_len(const struct ndr_interface *interface, uint16_t type, const void *host, size_t count);
void ndr_block_copy(const struct ndr_interface *interface, uint16_t type, const void *host, size_t count,
                    void *block, size_t len);

struct ndr_block_region {
    uint8_t *data;
    size_t len, capacity;
};

struct ndr_block_builder {
    const struct ndr_interface *interface;
    uint16_t type;
    size_t count;                                  /* structures added */
    size_t len;                                    /* of the block they would make now, exact */
    struct ndr_block_region front, pointees, text; /* with offsets in the place of pointers */
};
void ndr_block_init(struct ndr_block_builder *b, const struct ndr_interface *interface, uint16_t type);
void ndr_block_deinit(struct ndr_block_builder *b);
/* Length that the block would have with `host` added: for prefmaxlen, before adding. */
size_t ndr_block_len_with(const struct ndr_block_builder *b, const void *host);
int ndr_block_add(struct ndr_block_builder *b, const void *host); /* 0, -ENOMEM; host's pointees are copied */
/* *block NULL and 0 when count is 0. The builder is empty afterwards, whatever the result. */
int ndr_block_take(struct ndr_block_builder *b, void *(*allocate)(size_t len, void *context), void *context,
                   void **block);

/* JSON of the parameters of a direction, secrets masked: for traces, tests and `netmgmt --raw`. */
int ndr_print(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction, const void *params,
              struct writer *json);
int ndr_print_type(const struct ndr_interface *interface, uint16_t type, const void *host,
                   struct writer *json);

/* uuid helpers */
extern const struct ndr_uuid ndr_syntax_uuid[NDR_SYNTAX_COUNT];
bool ndr_uuid_equal(const struct ndr_uuid *a, const struct ndr_uuid *b);
void ndr_uuid_read(struct reader *r, struct ndr_uuid *uuid);
void ndr_uuid_write(struct writer *w, const struct ndr_uuid *uuid);
/* "12345778-1234-abcd-ef00-0123456789ac" */
void ndr_uuid_text(const struct ndr_uuid *uuid, char text[37]);
bool ndr_uuid_parse(const char *text, struct ndr_uuid *uuid); /* 36 characters; false: it is none */

#endif
