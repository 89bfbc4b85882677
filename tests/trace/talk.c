/* SPDX-License-Identifier: MIT */
/*
 * talk sealed: a client says to a server of samr, both in this process, by NTLM and sealed, what it can say,
 *   passwords too, and makes sure that the wire shows none of it.
 * talk threads N: N threads add and list groups, all at once, through the Net functions.
 *
 * For test_trace.py, which reads what was traced and captured.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/channel.h"
#include "ndr/ndr.h"
#include "rpc/test_secure.h"
#include "samr.h"

#define NAMES 1000     /* several fragments */
#define REFUSED 0x6f7u /* the fault for what the server does not know */
#define PASSWORD_BYTE 0x5e

uint32_t talk_net(unsigned number); /* talk_net.c: windows.h and samr.h declare types of the same names */

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "talk: %s\n", what);
    exit(1);
}

/* --- the server: every procedure succeeds and returns zeros --- */

static struct writer wire; /* all that was sent, both ways */

static void answer(struct rpc_server *s, const struct rpc_request *q)
{
    void *params = calloc(1, q->interface->procs[q->opnum].host_len);
    struct writer w;

    writer_init(&w, 100000);
    if (ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, params, &w))
        rpc_server_fault(s, q, (struct rpc_fault){REFUSED});
    else
        rpc_server_reply(s, q, w.data, w.len);
    writer_deinit(&w);
    free(params);
}

static int peer_input(void *peer, const void *data, size_t len)
{
    struct rpc_request q;

    writer_put(&wire, data, len);
    rpc_server_input(peer, data, len);
    while (rpc_server_next(peer, &q))
        answer(peer, &q);
    return rpc_server_status(peer);
}

static const uint8_t *peer_output(void *peer, size_t *len)
{
    return rpc_server_output(peer, len);
}

static void peer_sent(void *peer, size_t len)
{
    size_t have;

    writer_put(&wire, rpc_server_output(peer, &have), len);
    rpc_server_sent(peer, len);
}

static void peer_close(void *peer)
{
    rpc_server_free(peer);
}

/* --- the client --- */

static struct channel *connect_sealed(struct secure *s)
{
    static const struct transport_peer_ops ops = {peer_input, peer_output, peer_sent, peer_close};
    static const struct ndr_interface *const interfaces[] = {&samr_interface, NULL};
    struct channel_options options = {.auth = &s->auth};
    struct rpc_server *server;
    struct transport *t = NULL;
    struct channel *c;

    require(!secure_init(s, AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "secret"), "no configuration");
    s->server.interfaces = interfaces;
    require(!rpc_server_new(&server, &s->server) && !transport_inproc_open(&t, &ops, server), "no server");
    require(!channel_open(&c, t, &samr_interface, &options, 0).v, "not bound");
    return c;
}

static void change_password(struct channel *c, struct arena *arena)
{
    SAMPR_USER_INFO_BUFFER buffer = {0};
    struct SamrSetInformationUser2_params p = {.UserInformationClass = UserInternal5InformationNew};

    memset(buffer.Internal5New.UserPassword.Buffer, PASSWORD_BYTE,
           sizeof(buffer.Internal5New.UserPassword.Buffer));
    p.Buffer = buffer;
    require(!channel_call(c, SamrSetInformationUser2_opnum, &p, arena, 0).v, "SamrSetInformationUser2");
}

static void look_up(struct channel *c, struct arena *arena)
{
    static uint16_t text[] = u"Readable name of a group";
    static RPC_UNICODE_STRING names[NAMES];
    struct SamrLookupNamesInDomain_params p = {.Count = NAMES, .Names = names};

    for (size_t i = 0; i < NAMES; i++)
        names[i] = (RPC_UNICODE_STRING){sizeof(text) - 2, sizeof(text) - 2, text};
    require(!channel_call(c, SamrLookupNamesInDomain_opnum, &p, arena, 0).v, "SamrLookupNamesInDomain");
    p.Count = NAMES + 1;
    require(channel_call(c, SamrLookupNamesInDomain_opnum, &p, arena, 0).v == 87, "one too many");
}

static void talk_together(struct channel *c, struct arena *arena)
{
    struct SamrRidToSid_params p[3] = {{.Rid = 500}, {.Rid = 501}, {.Rid = 502}};
    struct SamrConnect5_params refused = {.InVersion = 1, .InRevisionInfo.V1.Revision = 3};
    struct SamrCloseHandle_params posted = {0};
    uint32_t calls[3];

    for (int i = 0; i < 3; i++)
        require(!channel_begin(c, SamrRidToSid_opnum, &p[i], &calls[i], 0).v, "SamrRidToSid begins");
    require(!channel_finish(c, calls[2], &p[2], arena, 0).v, "SamrRidToSid, the last");
    require(!channel_finish(c, calls[0], &p[0], arena, 0).v, "SamrRidToSid, the first");
    require(channel_call(c, SamrConnect5_opnum, &refused, arena, 0).v == REFUSED, "a fault");
    channel_post(c, SamrCloseHandle_opnum, &posted);
}

static void talk_sealed(void)
{
    static const uint8_t secret[64] = {[0 ... 63] = PASSWORD_BYTE};
    static const uint16_t name[] = u"Readable name";
    struct secure s;
    struct arena arena;
    struct channel *c;

    writer_init(&wire, (size_t)1 << 26);
    arena_init(&arena, (size_t)1 << 24);
    c = connect_sealed(&s);
    change_password(c, &arena);
    look_up(c, &arena);
    talk_together(c, &arena);
    channel_close(c);
    require(!wire.failed && wire.len > 50000, "the wire was not seen");
    require(wire.data && !memmem(wire.data, wire.len, secret, sizeof(secret)), "a password on the wire");
    require(!memmem(wire.data, wire.len, name, sizeof(name) - 2), "a name on the wire");
    secure_deinit(&s);
    arena_deinit(&arena);
    writer_deinit(&wire);
}

static void *talk_thread(void *number)
{
    return (void *)(uintptr_t)talk_net((unsigned)(uintptr_t)number);
}

static void talk_threads(unsigned count)
{
    pthread_t threads[64];
    void *status;

    require(count <= 64, "too many threads");
    for (unsigned i = 0; i < count; i++)
        require(!pthread_create(&threads[i], NULL, talk_thread, (void *)(uintptr_t)i), "no thread");
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], &status);
        require(!status, "a thread has failed");
    }
}

int main(int argc, char **argv)
{
    require(argc >= 2, "usage: talk sealed | talk threads N");
    if (strcmp(argv[1], "sealed") == 0)
        talk_sealed();
    else
        talk_threads((unsigned)atoi(argv[2]));
    return 0;
}
