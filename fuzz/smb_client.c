/* SPDX-License-Identifier: MIT */
/*
 * The SMB client against a peer that lies, or that somebody stands in front of. The peer of the unit tests
 * answers; the input says which of its answers are altered: by the server itself, before they are signed and
 * encrypted, so that what is behind these is reached; or on their way.
 *
 * Oracles: no crash, no leak. Each event answers one request that was made, once; none comes behind a
 * failure, and a client that has failed takes no request. Once there is a key all that it says is signed, and
 * encrypted where that was agreed. What was altered on its way never changes what is agreed: then the client
 * does not become ready, in 3.1.1 whatever it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "smb/client.h"
#include "smb/test_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define ROUNDS 24
#define MAX_REQUESTS (ROUNDS * 3)

enum { PENDING = 16, OVERFLOW = 32, SERVER_LIES = 64 }; /* in the input's second byte */

static int fixed_random(void *data, void *out, size_t len)
{
    (void)data;
    memset(out, 0x5a, len);
    return 0;
}

static uint64_t fixed_now(void *data)
{
    (void)data;
    return UINT64_C(134000000000000000);
}

struct talk {
    struct smb_client *client;
    struct test_peer *peer;
    struct reader *in; /* what is to be altered */
    uint64_t request[MAX_REQUESTS];
    unsigned requests;
    bool ready, failed;
    bool altered; /* before there was a key */
};

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* Change up to three bytes; did that change it? (Two changes may undo each other.) */
static bool alter(struct reader *in, uint8_t *bytes, size_t len)
{
    uint8_t count = reader_left(in) ? reader_u8(in) & 3 : 0, *before = malloc(len + 1);
    bool altered;

    if (!before)
        return false;
    memcpy(before, bytes, len);
    for (uint8_t i = 0; i < count && len; i++) {
        size_t at = reader_u16(in) % len;

        bytes[at] ^= reader_u8(in);
    }
    altered = memcmp(before, bytes, len) != 0;
    free(before);
    return altered;
}

static void lie(void *data, uint8_t *message, size_t len)
{
    struct talk *t = data;

    alter(t->in, message, len);
}

static void ask(struct talk *t, unsigned round)
{
    struct smb_file_id file = {77, 88};
    struct smb_client *c = t->client;
    uint64_t request, opening;
    int r;

    switch (round % 8) {
    case 0:
        r = smb_client_open(c, "samr", &request);
        break;
    case 1:
        r = smb_client_transceive(c, file, "0123456789abcdef", 16, 4096, &request);
        break;
    case 2:
        r = smb_client_read(c, file, 4096, &request);
        break;
    case 3:
        r = smb_client_write(c, file, "0123456789", 10, &request);
        break;
    case 4:
        r = smb_client_echo(c, &request);
        break;
    case 5:
        r = smb_client_read(c, file, 100000, &request);
        if (r == 0)
            require(smb_client_cancel(c, request) == 0, "cancel");
        break;
    case 6:
        r = smb_client_close(c, file, &request);
        break;
    default:
        r = smb_client_open_with(c, "samr", "0123456789abcdef", 16, 4096, &opening, &request);
        if (r == 0)
            t->request[t->requests++] = opening;
    }
    require(!t->failed || r == SMB_E_STATE, "a client that has failed takes requests");
    if (r == 0)
        t->request[t->requests++] = request;
}

static void take_events(struct talk *t, size_t most)
{
    struct smb_event e;

    while (smb_client_next(t->client, &e)) {
        unsigned i = 0;

        require(!t->failed, "an event behind a failure");
        require(e.len <= most, "data that the peer has not sent");
        if (e.type == SMB_EVENT_FAILED) {
            t->failed = true;
        } else if (e.type == SMB_EVENT_READY) {
            require(!t->ready, "ready twice");
            t->ready = true;
        } else {
            while (i < t->requests && t->request[i] != e.request)
                i++;
            require(i < t->requests, "an answer to no request, or a second one");
            t->request[i] = t->request[--t->requests];
        }
    }
}

/* What both believe to have agreed about. */
static void compare(const struct talk *t)
{
    const struct smb_info *info = smb_client_info(t->client);

    require(info->dialect == t->peer->dialect, "another dialect than the server's");
    require(info->cipher == t->peer->cipher, "another cipher than the server's");
    require(info->signing == t->peer->signing, "another signing algorithm than the server's");
    require(memcmp(info->server_guid, t->peer->guid, 16) == 0, "another GUID than the server's");
    require(!t->altered || info->dialect != SMB_3_1_1, "3.1.1 does not notice what was altered");
}

static void talk(struct talk *t, bool server_lies)
{
    struct writer wire;

    writer_init(&wire, 1 << 22);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t len;
        const uint8_t *out = smb_client_output(t->client, &len);
        bool early = !t->peer->keys.present;
        int r;

        if (!out)
            break;
        if (t->ready && smb_client_info(t->client)->cipher)
            require(len > 8 && memcmp(out + 4, "\xfdSMB", 4) == 0, "not encrypted");
        writer_reset(&wire);
        r = test_peer_take(t->peer, out, len, &wire);
        require(t->peer->bad_signatures == 0, "not signed, or with another key");
        if (r)
            break;
        smb_client_sent(t->client, len);
        if (!server_lies && alter(t->in, wire.data, wire.len) && early)
            t->altered = true;
        r = smb_client_input(t->client, wire.data, wire.len);
        take_events(t, wire.len);
        if (t->ready && !server_lies)
            compare(t);
        t->failed = t->failed || r;
        if (t->ready)
            ask(t, round);
    }
    writer_deinit(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint16_t dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1};
    struct auth_source source = {.random = fixed_random, .now = fixed_now};
    struct auth_client_config c = {
        .options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT, .source = &source},
        .target = "cifs/peer",
        .mechanisms = AUTH_NTLM};
    struct smb_config config = {.server = "peer"};
    struct auth_credentials *credentials = NULL;
    struct smb_client *client = NULL;
    struct test_peer peer;
    struct reader in;
    uint8_t kind, how;

    reader_init(&in, data, len);
    kind = reader_u8(&in);
    how = reader_u8(&in);
    if (test_peer_init(&peer, dialects[kind % 5]) == 0 && auth_credentials_new(&credentials) == 0 &&
        auth_credentials_set_name_utf8(credentials, "user", "DOM") == 0 &&
        auth_credentials_set_password_utf8(credentials, "Passw0rd") == 0) {
        c.credentials = credentials;
        peer.cipher = peer.dialect < SMB_3_0 ? 0 : peer.dialect < SMB_3_1_1 ? how & 1 : how % 5;
        if (peer.dialect == SMB_3_1_1)
            peer.signing = how & 8 ? SMB_SIGN_GMAC : SMB_SIGN_CMAC;
        peer.pending = how & PENDING;
        peer.overflow = how & OVERFLOW ? 5 : 0;
        if (auth_client_new(&config.auth, &c) == 0 && smb_client_new(&client, &config) == 0) {
            struct talk t = {.client = client, .peer = &peer, .in = &in};

            if (how & SERVER_LIES) {
                peer.meddle = lie;
                peer.meddle_data = &t;
            }
            talk(&t, how & SERVER_LIES);
        }
    }
    smb_client_free(client);
    auth_free(config.auth);
    auth_credentials_unref(credentials);
    test_peer_deinit(&peer);
    return 0;
}
