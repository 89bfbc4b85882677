/* SPDX-License-Identifier: MIT */
/*
 * proxy LISTEN CONNECT MODE [AMOUNT [SEED]]: a bad network between a client and a server, on TCP port 445 of
 * two addresses (or ADDRESS:PORT). The same arguments do the same to the same traffic.
 *
 *   pass     nothing
 *   split    every byte in a segment of its own
 *   delay    each piece waits up to AMOUNT milliseconds
 *   flip     one bit of a byte is changed, about once in AMOUNT bytes
 *   drop     one byte is lost, about once in AMOUNT bytes
 *   cut      the connection ends after AMOUNT bytes
 *   stall    nothing comes through any more after AMOUNT bytes
 *
 * Each connection has a process. Writes a line when it listens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum mode { PASS, SPLIT, DELAY, FLIP, DROP, CUT, STALL, MODES };

static const char *const names[] = {"pass", "split", "delay", "flip", "drop", "cut", "stall"};
static enum mode mode;
static uint32_t amount, seed;
static uint64_t total; /* bytes of this connection, both ways */

static uint32_t chance(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return below ? seed % below : 0;
}

static int fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in address_of(char *text)
{
    char *port = strchr(text, ':');
    struct sockaddr_in a = {.sin_family = AF_INET};

    if (port)
        *port++ = 0;
    a.sin_port = htons((uint16_t)(port ? atoi(port) : 445));
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) {
        fprintf(stderr, "proxy: %s is no address\n", text);
        exit(2);
    }
    return a;
}

static void put(int fd, const uint8_t *data, size_t len)
{
    size_t step = mode == SPLIT ? 1 : len;

    for (size_t at = 0; at < len; at += step)
        if (send(fd, data + at, step, MSG_NOSIGNAL) != (ssize_t)step)
            exit(0);
}

/* Does to `len` bytes what the mode says; returns how many are left. */
static size_t spoil(uint8_t *data, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        if (mode == FLIP && chance(amount) == 0)
            data[i] ^= (uint8_t)(1u << chance(8));
        if (mode == DROP && chance(amount) == 0)
            continue;
        data[out++] = data[i];
    }
    return out;
}

/* False: no more from this side. */
static bool forward(int from, int to)
{
    uint8_t data[65536];
    ssize_t n = recv(from, data, sizeof(data), 0);
    size_t len;

    if (n <= 0)
        return false;
    len = (size_t)n;
    if ((mode == CUT || mode == STALL) && total + len > amount) {
        put(to, data, amount - total);
        if (mode == CUT)
            exit(0);
        for (;;)
            pause();
    }
    total += len;
    if (mode == DELAY)
        nanosleep(&(struct timespec){.tv_nsec = (long)chance(amount) * 1000000}, NULL);
    put(to, data, spoil(data, len));
    return true;
}

static void serve(int client, const struct sockaddr_in *to)
{
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct pollfd fds[2];

    if (connect(server, (const struct sockaddr *)to, sizeof(*to)))
        fail("proxy: connect");
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fds[0] = (struct pollfd){.fd = client, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = server, .events = POLLIN};
    while (poll(fds, 2, -1) > 0)
        for (int i = 0; i < 2; i++)
            if (fds[i].revents && !forward(fds[i].fd, fds[1 - i].fd))
                exit(0);
}

int main(int argc, char **argv)
{
    struct sockaddr_in from, to;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, client;

    if (argc < 4)
        return fprintf(stderr, "proxy LISTEN CONNECT MODE [AMOUNT [SEED]]\n"), 2;
    while (mode < MODES && strcmp(names[mode], argv[3]) != 0)
        mode++;
    if (mode == MODES)
        return fprintf(stderr, "proxy: no mode %s\n", argv[3]), 2;
    amount = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
    seed = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) * 2654435761u + 1 : 1;
    from = address_of(argv[1]);
    to = address_of(argv[2]);
    signal(SIGCHLD, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&from, sizeof(from)) || listen(listener, 16))
        fail("proxy: listen");
    puts("listening");
    fflush(stdout);
    while ((client = accept(listener, NULL, NULL)) >= 0 || errno == EINTR) {
        if (client < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(client, &to);
            exit(0);
        }
        close(client);
        chance(1); /* the next connection has other luck */
    }
    return fail("proxy: accept");
}
