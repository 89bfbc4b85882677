/* SPDX-License-Identifier: MIT */
/*
 * String bindings: see string_binding.h. [C706] chapter 3 and appendix B, [MS-RPCE] 2.1.1.
 *
 * Invariant: nothing is cut. What does not fit is refused, for a part of a name is another name.
 */
#include "netapi/string_binding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <windows.h>

#include "ndr/ndr.h"
#include "netapi/remote.h"

#define PIPE_NAME_MAX 255

/* Copy up to the first unescaped character of `stops`, or to the end. NULL: it does not fit. */
static const char *take(char *out, size_t len, const char *text, const char *stops)
{
    size_t n = 0;

    for (; *text && !strchr(stops, *text); text++) {
        if (*text == '\\' && text[1] && strchr("@:[],=\\", text[1]))
            text++;
        if (n + 1 >= len)
            return NULL;
        out[n++] = *text;
    }
    out[n] = '\0';
    return text;
}

static struct net_status parse_object(struct string_binding *b, const char **text)
{
    size_t len = strcspn(*text, "@:[");
    char uuid[37];

    if ((*text)[len] != '@')
        return NET_STATUS(0);
    if (len != sizeof(uuid) - 1)
        return NET_STATUS(RPC_S_INVALID_STRING_UUID);
    memcpy(uuid, *text, len);
    uuid[len] = '\0';
    if (!ndr_uuid_parse(uuid, &b->object))
        return NET_STATUS(RPC_S_INVALID_STRING_UUID);
    b->has_object = true;
    *text += len + 1;
    return NET_STATUS(0);
}

static struct net_status parse_protocol(struct string_binding *b, const char **text)
{
    static const char *const ours[] = {
        [STRING_PIPE] = "ncacn_np", [STRING_TCP] = "ncacn_ip_tcp", [STRING_LOCAL] = "ncalrpc"};
    static const char *const others[] = {"ncacn_http",       "ncadg_ip_udp", "ncacn_nb_tcp", "ncacn_nb_nb",
                                         "ncacn_nb_ipx",     "ncacn_spx",    "ncacn_at_dsp", "ncacn_vns_spp",
                                         "ncacn_dnet_nsp",   "ncadg_ipx",    "ncadg_mq",     "ncacn_hvsocket",
                                         "ncacn_unix_stream"};
    size_t len = strcspn(*text, ":[");
    const char *name = *text;

    if (name[len] != ':' || !len)
        return NET_STATUS(RPC_S_INVALID_STRING_BINDING);
    *text += len + 1;
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strlen(ours[i]) == len && strncasecmp(name, ours[i], len) == 0) {
            b->protocol = (enum string_protocol)i;
            return NET_STATUS(0);
        }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strlen(others[i]) == len && strncasecmp(name, others[i], len) == 0)
            return NET_STATUS(RPC_S_PROTSEQ_NOT_SUPPORTED);
    return NET_STATUS(RPC_S_INVALID_RPC_PROTSEQ);
}

/* "[2001:db8::7][135]": no endpoint looks like an address. */
static bool is_bracketed_address(const char *text)
{
    size_t len = strcspn(text, "]") + 1;
    char address[REMOTE_ADDRESS_LEN], copy[REMOTE_ADDRESS_LEN];

    if (*text != '[' || text[len - 1] != ']' || len >= sizeof(copy) || !memchr(text, ':', len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return remote_address(copy, address);
}

static bool is_server(const char *name)
{
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '\\' || *c == '/' || *c == 0x7f)
            return false;
    return true;
}

static struct net_status parse_server(struct string_binding *b, const char **text)
{
    char name[STRING_BINDING_NAME_LEN + 4];
    size_t skip = is_bracketed_address(*text) ? strcspn(*text, "]") + 1 : 0;
    const char *end = *text + skip;

    if (skip) {
        memcpy(name, *text, skip);
        name[skip] = '\0';
    } else {
        end = take(name, sizeof(name), *text, "[");
    }
    skip = end ? strspn(name, "\\") : 0;
    if (!end || strlen(name + skip) >= sizeof(b->server) || !is_server(name + skip) ||
        (skip && !name[skip]) || (b->protocol == STRING_LOCAL && *name))
        return NET_STATUS(RPC_S_INVALID_NET_ADDR);
    strcpy(b->server, name + skip);
    *text = end;
    return NET_STATUS(0);
}

static struct net_status set_endpoint(struct string_binding *b, const char *text)
{
    static const char pipe[] = "\\pipe\\";
    size_t prefix = sizeof(pipe) - 1;
    char *end;

    switch (b->protocol) {
    case STRING_TCP:
        b->port = (uint16_t)strtoul(text, &end, 10);
        if (*text >= '1' && *text <= '9' && !*end && strtoul(text, NULL, 10) <= UINT16_MAX)
            return NET_STATUS(0);
        return NET_STATUS(RPC_S_INVALID_ENDPOINT_FORMAT);
    case STRING_PIPE: /* Samba's users leave the prefix out */
        if (strncasecmp(text, pipe, prefix) == 0)
            text += prefix;
        if (!*text || strlen(text) > PIPE_NAME_MAX || strpbrk(text, "\\/:"))
            return NET_STATUS(RPC_S_INVALID_ENDPOINT_FORMAT);
        break;
    default:
        if (*text != '/')
            return NET_STATUS(RPC_S_INVALID_ENDPOINT_FORMAT);
    }
    strcpy(b->endpoint, text);
    return NET_STATUS(0);
}

static struct net_status set_option(struct string_binding *b, const char *option)
{
    static const struct {
        const char *name;
        enum auth_level level;
    } levels[] = {
        {"connect", AUTH_LEVEL_CONNECT}, {"sign", AUTH_LEVEL_INTEGRITY}, {"seal", AUTH_LEVEL_PRIVACY}};

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (b->protocol != STRING_LOCAL && !b->level && strcmp(option, levels[i].name) == 0) {
            b->level = levels[i].level;
            return NET_STATUS(0);
        }
    return NET_STATUS(RPC_S_INVALID_NETWORK_OPTIONS);
}

/* What stands in the brackets: `text` is behind the first one. */
static struct net_status parse_brackets(struct string_binding *b, const char *text)
{
    static const char named[] = "endpoint=";
    struct net_status status = NET_STATUS(0);
    char part[PATH_MAX];

    for (bool first = true;; first = false) {
        bool is_endpoint = strncasecmp(text, named, sizeof(named) - 1) == 0;

        if (is_endpoint)
            text += sizeof(named) - 1;
        text = take(part, sizeof(part), text, ",[]");
        if (!text || !*text || *text == '[')
            return NET_STATUS(RPC_S_INVALID_STRING_BINDING);
        if (is_endpoint && (b->port || *b->endpoint))
            return NET_STATUS(RPC_S_INVALID_STRING_BINDING);
        if (is_endpoint || (first && *part))
            status = set_endpoint(b, part);
        else if (!first)
            status = set_option(b, part);
        if (status.v)
            return status;
        if (*text++ == ']')
            return NET_STATUS(*text ? RPC_S_INVALID_STRING_BINDING : 0);
    }
}

struct net_status string_binding_parse(struct string_binding *out, const char *text)
{
    struct net_status status;

    memset(out, 0, sizeof(*out));
    status = parse_object(out, &text);
    if (!status.v)
        status = parse_protocol(out, &text);
    if (!status.v)
        status = parse_server(out, &text);
    if (!status.v && *text)
        status = parse_brackets(out, text + 1);
    return status;
}

bool string_binding_well_known(struct string_binding *out, const struct ndr_interface *interface,
                               enum string_protocol protocol)
{
    for (const char *const *e = interface->endpoints; e && *e; e++)
        if (!string_binding_parse(out, *e).v && out->protocol == protocol && (out->port || *out->endpoint))
            return true;
    return false;
}
