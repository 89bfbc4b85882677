/* SPDX-License-Identifier: MIT */
/*
 * make_ndr_vectors [DIRECTORY]: stubs of every procedure of our interfaces, made by our encoder from values
 * that are filled in from the descriptors: each direction, each syntax, each arm of each union. Each must
 * decode and encode to the same bytes, alone and with one byte missing.
 *
 * With DIRECTORY those of SAMR are written there, OPNUM-VARIANT.SYNTAX.in and .out: ndrdump.sh shows them to
 * Samba.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ndr/ndr.h"
#include "ndr/walk.h"
#include "samr.h"

extern const struct ndr_interface lsarpc_interface; /* its header and SAMR's exclude each other */

struct filler {
    const struct ndr_interface *in;
    struct arena arena;
    unsigned variant; /* which arm of a union */
    uint32_t next;    /* values differ, so that an exchange is seen */
    unsigned depth;
};

static void fill(struct filler *f, const struct ndr_type *t, struct walk_host *h, void *host);

static void *allocate(struct filler *f, size_t len)
{
    void *p = arena_alloc(&f->arena, len ? len : 1, 8);

    if (!p) {
        fprintf(stderr, "make_ndr_vectors: no memory\n");
        exit(1);
    }
    return p;
}

static void put(const struct ndr_type *t, void *host, int64_t v)
{
    memcpy(host, &v, t->host_len);
}

static int64_t within(struct filler *f, const struct ndr_type *t, int64_t v)
{
    if (t->range && !walk_in_range(f->in, t->range, v))
        return f->in->ranges[t->range].low;
    return v;
}

static void fill_scalar(struct filler *f, const struct ndr_type *t, void *host)
{
    int64_t v = ++f->next;

    if (t->kind == NDR_ENUM16 || t->kind == NDR_ENUM32)
        v = f->in->arms[t->first].value;
    else if (t->kind == NDR_WCHAR || t->kind == NDR_CHAR)
        v = 'a' + v % 26;
    else if (t->kind == NDR_UINT8)
        v &= 1; /* mostly truth values */
    put(t, host, within(f, t, v));
}

static void fill_elements(struct filler *f, const struct ndr_type *array, struct walk_host *h, uint64_t count,
                          void *host)
{
    const struct ndr_type *t = walk_type(f->in, array->target);

    for (uint64_t i = 0; i < count; i++)
        fill(f, t, h, (uint8_t *)host + i * t->host_len);
    if (array->kind == NDR_STRING)
        memset((uint8_t *)host + (count - 1) * t->host_len, 0, t->host_len);
}

static uint64_t elements(struct walk_host *h, const struct ndr_type *t)
{
    int64_t v = t->count ? (int64_t)t->count : 3; /* a string's */

    if (t->flags & NDR_T_CONFORMANT && t->expr[0] && (!walk_host_eval(h, t->expr[0], &v) || v < 0))
        v = 0;
    return (uint64_t)v;
}

static void *pointee(struct filler *f, const struct ndr_type *t, struct walk_host *h)
{
    uint64_t count;
    void *host;

    if (t->kind == NDR_ARRAY || t->kind == NDR_STRING) {
        count = elements(h, t);
        host = allocate(f, count * walk_type(f->in, t->target)->host_len);
        fill_elements(f, t, h, count, host);
        return host;
    }
    host = allocate(f, t->host_len + 64); /* and a few elements of what is conformant */
    fill(f, t, h, host);
    return host;
}

/* The union that a scope's slot chooses an arm of, behind pointers. */
static const struct ndr_type *union_by_slot(const struct ndr_interface *in, const struct ndr_field *fields,
                                            unsigned members, unsigned slot)
{
    for (unsigned i = 0; i < members; i++) {
        const struct ndr_type *t = walk_type(in, fields[i].type);

        while (t->kind == NDR_POINTER)
            t = walk_type(in, t->target);
        if (t->kind == NDR_UNION && in->ops[t->expr[0]].op == NDR_OP_SLOT &&
            in->ops[t->expr[0]].value + 1 == slot)
            return t;
    }
    return NULL;
}

/* Scalars that attributes refer to first, then all the rest. */
static void fill_members(struct filler *f, struct walk_host *h)
{
    for (unsigned i = 0; i < h->members; i++) {
        const struct ndr_field *m = &h->fields[i];
        const struct ndr_type *t = walk_type(f->in, m->type), *u;
        void *host = (uint8_t *)(uintptr_t)h->base + m->host_offset;

        if (!m->slot)
            continue;
        if (t->kind == NDR_POINTER) {
            void *p = allocate(f, 8);

            memcpy(host, &p, sizeof(p));
            t = walk_type(f->in, t->target);
            host = p;
        }
        u = union_by_slot(f->in, h->fields, h->members, m->slot);
        put(t, host, u ? f->in->arms[u->first + f->variant % u->members].value : within(f, t, 8));
    }
    for (unsigned i = 0; i < h->members; i++)
        if (!h->fields[i].slot)
            fill(f, walk_type(f->in, h->fields[i].type), h,
                 (uint8_t *)(uintptr_t)h->base + h->fields[i].host_offset);
}

/* Samba looks into these. */
static void fill_descriptor(SAMPR_SR_SECURITY_DESCRIPTOR *host)
{
    static uint8_t empty[20] = {1, 0, 0, 0x80}; /* self-relative, with nothing in it */

    host->Length = sizeof(empty);
    host->SecurityDescriptor = empty;
}

static void fill(struct filler *f, const struct ndr_type *t, struct walk_host *h, void *host)
{
    struct walk_host own;
    const struct ndr_arm *arm;
    int64_t v;
    void *p;

    switch (t->kind) {
    case NDR_STRUCT:
        if (!strcmp(f->in->names + t->name, "SAMPR_SR_SECURITY_DESCRIPTOR")) {
            fill_descriptor(host);
            return;
        }
        walk_host_init(&own, f->in, t->first, t->members, host);
        fill_members(f, &own);
        return;
    case NDR_UNION:
        arm = walk_host_eval(h, t->expr[0], &v) ? walk_arm(f->in, t, v) : NULL;
        if (arm && arm->type)
            fill(f, walk_type(f->in, arm->type), h, host);
        return;
    case NDR_POINTER:
        p = f->depth++ < 8 ? pointee(f, walk_type(f->in, t->target), h) : NULL;
        f->depth--;
        memcpy(host, &p, sizeof(p));
        return;
    case NDR_ARRAY:
    case NDR_STRING:
        fill_elements(f, t, h, elements(h, t), host);
        return;
    case NDR_CONTEXT:
        ((struct ndr_context_handle *)host)->uuid.time_low = ++f->next;
        return;
    default:
        fill_scalar(f, t, host);
    }
}

static unsigned variants(const struct ndr_interface *in, const struct ndr_proc *proc)
{
    unsigned n = 1;

    for (unsigned i = 0; i < proc->members; i++) {
        const struct ndr_type *t = walk_type(in, in->fields[proc->first + i].type);

        while (t->kind == NDR_POINTER)
            t = walk_type(in, t->target);
        if (t->kind == NDR_UNION && t->members > n)
            n = t->members;
    }
    return n;
}

static int write_file(const char *directory, unsigned opnum, unsigned variant, enum ndr_syntax syntax,
                      const char *end, const struct writer *w)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%02u-%02u.%s.%s", directory, opnum, variant, syntax ? "ndr64" : "ndr20",
             end);
    file = fopen(path, "wb");
    if (!file || fwrite(w->data, 1, w->len, file) != w->len || fclose(file)) {
        perror(path);
        return 1;
    }
    return 0;
}

static int fail(const struct ndr_interface *in, uint16_t opnum, const char *what)
{
    fprintf(stderr, "make_ndr_vectors: %s: %s\n", in->names + in->procs[opnum].name, what);
    return 1;
}

/* What was sent stands in `params` when the reply is decoded. */
static int check(const struct ndr_interface *in, uint16_t opnum, uint8_t direction, enum ndr_syntax syntax,
                 const struct writer *stub, struct arena *arena, void *params)
{
    struct writer again;
    size_t used;
    int r;

    if (stub->len && ndr_decode(in, opnum, direction, syntax, stub->data, stub->len - 1, arena, params,
                                &used) != NDR_E_MALFORMED)
        return fail(in, opnum, "decodes with a byte missing");
    if (ndr_decode(in, opnum, direction, syntax, stub->data, stub->len, arena, params, &used) ||
        used != stub->len)
        return fail(in, opnum, "does not decode");
    writer_init(&again, (size_t)1 << 24);
    r = ndr_encode(in, opnum, direction, syntax, params, &again);
    if (r || again.len != stub->len || (stub->len && memcmp(again.data, stub->data, stub->len)))
        r = fail(in, opnum, "encodes to something else");
    writer_deinit(&again);
    return r;
}

/* Request and reply in one syntax. */
static int make(const char *directory, const struct ndr_interface *in, uint16_t opnum, unsigned variant,
                enum ndr_syntax syntax)
{
    const struct ndr_proc *proc = &in->procs[opnum];
    struct filler f = {.in = in, .variant = variant};
    struct writer stubs[2];
    struct walk_host h;
    int r = 0;
    void *params, *decoded;

    arena_init(&f.arena, SIZE_MAX);
    params = allocate(&f, proc->host_len);
    decoded = allocate(&f, proc->host_len);
    walk_host_init(&h, in, proc->first, proc->members, params);
    fill_members(&f, &h);
    writer_init(&stubs[0], (size_t)1 << 24);
    writer_init(&stubs[1], (size_t)1 << 24);
    for (unsigned i = 0; i < 2 && !r; i++) {
        uint8_t direction = i ? NDR_F_OUT : NDR_F_IN;

        if (ndr_encode(in, opnum, direction, syntax, params, &stubs[i]))
            r = fail(in, opnum, "does not encode");
        if (!r)
            r = check(in, opnum, direction, syntax, &stubs[i], &f.arena, decoded);
        if (!r && directory)
            r = write_file(directory, opnum, variant, syntax, i ? "out" : "in", &stubs[i]);
    }
    writer_deinit(&stubs[0]);
    writer_deinit(&stubs[1]);
    arena_deinit(&f.arena);
    return r;
}

static int make_all(const char *directory, const struct ndr_interface *in)
{
    for (uint16_t opnum = 0; opnum < in->proc_count; opnum++) {
        unsigned n = variants(in, &in->procs[opnum]);

        if (in->procs[opnum].flags & NDR_P_ABSENT)
            continue;
        for (unsigned variant = 0; variant < n; variant++)
            for (unsigned syntax = 0; syntax < NDR_SYNTAX_COUNT; syntax++)
                if (make(directory, in, opnum, variant, (enum ndr_syntax)syntax))
                    return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    return make_all(argc > 1 ? argv[1] : NULL, &samr_interface) || make_all(NULL, &lsarpc_interface);
}
