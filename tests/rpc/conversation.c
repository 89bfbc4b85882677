/* SPDX-License-Identifier: MIT */
/*
 * conversation FILE.pcap: our client and server say everything that they can say to each other, and what they
 * said is written down for an analyser to judge. Prints the number of PDUs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/pcap.h"
#include "rpc/pdu.h"
#include "rpc/test_pair.h"

static size_t pdus;

static void require(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "conversation: %s\n", what);
        exit(1);
    }
}

/* What was recorded in the pair since `at`, as one exchange each way. */
static void record(struct pcap_flow *flow, const struct writer *w, size_t at, bool from_server)
{
    struct pdu_header h;

    for (size_t i = at; i < w->len; i += h.frag_len, pdus++)
        require(pdu_header_get(w->data + i, 65535, &h) == 0, "not a PDU");
    if (w->len > at)
        pcap_flow_add(flow, from_server, w->data + at, w->len - at);
}

static void turn(struct pair *p, struct pcap_flow *flow)
{
    size_t up = p->up.len, down = p->down.len;

    pair_run(p);
    record(flow, &p->up, up, false);
    record(flow, &p->down, down, true);
}

static void take_all(struct pair *p, unsigned expected)
{
    struct rpc_reply reply;
    unsigned n = 0;

    for (; rpc_client_take_any(p->client, &reply); n++)
        free(reply.stub);
    require(n == expected, "replies are missing");
}

static void talk(int file, uint16_t fragment, bool ndr64)
{
    static const struct ndr_interface *const two[] = {&test_interface, &test_unknown, NULL};
    static const struct ndr_uuid object = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    static const uint8_t wanted[4] = {0xa0, 0x86, 1, 0}; /* 100,000 */
    static uint8_t stub[300000];
    struct pcap_flow flow;
    struct pair p;
    uint32_t id;

    require(!pair_open(&p, fragment, ndr64, two), "no memory");
    pcap_flow_open(&flow, file, 0);
    turn(&p, &flow);
    for (int i = 0; i < 3; i++) /* one after the other */
        for (size_t len = 1; len <= sizeof(stub); len = len * 9 + 8) {
            require(
                !rpc_client_call(p.client, &test_interface, TEST_ECHO, i ? &object : NULL, stub, len, &id),
                "call");
            turn(&p, &flow);
            take_all(&p, 1);
        }
    for (int i = 0; i < 5; i++) /* all at once */
        require(!rpc_client_call(p.client, &test_interface, TEST_LONG, NULL, wanted, 4, &id), "call");
    turn(&p, &flow);
    take_all(&p, 5);
    require(!rpc_client_call(p.client, &test_interface, TEST_FAULT, NULL, stub, 8, &id), "call");
    require(!rpc_client_call(p.client, &test_interface, TEST_ABSENT, NULL, stub, 8, &id), "call");
    require(!rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, NULL, 0, &id), "call");
    require(!rpc_client_cancel(p.client, id), "cancel");
    require(!rpc_client_alter(p.client, &test_second), "alter");
    turn(&p, &flow);
    take_all(&p, 3);
    require(!rpc_client_call(p.client, &test_second, TEST_ECHO, NULL, stub, 16, &id), "call");
    require(!rpc_server_shutdown(p.server), "shutdown");
    turn(&p, &flow);
    take_all(&p, 1);
    require(!p.client_result && !p.server_result, "an error");
    pcap_flow_close(&flow);
    pair_close(&p);
}

/* A client that does not know how to behave gets a PDU as an answer. */
static void misbehave(int file, uint8_t byte, uint8_t value, bool bind)
{
    struct pcap_flow flow;
    struct pair p;
    struct writer w;
    size_t len, down;
    const uint8_t *out;

    require(!pair_open(&p, 5840, false, test_interfaces), "no memory");
    writer_init(&w, 10000);
    pcap_flow_open(&flow, file, 0);
    if (bind) {
        out = rpc_client_output(p.client, &len);
        writer_put(&w, out, len);
    } else {
        turn(&p, &flow);
        pdu_bare(&w, PDU_AUTH3, 2);
    }
    w.data[byte] = value;
    down = p.down.len;
    pcap_flow_add(&flow, false, w.data, w.len);
    require(rpc_server_input(p.server, w.data, w.len) == RPC_E_PROTOCOL, "not refused");
    out = rpc_server_output(p.server, &len);
    writer_put(&p.down, out, len);
    record(&flow, &p.down, down, true);
    pdus++;
    pcap_flow_close(&flow);
    writer_deinit(&w);
    pair_close(&p);
}

int main(int argc, char **argv)
{
    int file = argc == 2 ? pcap_open(argv[1]) : -1;

    require(file >= 0, "cannot write the file (usage: conversation FILE.pcap)");
    talk(file, 5840, false);
    talk(file, 5840, true);
    talk(file, 65528, false);
    misbehave(file, 0, 5, false);     /* auth3 that nothing led to */
    misbehave(file, 16 + 8, 0, true); /* a bind without contexts */
    require(!close(file), "cannot write the file");
    printf("%zu\n", pdus);
    return 0;
}
