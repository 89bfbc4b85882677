/* SPDX-License-Identifier: MIT */
/* See pcap.h. Packets are bare IPv4 (LINKTYPE_RAW), without checksums of TCP; readers do not test them. */
#include "pcap.h"

#include <string.h>
#include <time.h>

#define LINKTYPE_RAW 101
#define SERVER_PORT 135
#define IP_LEN 20
#define TCP_LEN 20
#define SEGMENT ((size_t)32768)

enum { FIN = 0x01, SYN = 0x02, PUSH = 0x08, ACK = 0x10 };

static uint8_t *be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static uint8_t *be32(uint8_t *p, uint32_t v)
{
    return be16(be16(p, (uint16_t)(v >> 16)), (uint16_t)v);
}

static uint16_t checksum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i += 2)
        sum += (uint32_t)(p[i] << 8 | p[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

FILE *pcap_create(const char *path)
{
    /* magic, version 2.4, no time zone, no accuracy, longest packet, link type: in the writer's byte order */
    const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, LINKTYPE_RAW};
    FILE *f = fopen(path, "wb");

    if (f)
        fwrite(header, sizeof(header), 1, f);
    return f;
}

static void put_packet(struct pcap_flow *flow, bool from_server, uint8_t flags, const void *data, size_t len)
{
    uint8_t head[IP_LEN + TCP_LEN] = {0}, *p = head;
    uint32_t total = (uint32_t)(sizeof(head) + len), record[4];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    record[0] = (uint32_t)now.tv_sec;
    record[1] = (uint32_t)(now.tv_nsec / 1000);
    record[2] = record[3] = total;

    p = be16(p, 0x4500);
    p = be16(p, (uint16_t)total);
    p = be32(p, 0x4000); /* do not fragment */
    p = be16(p, 64 << 8 | 6);
    p += 2;
    p = be32(p, 0x7f000001);
    p = be32(p, 0x7f000001);
    be16(head + 10, checksum(head, IP_LEN));
    p = be16(p, from_server ? SERVER_PORT : flow->port);
    p = be16(p, from_server ? flow->port : SERVER_PORT);
    p = be32(p, flow->sequence[from_server]);
    p = be32(p, flags & ACK ? flow->sequence[!from_server] : 0);
    p = be16(p, (uint16_t)(5 << 12 | flags));
    be16(p, 65535);

    fwrite(record, sizeof(record), 1, flow->file);
    fwrite(head, sizeof(head), 1, flow->file);
    if (len)
        fwrite(data, len, 1, flow->file);
    flow->sequence[from_server] += (uint32_t)len + !!(flags & (SYN | FIN));
}

void pcap_flow_open(struct pcap_flow *flow, FILE *file, uint16_t client_port)
{
    *flow = (struct pcap_flow){.file = file, .port = client_port, .sequence = {1000, 500000}};
    put_packet(flow, false, SYN, NULL, 0);
    put_packet(flow, true, SYN | ACK, NULL, 0);
    put_packet(flow, false, ACK, NULL, 0);
}

void pcap_flow_add(struct pcap_flow *flow, bool from_server, const void *data, size_t len)
{
    const uint8_t *p = data;

    while (len) {
        size_t n = len < SEGMENT ? len : SEGMENT;

        put_packet(flow, from_server, ACK | PUSH, p, n);
        p += n;
        len -= n;
    }
    put_packet(flow, !from_server, ACK, NULL, 0);
}

void pcap_flow_close(struct pcap_flow *flow)
{
    put_packet(flow, false, FIN | ACK, NULL, 0);
    put_packet(flow, true, FIN | ACK, NULL, 0);
    put_packet(flow, false, ACK, NULL, 0);
    flow->file = NULL;
}
