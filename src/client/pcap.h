/* SPDX-License-Identifier: MIT */
/*
 * Byte streams as a capture file of made-up TCP connections (server port 135), so that a network analyser can
 * read what went over a unix socket, sealed, or over no wire at all.
 *
 * Invariant: sequence numbers are those of the bytes added; a flow starts with a handshake and ends with
 * FINs. Each packet is one write(2) at the end of the file: several flows, threads and processes may share
 * it.
 */
#ifndef CLIENT_PCAP_H
#define CLIENT_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcap_flow {
    int fd;
    uint32_t address[2]; /* IPv4 of client, server */
    uint16_t port[2];
    uint32_t sequence[2]; /* next of client, of server */
};

/* A new file, or a capture like ours to be continued; in any case of mode 0600, as it holds secrets. The file
 * descriptor, or a negative errno value; -EINVAL: the file is something else, -EPERM: it is somebody else's.
 */
int pcap_open(const char *path);

/* `server`: an IPv4 address that packets are to show; 0: 127.0.0.1. The client's address is made from the
 * process id, its port is another one for each flow. */
void pcap_flow_open(struct pcap_flow *flow, int fd, uint32_t server);
void pcap_flow_add(struct pcap_flow *flow, bool from_server, const void *data, size_t len);
void pcap_flow_close(struct pcap_flow *flow);

#endif
