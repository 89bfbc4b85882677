/* SPDX-License-Identifier: MIT */
/*
 * See pcap.h. Packets are bare IPv4 (LINKTYPE_RAW) without checksums of TCP; readers do not test them. The
 * file's header is written under a lock, by whoever finds the file empty.
 */
#include "client/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define LINKTYPE_RAW 101
#define LONGEST 65535
#define SERVER_PORT 135
#define FIRST_PORT 0x8000u
#define LOOPBACK 0x7f000001u
#define LOOPBACK_NET 0x7f000000u
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

/* --- the file --- */

/* Empty, then begun here; or a capture like ours. And nobody else's to read. */
static int prepare(int fd)
{
    /* magic, version 2.4, no time zone, no accuracy, longest packet, link type: in the writer's byte order */
    static const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, LONGEST, LINKTYPE_RAW};
    uint32_t found[6];
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return -errno;
    n = pread(fd, found, sizeof(found), 0);
    if (n && (n != sizeof(found) || memcmp(found, header, sizeof(header)) != 0))
        return -EINVAL;
    if (fchmod(fd, 0600) < 0)
        return -errno;
    if (!n && write(fd, header, sizeof(header)) != sizeof(header))
        return -EIO;
    return 0;
}

int pcap_open(const char *path)
{
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600), r;

    if (fd < 0)
        return -errno;
    r = prepare(fd);
    flock(fd, LOCK_UN);
    if (!r)
        return fd;
    close(fd);
    return r;
}

/* --- packets --- */

static void put_packet(struct pcap_flow *flow, bool from_server, uint8_t flags, const void *data, size_t len)
{
    uint8_t head[IP_LEN + TCP_LEN] = {0}, *p = head;
    uint32_t total = (uint32_t)(sizeof(head) + len), record[4];
    struct iovec parts[3] = {{record, sizeof(record)}, {head, sizeof(head)}, {(void *)(uintptr_t)data, len}};
    struct timespec now;
    ssize_t written;

    clock_gettime(CLOCK_REALTIME, &now);
    record[0] = (uint32_t)now.tv_sec;
    record[1] = (uint32_t)(now.tv_nsec / 1000);
    record[2] = record[3] = total;

    p = be16(p, 0x4500);
    p = be16(p, (uint16_t)total);
    p = be32(p, 0x4000); /* do not fragment */
    p = be16(p, 64 << 8 | 6);
    p += 2;
    p = be32(p, flow->address[from_server]);
    p = be32(p, flow->address[!from_server]);
    be16(head + 10, checksum(head, IP_LEN));
    p = be16(p, flow->port[from_server]);
    p = be16(p, flow->port[!from_server]);
    p = be32(p, flow->sequence[from_server]);
    p = be32(p, flags & ACK ? flow->sequence[!from_server] : 0);
    p = be16(p, (uint16_t)(5 << 12 | flags));
    be16(p, LONGEST); /* window */

    written = writev(flow->fd, parts, len ? 3 : 2);
    (void)written; /* the disk is full: an analyser will see the gap */
    flow->sequence[from_server] += (uint32_t)len + !!(flags & (SYN | FIN));
}

void pcap_flow_open(struct pcap_flow *flow, int fd, uint32_t server)
{
    static atomic_uint flows;
    uint16_t port = (uint16_t)(FIRST_PORT | (atomic_fetch_add(&flows, 1) & (FIRST_PORT - 1)));

    *flow = (struct pcap_flow){.fd = fd,
                               .address = {LOOPBACK_NET | (getpid() & 0xffffff), server ? server : LOOPBACK},
                               .port = {port, SERVER_PORT},
                               .sequence = {1000, 500000}};
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
    flow->fd = -1;
}
