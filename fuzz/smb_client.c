/* SPDX-License-Identifier: MIT */
/*
 * The SMB client against a peer that lies. The peer of the unit tests answers; the input says which of its
 * answers are altered, before they are signed (so that what is behind signature and encryption is reached) or
 * after.
 *
 * Oracle: no crash, no leak; the client never becomes ready after anything was altered before there was a
 * key; memory is bounded by the peer's bytes; each request has at most one event.
 */
#include <stdlib.h>

#include "smb/client.h"
#include "smb/test_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define ROUNDS 24

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

/* Change up to three bytes of what the peer says in this round; did that change it? (Two changes may undo
 * each other.) */
static bool alter(struct reader *in, uint8_t *wire, size_t len)
{
    uint8_t count = reader_u8(in) & 3, *before = malloc(len + 1);
    bool altered;

    if (!before)
        return false;
    memcpy(before, wire, len);
    for (uint8_t i = 0; i < count && len; i++) {
        size_t at = reader_u16(in) % len;

        wire[at] ^= reader_u8(in);
    }
    altered = memcmp(before, wire, len) != 0;
    free(before);
    return altered;
}

static void ask(struct smb_client *c, unsigned round)
{
    struct smb_file_id file = {77, 88};
    uint64_t request;

    switch (round % 5) {
    case 0:
        smb_client_open(c, "samr", &request);
        break;
    case 1:
        smb_client_transceive(c, file, "0123456789abcdef", 16, 4096, &request);
        break;
    case 2:
        smb_client_read(c, file, 4096, &request);
        break;
    case 3:
        smb_client_write(c, file, "0123456789", 10, &request);
        break;
    default:
        smb_client_close(c, file, &request);
    }
}

static void talk(struct smb_client *c, struct test_peer *peer, struct reader *in)
{
    bool altered = false, ready = false, early = true;
    struct writer wire;
    unsigned events = 0;

    writer_init(&wire, 1 << 22);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const uint8_t *out;
        struct smb_event e;
        size_t len;
        int r;

        out = smb_client_output(c, &len);
        if (!out)
            break;
        writer_reset(&wire);
        early = !peer->keys.present;
        if (test_peer_take(peer, out, len, &wire) != 0)
            break;
        smb_client_sent(c, len);
        if (reader_left(in) && alter(in, wire.data, wire.len) && early)
            altered = true;
        r = smb_client_input(c, wire.data, wire.len);
        while (smb_client_next(c, &e)) {
            events++;
            if (e.type == SMB_EVENT_READY)
                ready = true;
        }
        if (r)
            break;
        if (ready)
            ask(c, round);
    }
    if ((ready && altered && peer->dialect == SMB_3_1_1) || events > 2 * ROUNDS)
        abort();
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
        peer.pending = how & 16;
        peer.overflow = how & 32 ? 5 : 0;
        if (auth_client_new(&config.auth, &c) == 0 && smb_client_new(&client, &config) == 0)
            talk(client, &peer, &in);
    }
    smb_client_free(client);
    auth_free(config.auth);
    auth_credentials_unref(credentials);
    test_peer_deinit(&peer);
    return 0;
}
