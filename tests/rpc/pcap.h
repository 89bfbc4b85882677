/* SPDX-License-Identifier: MIT */
/*
 * Byte streams as a pcap file of made-up TCP connections (127.0.0.1, server port 135), so that a network
 * analyser can judge what went over a unix socket or nothing at all.
 *
 * Invariant: sequence numbers are those of the bytes added; a flow starts with a handshake, ends with FINs.
 */
#ifndef TESTS_RPC_PCAP_H
#define TESTS_RPC_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcap_flow {
    FILE *file;
    uint16_t port;        /* of the client */
    uint32_t sequence[2]; /* next of client, of server */
};

FILE *pcap_create(const char *path); /* NULL: errno; fclose() it, and test that */
void pcap_flow_open(struct pcap_flow *flow, FILE *file, uint16_t client_port);
void pcap_flow_add(struct pcap_flow *flow, bool from_server, const void *data, size_t len);
void pcap_flow_close(struct pcap_flow *flow);

#endif
