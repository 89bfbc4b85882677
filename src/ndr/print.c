/* SPDX-License-Identifier: MIT */
/*
 * Host values as JSON (RFC 8259), for traces, tests and raw output.
 *
 * Invariant: what is written is valid JSON whatever the values are, and nothing of a secret but whether it is
 * there. Counted strings (Length, MaximumLength, Buffer) are strings, bytes are hexadecimal, enums have their
 * names, a union is an object with the name of its arm.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "ndr/ndr.h"
#include "ndr/walk.h"

struct printer {
    const struct ndr_interface *in;
    struct writer *w;
    unsigned depth;
};

static void print(struct printer *p, const struct ndr_type *t, struct walk_host *h, const void *host);

static void literal(struct printer *p, const char *s)
{
    writer_put(p->w, s, strlen(s));
}

static void utf8(struct printer *p, uint32_t c)
{
    if (c >= 0x10000)
        writer_u8(p->w, (uint8_t)(0xf0 | c >> 18));
    if (c >= 0x10000)
        writer_u8(p->w, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
    else if (c >= 0x800)
        writer_u8(p->w, (uint8_t)(0xe0 | c >> 12));
    if (c >= 0x800)
        writer_u8(p->w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    else
        writer_u8(p->w, (uint8_t)(0xc0 | c >> 6));
    writer_u8(p->w, (uint8_t)(0x80 | (c & 0x3f)));
}

static void escaped(struct printer *p, unsigned unit)
{
    char s[8];

    snprintf(s, sizeof(s), "\\u%04x", unit);
    literal(p, s);
}

static void character(struct printer *p, uint32_t c)
{
    if (c == '"' || c == '\\') {
        writer_u8(p->w, '\\');
        writer_u8(p->w, (uint8_t)c);
    } else if (c < 0x20 || c == 0x7f) {
        escaped(p, c);
    } else if (c < 0x80) {
        writer_u8(p->w, (uint8_t)c);
    } else {
        utf8(p, c);
    }
}

static bool is_surrogate(uint16_t c, uint16_t first)
{
    return (c & 0xfc00) == first;
}

static void wide_text(struct printer *p, const uint16_t *s, size_t chars)
{
    writer_u8(p->w, '"');
    for (size_t i = 0; i < chars; i++) {
        if (is_surrogate(s[i], 0xd800) && i + 1 < chars && is_surrogate(s[i + 1], 0xdc00)) {
            utf8(p, 0x10000 + ((s[i] & 0x3ffu) << 10) + (s[i + 1] & 0x3ffu));
            i++;
        } else if ((s[i] & 0xf800) == 0xd800) {
            escaped(p, s[i]);
        } else {
            character(p, s[i]);
        }
    }
    writer_u8(p->w, '"');
}

/* In no known character set: as Latin-1. */
static void narrow_text(struct printer *p, const uint8_t *s, size_t chars)
{
    writer_u8(p->w, '"');
    for (size_t i = 0; i < chars; i++)
        character(p, s[i]);
    writer_u8(p->w, '"');
}

static void bytes(struct printer *p, const uint8_t *s, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    writer_u8(p->w, '"');
    for (size_t i = 0; i < len; i++) {
        writer_u8(p->w, (uint8_t)digits[s[i] >> 4]);
        writer_u8(p->w, (uint8_t)digits[s[i] & 15]);
    }
    writer_u8(p->w, '"');
}

static void name(struct printer *p, uint16_t offset)
{
    const char *s = p->in->names + offset;

    narrow_text(p, (const uint8_t *)s, strlen(s));
}

static void floating(struct printer *p, double v)
{
    char s[32];

    if (!isfinite(v)) {
        literal(p, "null");
        return;
    }
    snprintf(s, sizeof(s), "%.17g", v);
    literal(p, s);
}

static void scalar(struct printer *p, const struct ndr_type *t, const void *host)
{
    int64_t v = walk_value(t, host);
    char s[24];
    double d;
    float f;

    switch (t->kind) {
    case NDR_FLOAT32:
        memcpy(&f, host, sizeof(f));
        floating(p, (double)f);
        return;
    case NDR_FLOAT64:
        memcpy(&d, host, sizeof(d));
        floating(p, d);
        return;
    case NDR_ENUM16:
    case NDR_ENUM32:
        for (unsigned i = 0; i < t->members; i++) {
            const struct ndr_arm *a = &p->in->arms[t->first + i];

            if (a->value == v) {
                name(p, a->name);
                return;
            }
        }
        break;
    case NDR_UINT64:
    case NDR_UINTPTR:
        snprintf(s, sizeof(s), "%" PRIu64, (uint64_t)v);
        literal(p, s);
        return;
    default:
        break;
    }
    snprintf(s, sizeof(s), "%" PRId64, v);
    literal(p, s);
}

static void context(struct printer *p, const struct ndr_context_handle *handle)
{
    char text[37];

    ndr_uuid_text(&handle->uuid, text);
    narrow_text(p, (const uint8_t *)text, 36);
}

static void array(struct printer *p, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    const struct ndr_type *element = walk_type(p->in, t->target);
    uint64_t max, actual;

    if (!walk_host_counts(h, t, host, &max, &actual)) {
        literal(p, "null");
        return;
    }
    if (t->kind == NDR_STRING)
        actual--;
    if (element->kind == NDR_WCHAR || (t->kind == NDR_STRING && element->host_len == 2)) {
        wide_text(p, host, actual);
    } else if (t->kind == NDR_STRING) {
        narrow_text(p, host, actual);
    } else if (element->kind == NDR_UINT8 || element->kind == NDR_CHAR || element->kind == NDR_INT8) {
        bytes(p, host, actual);
    } else {
        writer_u8(p->w, '[');
        for (uint64_t i = 0; i < actual && !p->w->failed; i++) {
            if (i)
                writer_u8(p->w, ',');
            print(p, element, h, (const uint8_t *)host + i * element->host_len);
        }
        writer_u8(p->w, ']');
    }
}

/* A structure of the shape of RPC_UNICODE_STRING. */
static bool is_counted_string(const struct printer *p, const struct ndr_type *t)
{
    const struct ndr_field *f = &p->in->fields[t->first];
    const struct ndr_type *target;

    if (t->members != 3 || walk_type(p->in, f[0].type)->kind != NDR_UINT16 ||
        walk_type(p->in, f[1].type)->kind != NDR_UINT16 || walk_type(p->in, f[2].type)->kind != NDR_POINTER)
        return false;
    target = walk_type(p->in, walk_type(p->in, f[2].type)->target);
    return target->kind == NDR_ARRAY && target->flags & NDR_T_VARYING &&
           walk_type(p->in, target->target)->kind == NDR_WCHAR;
}

static void members(struct printer *p, struct walk_host *h, uint8_t direction)
{
    bool first = true;

    writer_u8(p->w, '{');
    for (unsigned i = 0; i < h->members; i++) {
        const struct ndr_field *f = &h->fields[i];

        if (direction && !(f->flags & direction))
            continue;
        if (!first)
            writer_u8(p->w, ',');
        first = false;
        name(p, f->name);
        writer_u8(p->w, ':');
        print(p, walk_type(p->in, f->type), h, h->base + f->host_offset);
    }
    writer_u8(p->w, '}');
}

static void structure(struct printer *p, const struct ndr_type *t, const void *host)
{
    struct walk_host h;

    walk_host_init(&h, p->in, t->first, t->members, host);
    if (is_counted_string(p, t))
        print(p, walk_type(p->in, h.fields[2].type), &h, h.base + h.fields[2].host_offset);
    else
        members(p, &h, 0);
}

static void chosen_arm(struct printer *p, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    const struct ndr_arm *a = NULL;
    int64_t v;

    if (walk_host_eval(h, t->expr[0], &v))
        a = walk_arm(p->in, t, v);
    if (!a || !a->type) {
        literal(p, "null");
        return;
    }
    writer_u8(p->w, '{');
    name(p, a->name);
    writer_u8(p->w, ':');
    print(p, walk_type(p->in, a->type), h, host);
    writer_u8(p->w, '}');
}

static void print(struct printer *p, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    if (t->kind == NDR_POINTER) {
        host = walk_pointer(host);
        if (host && p->depth++ < NDR_MAX_DEPTH && !(t->flags & NDR_T_SECRET))
            print(p, walk_type(p->in, t->target), h, host);
        else
            literal(p, host && t->flags & NDR_T_SECRET ? "\"***\"" : "null");
        p->depth -= host ? 1 : 0;
        return;
    }
    if (t->flags & NDR_T_SECRET) {
        literal(p, "\"***\"");
        return;
    }
    switch (t->kind) {
    case NDR_STRUCT:
        structure(p, t, host);
        return;
    case NDR_UNION:
        chosen_arm(p, t, h, host);
        return;
    case NDR_ARRAY:
    case NDR_STRING:
        array(p, t, h, host);
        return;
    case NDR_CONTEXT:
        context(p, host);
        return;
    default:
        scalar(p, t, host);
    }
}

int ndr_print(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction, const void *params,
              struct writer *json)
{
    const struct ndr_proc *proc = &interface->procs[opnum];
    struct printer p = {interface, json, 0};
    struct walk_host h;

    walk_host_init(&h, interface, proc->first, proc->members, params);
    members(&p, &h, direction);
    return json->failed ? -ENOMEM : 0;
}

int ndr_print_type(const struct ndr_interface *interface, uint16_t type, const void *host,
                   struct writer *json)
{
    struct printer p = {interface, json, 0};
    struct walk_host h;

    walk_host_init(&h, interface, 0, 0, host);
    print(&p, walk_type(interface, type), &h, host);
    return json->failed ? -ENOMEM : 0;
}
