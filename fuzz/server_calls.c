/* SPDX-License-Identifier: MIT */
/*
 * Sequences of calls against the server, through the RPC runtime, on a database of its own. An administrator
 * with two connections that share their handles, and a reader; requests begin with a handle that the client
 * really has, so that the bytes behind it reach the handlers.
 *
 * Input: records {operation number, flags, length, bytes}. Oracle: no crash; every call is answered exactly
 * once; handles are bounded, and the reader's are its own; the reader changes nothing; at the end the
 * database is whole and no association group is left.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ndr/ndr.h"
#include "rpc/client.h"
#include "samr.h"
#include "server/server.h"

#define MAX_HANDLES 8
#define MAX_RECORDS 64

#define OPNUM_SECOND 0x80 /* in the operation number: the administrator's second connection */
#define F_READER 0x01     /* which client */
#define F_COMMIT 0x02     /* then commit; else later */
#define F_CLOSE 0x04      /* the client goes away and comes back first */
#define F_BARE 0x08       /* no handle in front of the bytes */
#define F_HANDLE 0x70     /* which handle */
#define F_NDR64 0x80      /* only for a client that has just come back */

struct client {
    struct association *association;
    struct rpc_client *rpc;
    struct client *first; /* whose association group it joins, whose handles it uses; NULL: its own */
    SAMPR_HANDLE handles[MAX_HANDLES];
    unsigned handle_count, asked, answered;
};

enum { ADMINISTRATOR, READER, SECOND, CLIENTS };

static struct server *server;
static char folder[64];

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                        \
        }                                                                   \
    } while (0)

static void clean_up(void)
{
    char command[128];

    server_close(server);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    if (system(command))
        perror(folder);
}

static void set_up(void)
{
    char path[96];
    struct server_config config = {.database = path, .create = true, .batch = true};

    snprintf(folder, sizeof(folder), "%s/netmgmt-fuzz-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/accounts.db", folder);
    CHECK(nt_success(server_open(&server, &config)));
    atexit(clean_up);
}

static void move_bytes(struct client *c)
{
    const uint8_t *bytes;
    size_t len;

    bytes = rpc_client_output(c->rpc, &len);
    if (len) {
        CHECK(association_input(c->association, bytes, len) == 0);
        rpc_client_sent(c->rpc, len);
    }
    while (bytes = association_output(c->association, &len), len) {
        CHECK(rpc_client_input(c->rpc, bytes, len) == 0);
        association_sent(c->association, len);
    }
}

static void learn(struct client *c, const SAMPR_HANDLE *handle)
{
    static const struct ndr_uuid null;

    if (ndr_uuid_equal(&handle->uuid, &null))
        return;
    if (c->first)
        c = c->first;
    c->handles[c->handle_count % MAX_HANDLES] = *handle;
    c->handle_count++;
}

/* Handles that a reply brings: decoded as the client would. */
static void look_for_handles(struct client *c, const struct rpc_reply *reply)
{
    union {
        struct SamrConnect5_params connect;
        struct SamrOpenDomain_params domain;
        struct SamrOpenGroup_params group;
        struct SamrOpenUser_params user;
        struct SamrCreateGroupInDomain_params create;
    } p;
    struct arena arena;
    size_t used;

    if (reply->opnum != SamrConnect5_opnum && reply->opnum != SamrOpenDomain_opnum &&
        reply->opnum != SamrOpenGroup_opnum && reply->opnum != SamrOpenUser_opnum &&
        reply->opnum != SamrCreateGroupInDomain_opnum)
        return;
    memset(&p, 0, sizeof(p));
    arena_init(&arena, 1 << 20);
    CHECK(ndr_decode(&samr_interface, reply->opnum, NDR_F_OUT, reply->syntax, reply->stub, reply->stub_len,
                     &arena, &p, &used) == 0);
    learn(c, reply->opnum == SamrConnect5_opnum     ? &p.connect.ServerHandle
             : reply->opnum == SamrOpenDomain_opnum ? &p.domain.DomainHandle
             : reply->opnum == SamrOpenGroup_opnum  ? &p.group.GroupHandle
             : reply->opnum == SamrOpenUser_opnum   ? &p.user.UserHandle
                                                    : &p.create.GroupHandle);
    arena_deinit(&arena);
}

static void take_replies(struct client *c)
{
    struct rpc_reply reply;

    while (rpc_client_take_any(c->rpc, &reply)) {
        c->answered++;
        if (!reply.fault.v)
            look_for_handles(c, &reply);
        free(reply.stub);
    }
    CHECK(c->association->group->contexts.count <= CONTEXT_MAX);
}

static void commit(struct client *clients)
{
    while (server_needs_commit(server))
        CHECK(nt_success(server_commit(server)));
    for (int i = 0; i < CLIENTS; i++) {
        move_bytes(&clients[i]);
        take_replies(&clients[i]);
    }
}

static void call(struct client *c, uint16_t opnum, const void *stub, size_t len)
{
    uint32_t id;

    CHECK(rpc_client_call(c->rpc, &samr_interface, opnum, NULL, stub, len, &id) == 0);
    c->asked++;
    move_bytes(c);
    take_replies(c);
}

/* A typed call, so that there is something to work with. */
static void call_typed(struct client *c, uint16_t opnum, const void *params)
{
    enum ndr_syntax syntax;
    struct rpc_fault why;
    struct writer w;

    writer_init(&w, 1 << 16);
    CHECK(rpc_client_syntax(c->rpc, &samr_interface, &syntax, &why) == 0);
    CHECK(ndr_encode(&samr_interface, opnum, NDR_F_IN, syntax, params, &w) == 0);
    call(c, opnum, w.data, w.len);
    writer_deinit(&w);
}

static void open_account_domain(struct client *c)
{
    struct SamrConnect5_params connect = {.DesiredAccess = ACCESS_MAXIMUM_ALLOWED, .InVersion = 1};
    union {
        RPC_SID sid;
        uint8_t room[sizeof(RPC_SID) + 4 * SAM_SID_MAX_SUBAUTHORITIES];
    } domain = {0};
    struct SamrOpenDomain_params open = {.DesiredAccess = ACCESS_MAXIMUM_ALLOWED, .DomainId = &domain.sid};
    const struct sam_sid *sid = &server->sids[SAM_ACCOUNT];

    call_typed(c, SamrConnect5_opnum, &connect);
    domain.sid.Revision = sid->revision;
    domain.sid.SubAuthorityCount = sid->count;
    memcpy(domain.sid.IdentifierAuthority.Value, sid->authority, 6);
    memcpy(domain.room + offsetof(RPC_SID, SubAuthority), sid->sub, 4u * sid->count);
    open.ServerHandle = c->handles[0];
    call_typed(c, SamrOpenDomain_opnum, &open);
}

static void come(struct client *clients, int who, bool ndr64)
{
    static const struct ndr_interface *const interfaces[] = {&samr_interface, NULL};
    bool administrator = who != READER;
    struct client *c = &clients[who], *first = who == SECOND ? &clients[ADMINISTRATOR] : NULL;
    struct rpc_client_config config = {.interfaces = interfaces,
                                       .offer_ndr64 = ndr64,
                                       .max_fragment = 65528,
                                       .assoc_group = first ? rpc_client_assoc_group(first->rpc) : 0};
    struct caller caller = {.uid = administrator ? 0 : 1000, .administrator = administrator};

    *c = (struct client){.first = first};
    CHECK(association_new(&c->association, server, &caller) == 0);
    CHECK(rpc_client_new(&c->rpc, &config) == 0);
    move_bytes(c);
    CHECK(rpc_client_is_bound(c->rpc));
    if (first)
        CHECK(c->association->group == first->association->group);
    else
        open_account_domain(c);
}

static void go(struct client *c)
{
    association_free(c->association);
    rpc_client_free(c->rpc);
}

/* Groups made by the input go, so that the next input finds the same. */
static unsigned remove_groups(void)
{
    uint32_t rids[MAX_RECORDS + 1], after = SAM_FIRST_RID - 1;
    struct sam_member *members;
    struct sam_cursor *cursor;
    struct arena arena;
    struct sam_row row;
    size_t member_count;
    unsigned count = 0;

    CHECK(nt_success(sam_enumerate(server->sam, SAM_ACCOUNT, SAM_GROUP, after, &cursor)));
    while (nt_success(sam_cursor_next(cursor, &row)) && count <= MAX_RECORDS)
        rids[count++] = row.rid;
    sam_cursor_close(cursor);
    CHECK(count <= MAX_RECORDS);
    CHECK(nt_success(sam_begin(server->sam)));
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < count; i++) {
        CHECK(nt_success(sam_group_members(server->sam, rids[i], &arena, &members, &member_count)));
        for (size_t m = 0; m < member_count; m++)
            CHECK(nt_success(sam_group_remove_member(server->sam, rids[i], members[m].rid)));
        CHECK(nt_success(sam_group_delete(server->sam, rids[i])));
    }
    arena_deinit(&arena);
    CHECK(nt_success(sam_commit(server->sam)));
    return count;
}

static void check_database(void)
{
    struct sam_domain_info info;
    struct arena arena;
    uint32_t count;
    uint64_t text;

    arena_init(&arena, 1 << 20);
    CHECK(nt_success(sam_domain_get(server->sam, SAM_ACCOUNT, &arena, &info)));
    CHECK(nt_success(sam_display_totals(server->sam, SAM_ACCOUNT, SAM_GROUP, &count, &text)));
    CHECK(info.group_count == 1 && count == 1); /* None */
    arena_deinit(&arena);
}

static void run_record(struct client *clients, uint8_t opnum, uint8_t flags, const uint8_t *data, size_t len)
{
    int who = opnum & OPNUM_SECOND ? SECOND : flags & F_READER ? READER : ADMINISTRATOR;
    struct client *c = &clients[who], *holder;
    uint8_t stub[20 + 255] = {0};
    size_t at = 0;

    if (flags & F_CLOSE) {
        go(c);
        come(clients, who, flags & F_NDR64);
    }
    holder = c->first ? c->first : c;
    if (!(flags & F_BARE) && holder->handle_count) {
        unsigned known = holder->handle_count < MAX_HANDLES ? holder->handle_count : MAX_HANDLES;
        struct writer w;

        writer_init_fixed(&w, stub, sizeof(stub));
        writer_u32(&w, 0);
        ndr_uuid_write(&w, &holder->handles[((unsigned)flags & F_HANDLE) / 0x10 % known].uuid);
        at = w.len;
    }
    memcpy(stub + at, data, len);
    if (rpc_client_calls(c->rpc) >= 60)
        commit(clients);
    call(c, (uint16_t)((opnum & ~OPNUM_SECOND) % samr_interface.proc_count), stub, at + len);
    if (flags & F_COMMIT)
        commit(clients);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct client clients[CLIENTS];
    size_t at = 0;

    if (!server)
        set_up();
    for (int i = 0; i < CLIENTS; i++)
        come(clients, i, false);
    for (int i = 0; i < MAX_RECORDS && len - at >= 3; i++) {
        size_t bytes = data[at + 2] < len - at - 3 ? data[at + 2] : len - at - 3;

        run_record(clients, data[at], data[at + 1], data + at + 3, bytes);
        at += 3 + bytes;
    }
    commit(clients);
    for (int i = 0; i < CLIENTS; i++) {
        CHECK(clients[i].answered == clients[i].asked);
        CHECK(rpc_client_calls(clients[i].rpc) == 0);
        go(&clients[i]);
    }
    CHECK(!server->groups);
    remove_groups();
    check_database();
    return 0;
}
