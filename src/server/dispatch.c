/* SPDX-License-Identifier: MIT */
/*
 * One request: decode, check the handle and the rights, carry out, encode, answer.
 *
 * Invariant: every request is answered exactly once: at once, or, when it changes the database or may have
 * seen changes that are not committed yet, with the commit (server.c). A handler runs only after the checks
 * of its row. [MS-SAMR] 3.1.2.2, [C706] 6.1.6 and chapter 12.
 */
#include "server/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/verification.h"
#include "epm.h"
#include "server/samr_procedures.h"

const struct ndr_interface *const dispatch_bindable[] = {&samr_interface, NULL};
const struct ndr_interface *const dispatch_mapper[] = {&epm_interface, NULL};

static const struct {
    const struct ndr_interface *interface;
    const struct dispatch_row *rows;
    const uint16_t *count;
} tables[] = {{&samr_interface, samr_rows, &samr_row_count}, {&epm_interface, epm_rows, &epm_row_count}};

/* A request on its way through the steps below. */
struct run {
    struct call call;
    const struct rpc_request *request;
    const struct dispatch_row *row;
    void *params;
    bool hold; /* the answer waits for the commit */
    bool last, put_off;
};

static const struct dispatch_row *find_row(const struct rpc_request *request)
{
    const struct dispatch_row *row;
    size_t i = 0;

    while (tables[i].interface != request->interface) /* nothing else can be bound */
        i++;
    if (request->opnum >= *tables[i].count)
        return NULL;
    row = &tables[i].rows[request->opnum];
    return row->run ? row : NULL;
}

static struct rpc_fault decode(struct run *r)
{
    const struct rpc_request *q = r->request;
    size_t used;
    int e;

    r->params = arena_alloc(r->call.arena, q->interface->procs[q->opnum].host_len, 16);
    if (!r->params)
        return (struct rpc_fault){FAULT_NO_MEMORY};
    e = ndr_decode(q->interface, q->opnum, NDR_F_IN, q->syntax, q->stub, q->stub_len, r->call.arena,
                   r->params, &used);
    if (e == NDR_E_LIMIT || e < 0)
        return (struct rpc_fault){FAULT_NO_MEMORY};
    if (!e && verification_check(q, used))
        return (struct rpc_fault){FAULT_ACCESS_DENIED};
    return (struct rpc_fault){e ? FAULT_BAD_STUB_DATA : 0};
}

/* Find the object that the handle stands for; *status: what the row refuses. */
static struct rpc_fault check_handle(struct run *r, struct nt_status *status)
{
    static const struct ndr_uuid null;
    const struct ndr_context_handle *handle;
    struct context *context;

    if (r->row->handle == DISPATCH_NO_HANDLE)
        return (struct rpc_fault){0};
    handle = (const struct ndr_context_handle *)((const uint8_t *)r->params + r->row->handle);
    if (ndr_uuid_equal(&handle->uuid, &null) && !r->row->kinds)
        return (struct rpc_fault){0};
    context = context_find(&r->call.association->group->contexts, r->call.interface, &handle->uuid);
    if (!context)
        return (struct rpc_fault){FAULT_CONTEXT_MISMATCH};
    if (r->row->kinds && !(r->row->kinds & context->kind))
        *status = NT(STATUS_OBJECT_TYPE_MISMATCH);
    else if (r->row->access & ~context->granted)
        *status = NT(STATUS_ACCESS_DENIED);
    r->call.context = context;
    return (struct rpc_fault){0};
}

static struct rpc_fault encode(struct run *r, struct writer *out)
{
    const struct rpc_request *q = r->request;
    int e;

    writer_reset(out);
    e = ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, r->params, out);
    if (e < 0)
        return (struct rpc_fault){FAULT_NO_MEMORY};
    return (struct rpc_fault){e ? FAULT_BAD_STUB_DATA : 0};
}

/* In a batch: the transaction that this change belongs to, and the answer for the case that it fails later,
 * made while all [out] members are still empty. */
static void prepare_to_hold(struct run *r, struct nt_status *status)
{
    struct server *s = r->call.server;

    if (!s->batch || r->row->effect == DISPATCH_NOTHING)
        return;
    if (r->row->effect == DISPATCH_CHANGES && nt_success(*status) && !sam_in_transaction(s->sam)) {
        if (!s->patient)
            *status = sam_try_begin(s->sam);
        else if (rpc_server_has_more(r->call.association->rpc)) /* a lone change commits by itself */
            *status = sam_begin(s->sam);
    }
    r->hold = sam_in_transaction(s->sam);
    if (r->hold && encode(r, &s->failure).v)
        writer_reset(&s->failure); /* then the failure is a fault */
}

static int hold(struct run *r, struct rpc_fault fault)
{
    struct association *a = r->call.association;
    struct server *s = a->server;
    size_t stub_len = fault.v ? 0 : s->reply.len;
    struct held *h = malloc(sizeof(*h) + stub_len + s->failure.len);

    if (!h)
        return -ENOMEM;
    *h = (struct held){.request = *r->request,
                       .fault = fault,
                       .stub_len = stub_len,
                       .failure_len = s->failure.len,
                       .opened = r->call.opened,
                       .closed = r->call.closed,
                       .context = r->call.changed};
    if (stub_len)
        memcpy(h->stubs, s->reply.data, stub_len);
    if (h->failure_len)
        memcpy(h->stubs + stub_len, s->failure.data, h->failure_len);
    if (!a->held) {
        a->held_end = &a->held;
        a->next_holder = s->holders;
        s->holders = a;
    }
    *a->held_end = h;
    a->held_end = &h->next;
    s->held_len += stub_len + h->failure_len;
    return 0;
}

static int answer(struct run *r, struct rpc_fault fault)
{
    struct association *a = r->call.association;

    if (r->hold)
        return hold(r, fault);
    if (fault.v)
        return rpc_server_fault(a->rpc, r->request, fault);
    return rpc_server_reply(a->rpc, r->request, a->server->reply.data, a->server->reply.len);
}

/* What to answer with: a fault, or (0) what is in the server's reply writer. */
static struct rpc_fault carry_out(struct run *r)
{
    struct nt_status status = NT(STATUS_SUCCESS);
    struct rpc_fault fault;

    r->row = find_row(r->request);
    if (!r->row)
        return (struct rpc_fault){FAULT_OP_RANGE};
    fault = decode(r);
    if (!fault.v)
        fault = check_handle(r, &status);
    if (fault.v)
        return fault;
    if (r->call.caller->barred && r->row->effect != DISPATCH_NOTHING) /* connecting refuses by itself */
        status = NT(STATUS_ACCESS_DENIED);
    prepare_to_hold(r, &status);
    if (nt_is(status, NT_STATUS_FILE_LOCK_CONFLICT) && !r->last) {
        r->put_off = true;
        return r->call.fault;
    }
    if (nt_success(status))
        r->row->run(&r->call, r->params);
    else
        r->row->refuse(r->params, status);
    return r->call.fault.v ? r->call.fault : encode(r, &r->call.server->reply);
}

int dispatch_run(struct association *a, const struct rpc_request *request, bool last)
{
    struct server *s = a->server;
    struct run r = {.call = {.server = s,
                             .association = a,
                             .caller = &a->caller,
                             .interface = request->interface,
                             .sam = s->sam,
                             .arena = &s->arena},
                    .request = request,
                    .last = last || s->patient};
    struct rpc_fault fault;
    int e;

    writer_reset(&s->failure);
    fault = carry_out(&r);
    e = r.put_off ? DISPATCH_E_LOCKED : answer(&r, fault);
    arena_reset(&s->arena);
    return e;
}

struct nt_status call_reserve(struct call *c)
{
    return context_reserve(&c->association->group->contexts, &c->server->random)
               ? NT(STATUS_INSUFFICIENT_RESOURCES)
               : NT(STATUS_SUCCESS);
}

struct nt_status call_open(struct call *c, const struct context *context, struct ndr_context_handle *handle)
{
    c->changed = *context;
    c->changed.interface = c->interface;
    if (context_open(&c->association->group->contexts, &c->server->random, &c->changed))
        return NT(STATUS_INSUFFICIENT_RESOURCES);
    c->opened = true;
    c->context = NULL; /* the table may have moved */
    *handle = (struct ndr_context_handle){.uuid = c->changed.uuid};
    return NT(STATUS_SUCCESS);
}

void call_close(struct call *c, struct ndr_context_handle *handle)
{
    c->changed = *c->context;
    c->closed = true;
    context_close(&c->association->group->contexts, &c->changed.uuid);
    c->context = NULL;
    *handle = (struct ndr_context_handle){0};
}
