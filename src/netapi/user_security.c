/* SPDX-License-Identifier: MIT */
/*
 * May a user change the password? That stands nowhere but in the user's security descriptor: whether its list
 * of entries gives USER_CHANGE_PASSWORD to everybody or to the user. [MS-DTYP] 2.4.4 - 2.4.6.
 *
 * The first entry that speaks of that right decides, as in an access check. A descriptor that cannot be
 * read, and one without a list, lets him.
 */
#include "base/reader.h"
#include "netapi/accounts_user.h"
#include "samr.h"

#define USER_CHANGE_PASSWORD 0x00000040u
#define GENERIC_ALL 0x10000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_EXECUTE 0x20000000u

#define SE_DACL_PRESENT 0x0004u
#define ACCESS_ALLOWED_ACE 0
#define ACCESS_DENIED_ACE 1
#define INHERIT_ONLY_ACE 0x08u

/* A SID at the front of `r` that stands for the user: Everyone, Self, Authenticated Users, or the user's. */
static bool is_user(struct reader *r, const RPC_SID *domain, uint32_t rid)
{
    static const uint8_t world[6] = {0, 0, 0, 0, 0, 1}, nt[6] = {0, 0, 0, 0, 0, 5};
    uint8_t revision = reader_u8(r), count = reader_u8(r);
    const uint8_t *authority = reader_take(r, 6);
    uint32_t sub = reader_u32(r);

    if (r->failed || revision != 1 || !count)
        return false;
    if (count == 1)
        return (memcmp(authority, world, 6) == 0 && sub == 0) ||
               (memcmp(authority, nt, 6) == 0 && (sub == 10 || sub == 11));
    if (count != domain->SubAuthorityCount + 1u || memcmp(authority, &domain->IdentifierAuthority, 6) != 0)
        return false;
    for (uint8_t i = 0; i + 1 < count; i++) {
        if (sub != domain->SubAuthority[i])
            return false;
        sub = reader_u32(r);
    }
    return !r->failed && sub == rid;
}

bool user_may_change_password(const void *descriptor, size_t len, const void *domain, uint32_t rid)
{
    struct reader r, list;
    uint16_t control, count;
    uint32_t offset;

    reader_init(&r, descriptor, len);
    reader_take(&r, 2); /* revision, padding */
    control = reader_u16(&r);
    reader_take(&r, 12); /* owner, group, SACL */
    offset = reader_u32(&r);
    if (r.failed || !(control & SE_DACL_PRESENT) || !offset || offset > len)
        return true;
    reader_init(&list, (const uint8_t *)descriptor + offset, len - offset);
    reader_take(&list, 4); /* revision, padding, length */
    count = reader_u16(&list);
    reader_take(&list, 2);
    for (uint16_t i = 0; i < count && !list.failed; i++) {
        uint8_t type = reader_u8(&list), flags = reader_u8(&list);
        uint16_t ace_len = reader_u16(&list);
        struct reader ace = reader_sub(&list, ace_len < 4 ? 0 : ace_len - 4u);
        uint32_t mask = reader_u32(&ace);

        if (list.failed || ace_len < 4)
            return true;
        if (type <= ACCESS_DENIED_ACE && !(flags & INHERIT_ONLY_ACE) &&
            mask & (USER_CHANGE_PASSWORD | GENERIC_ALL | GENERIC_WRITE | GENERIC_EXECUTE) &&
            is_user(&ace, domain, rid))
            return type == ACCESS_ALLOWED_ACE;
    }
    return list.failed;
}
