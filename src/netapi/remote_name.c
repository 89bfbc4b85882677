/* SPDX-License-Identifier: MIT */
/*
 * From a server's name to its address, where the name is one: IPv4 and IPv6 as they are, IPv6 in brackets,
 * and as Windows writes it where a colon may not stand: "fe80--1s4.ipv6-literal.net" is fe80::1%4.
 */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "netapi/remote.h"

static const char literal[] = ".ipv6-literal.net";

static bool is_ipv6(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[sizeof(struct in6_addr)];
    size_t len = strcspn(text, "%"); /* the zone is the resolver's business */

    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    return inet_pton(AF_INET6, address, bytes) == 1;
}

static size_t copy(char *out, const char *from, size_t len, const char *const replaced, const char *const by)
{
    for (size_t i = 0; i < len; i++) {
        const char *at = strchr(replaced, from[i]);

        out[i] = at ? by[at - replaced] : from[i];
    }
    out[len] = '\0';
    return len;
}

bool remote_address(const char *server, char address[REMOTE_ADDRESS_LEN])
{
    size_t len = strlen(server), tail = sizeof(literal) - 1;
    unsigned char bytes[sizeof(struct in_addr)];

    *address = '\0';
    if (len >= REMOTE_ADDRESS_LEN)
        return false;
    if (len > 2 && server[0] == '[' && server[len - 1] == ']')
        copy(address, server + 1, len - 2, "", "");
    else if (len > tail && strcasecmp(server + len - tail, literal) == 0)
        copy(address, server, len - tail, "-s", ":%");
    else
        copy(address, server, len, "", "");
    if (is_ipv6(address) || inet_pton(AF_INET, address, bytes) == 1)
        return true;
    *address = '\0';
    return false;
}
