/* SPDX-License-Identifier: MIT */
/*
 * NetGroupEnum: pages of SAMR's display information, put together in one exact buffer.
 *
 * Invariant: only one page of the server's is held beside the buffer that grows, so the peak is about twice
 * the result, however many groups there are. The resume handle is the server's index of the last entry handed
 * out, and in the high half how many were handed out so far: nothing is kept between calls.
 */
#include "netapi/group.h"

#include "api.h"
#include "netapi/buffer.h"

/* Bytes asked for at once: enough for a request's cost not to count, and the page stays in the processor's
 * cache. With a limit that is nearly reached less, but not a request for every few entries. */
#define PAGE_LEN (256u * 1024)
#define PAGE_LEN_MIN 4096u

struct enum_arguments {
    DWORD level, limit; /* limit: bytes, or MAX_PREFERRED_LENGTH */
    uint16_t type;
    uint32_t start, before; /* index to go on behind; entries that earlier calls handed out */
    uint32_t index;         /* of the last entry added */
    LPBYTE *bufptr;
    DWORD read, total;
};

static uint32_t page_len(const struct enum_arguments *a, const struct ndr_block_builder *b)
{
    size_t left = a->limit - b->len;

    if (a->limit == MAX_PREFERRED_LENGTH || left > PAGE_LEN)
        return PAGE_LEN;
    return left < PAGE_LEN_MIN ? PAGE_LEN_MIN : (uint32_t)left;
}

/* False: the entry does not fit, or the call has failed. */
static bool add_entry(struct call *c, struct enum_arguments *a, struct ndr_block_builder *b,
                      const struct group_entry *entry)
{
    union group_info info;

    if (!group_fill(c, a->level, entry, &info))
        return false;
    if (a->limit != MAX_PREFERRED_LENGTH && ndr_block_len_with(b, &info) > a->limit)
        return false;
    if (ndr_block_add(b, &info)) {
        call_fail_memory(c);
        return false;
    }
    return true;
}

/* `*complete`: nothing is left behind what was collected. */
static struct nt_status collect(struct call *c, struct enum_arguments *a, struct ndr_block_builder *b,
                                bool *complete)
{
    struct page_trail trail = {a->index, a->index, 0};
    struct group_page page;
    struct nt_status s;

    *complete = false;
    do {
        arena_reset(&c->arena);
        s = groups_page(c, a->index, page_len(a, b), &page);
        if (!nt_success(s))
            return s;
        for (size_t i = 0; i < page.count; i++) {
            struct group_entry entry;
            uint32_t index;

            groups_page_entry(&page, i, &entry, &index);
            if (!add_entry(c, a, b, &entry))
                return s;
            a->index = index;
        }
        if (page.more && !page_trail_goes_on(&trail, a->index))
            return call_fail_reply(c);
    } while (page.more);
    *complete = true;
    return s;
}

/* Entries from this call's position on, when not all were read. A server that does not tell leaves it at
 * "more than these": not to know it is no failure. */
static DWORD count_total(struct call *c, const struct enum_arguments *a)
{
    DWORD least = a->read + 1;
    uint32_t groups = 0;
    bool known = nt_success(groups_count(c, &groups));

    c->failure = NET_STATUS(NERR_Success);
    return known && groups > a->before && groups - a->before > least ? groups - a->before : least;
}

static struct net_status enum_groups(struct call *c, void *arguments)
{
    struct enum_arguments *a = arguments;
    struct ndr_block_builder b;
    struct net_status status;
    bool complete;
    void *block = NULL;

    a->index = a->start;
    ndr_block_init(&b, &api_interface, a->type);
    status = call_status(c, collect(c, a, &b, &complete));
    arena_reset(&c->arena);
    a->read = (DWORD)b.count;
    if (!status.v && !complete && !b.count)
        status = NET_STATUS(NERR_BufTooSmall);
    if (!status.v && ndr_block_take(&b, api_buffer_allocate, "NetGroupEnum", &block))
        status = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_deinit(&b);
    if (status.v)
        return status;
    *a->bufptr = block;
    a->total = complete ? a->read : count_total(c, a);
    return NET_STATUS(complete ? NERR_Success : ERROR_MORE_DATA);
}

static DWORD_PTR resume_make(const struct enum_arguments *a)
{
    uint64_t handed_out = (uint64_t)a->before + a->read;

    return (DWORD_PTR)(sizeof(DWORD_PTR) > 4 ? handed_out << 32 | a->index : a->index);
}

NET_API_STATUS NetGroupEnum(LPCWSTR servername, DWORD level, LPBYTE *bufptr, DWORD prefmaxlen,
                            LPDWORD entriesread, LPDWORD totalentries, PDWORD_PTR resume_handle)
{
    uint64_t resume = resume_handle ? *resume_handle : 0;
    struct enum_arguments a = {.level = level,
                               .limit = prefmaxlen,
                               .start = (uint32_t)resume,
                               .before = (uint32_t)(resume >> 32),
                               .bufptr = bufptr};
    struct net_status status;

    if (bufptr)
        *bufptr = NULL;
    if (entriesread)
        *entriesread = 0;
    if (totalentries)
        *totalentries = 0;
    if (!bufptr || !entriesread || !totalentries)
        return ERROR_INVALID_PARAMETER;
    if (!group_level_type(level, &a.type))
        return ERROR_INVALID_LEVEL;
    status = call_run(servername, enum_groups, &a);
    if (resume_handle)
        *resume_handle = status.v == ERROR_MORE_DATA ? resume_make(&a) : 0;
    if (status.v == NERR_Success || status.v == ERROR_MORE_DATA) {
        *entriesread = a.read;
        *totalentries = a.total;
    }
    return status.v;
}
