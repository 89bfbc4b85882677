/* SPDX-License-Identifier: MIT */
/*
 * For tests of the SMB client: the client and the peer of test_peer.c, connected in memory.
 */
#ifndef SMB_TEST_PAIR_H
#define SMB_TEST_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smb/client.h"
#include "smb/test_peer.h"

struct pair {
    struct test_peer peer;
    struct auth_credentials *credentials;
    struct auth *auth;
    struct smb_client *client;
    struct writer wire; /* what the peer answered last */
    struct smb_event last;
    unsigned events[8];
    uint8_t data[1 << 17];
    size_t data_len;
};

static struct smb_config config = {.server = "peer"};

static inline void open_pair(struct pair *x, uint16_t dialect, uint16_t cipher, uint16_t signing,
                             const char *password)
{
    struct auth_client_config c = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT},
                                   .target = "cifs/peer",
                                   .mechanisms = AUTH_NTLM};

    memset(x, 0, sizeof(*x));
    assert_int_equal(test_peer_init(&x->peer, dialect), 0);
    x->peer.cipher = cipher;
    if (dialect == SMB_3_1_1)
        x->peer.signing = signing;
    assert_int_equal(auth_credentials_new(&x->credentials), 0);
    assert_int_equal(auth_credentials_set_name_utf8(x->credentials, "user", "DOM"), 0);
    assert_int_equal(auth_credentials_set_password_utf8(x->credentials, password), 0);
    c.credentials = x->credentials;
    assert_int_equal(auth_client_new(&x->auth, &c), 0);
    config.auth = x->auth;
    assert_int_equal(smb_client_new(&x->client, &config), 0);
    writer_init(&x->wire, 64 << 20);
}

static inline void close_pair(struct pair *x)
{
    smb_client_free(x->client);
    auth_free(x->auth);
    auth_credentials_unref(x->credentials);
    writer_deinit(&x->wire);
    test_peer_deinit(&x->peer);
}

static inline void take_events(struct pair *x)
{
    struct smb_event e;

    while (smb_client_next(x->client, &e)) {
        x->events[e.type]++;
        x->last = e;
        if (e.type == SMB_EVENT_DATA) {
            assert_in_range(e.len, 0, sizeof(x->data) - x->data_len);
            memcpy(x->data + x->data_len, e.data, e.len);
            x->data_len += e.len;
        }
    }
}

/* What both have to say, until both are silent. The client's input is cut into pieces of `piece` bytes. */
static inline int run(struct pair *x, size_t piece)
{
    const uint8_t *data;
    size_t len;
    int r = 0;

    while (r == 0 && (data = smb_client_output(x->client, &len))) {
        writer_reset(&x->wire);
        assert_int_equal(test_peer_take(&x->peer, data, len, &x->wire), 0);
        smb_client_sent(x->client, len);
        for (size_t at = 0; r == 0 && at < x->wire.len; at += piece)
            r = smb_client_input(x->client, x->wire.data + at,
                                 x->wire.len - at < piece ? x->wire.len - at : piece);
        take_events(x);
    }
    return r;
}

/* The first one waits for IPC$. */
static inline struct smb_file_id open_pipe(struct pair *x)
{
    uint64_t request;
    int r = smb_client_open(x->client, "samr", &request);

    if (r == SMB_E_CREDITS) {
        assert_int_equal(run(x, 4096), 0);
        r = smb_client_open(x->client, "samr", &request);
    }
    assert_int_equal(r, 0);
    assert_int_equal(run(x, 1000), 0);
    assert_int_equal(x->last.type, SMB_EVENT_OPENED);
    assert_int_equal(x->last.request, request);
    assert_true(nt_is(x->last.status, 0));
    return x->last.file;
}

#endif
