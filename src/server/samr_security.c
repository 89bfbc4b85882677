/* SPDX-License-Identifier: MIT */
/*
 * The security descriptor of an object: the policy of access.c as [MS-DTYP] 2.4.6 writes it, self-relative.
 * [MS-SAMR] 3.1.5.12.2.
 */
#include "server/samr_procedures.h"

#define OWNER_SECURITY_INFORMATION 0x1u
#define GROUP_SECURITY_INFORMATION 0x2u
#define DACL_SECURITY_INFORMATION 0x4u
#define SACL_SECURITY_INFORMATION 0x8u

#define SE_DACL_PRESENT 0x0004u
#define SE_SACL_PRESENT 0x0010u
#define SE_SELF_RELATIVE 0x8000u

#define ACL_REVISION 2
#define ACCESS_ALLOWED_ACE_TYPE 0
#define ACE_LEN(sid) (8 + 8 + 4u * (sid).count)

static const struct sam_sid everybody = {1, 1, {0, 0, 0, 0, 0, 1}, {0}};
static const struct sam_sid administrators = {1, 2, {0, 0, 0, 0, 0, 5}, {32, 544}};

static void put_sid(struct writer *w, const struct sam_sid *sid)
{
    writer_u8(w, sid->revision);
    writer_u8(w, sid->count);
    writer_put(w, sid->authority, sizeof(sid->authority));
    for (uint8_t i = 0; i < sid->count; i++)
        writer_u32(w, sid->sub[i]);
}

static void put_ace(struct writer *w, const struct sam_sid *sid, uint32_t mask)
{
    writer_u8(w, ACCESS_ALLOWED_ACE_TYPE);
    writer_u8(w, 0);
    writer_u16(w, (uint16_t)ACE_LEN(*sid));
    writer_u32(w, mask);
    put_sid(w, sid);
}

static void put_dacl(struct writer *w, enum context_kind kind)
{
    writer_u8(w, ACL_REVISION);
    writer_u8(w, 0);
    writer_u16(w, (uint16_t)(8 + ACE_LEN(administrators) + ACE_LEN(everybody)));
    writer_u16(w, 2);
    writer_u16(w, 0);
    put_ace(w, &administrators, access_all(kind));
    put_ace(w, &everybody, access_everybody(kind));
}

/* A part of the descriptor begins here: its offset into the header. */
static void begin(struct writer *w, size_t offset_at)
{
    writer_patch_u32(w, offset_at, (uint32_t)w->len);
}

static void put_descriptor(struct writer *w, enum context_kind kind, uint32_t parts)
{
    uint16_t control = SE_SELF_RELATIVE;

    if (parts & DACL_SECURITY_INFORMATION)
        control |= SE_DACL_PRESENT;
    if (parts & SACL_SECURITY_INFORMATION)
        control |= SE_SACL_PRESENT; /* present and empty: nothing is audited */
    writer_u8(w, 1);
    writer_u8(w, 0);
    writer_u16(w, control);
    writer_zero(w, 16); /* offsets: owner, group, SACL, DACL */
    if (parts & OWNER_SECURITY_INFORMATION) {
        begin(w, 4);
        put_sid(w, &administrators);
    }
    if (parts & GROUP_SECURITY_INFORMATION) {
        begin(w, 8);
        put_sid(w, &administrators);
    }
    if (parts & DACL_SECURITY_INFORMATION) {
        begin(w, 16);
        put_dacl(w, kind);
    }
}

struct nt_status serve_SamrQuerySecurityObject(struct call *c, struct SamrQuerySecurityObject_params *p)
{
    SAMPR_SR_SECURITY_DESCRIPTOR *out = arena_alloc(c->arena, sizeof(*out), 8);
    uint8_t *memory = arena_alloc(c->arena, 256, 4);
    uint32_t needed = 0;
    struct writer w;

    if (p->SecurityInformation &
        (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION))
        needed |= ACCESS_READ_CONTROL;
    if (p->SecurityInformation & SACL_SECURITY_INFORMATION)
        needed |= ACCESS_SYSTEM_SECURITY;
    if (needed & ~c->context->granted)
        return NT(STATUS_ACCESS_DENIED);
    if (!out || !memory)
        return NT(STATUS_NO_MEMORY);
    writer_init_fixed(&w, memory, 256);
    put_descriptor(&w, c->context->kind, p->SecurityInformation);
    *out = (SAMPR_SR_SECURITY_DESCRIPTOR){.Length = (uint32_t)w.len, .SecurityDescriptor = memory};
    p->SecurityDescriptor = out;
    return NT(STATUS_SUCCESS);
}
