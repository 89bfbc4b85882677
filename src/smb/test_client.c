/* SPDX-License-Identifier: MIT */
/* The SMB client against the peer of test_peer.c: every dialect, signing and cipher; what must be refused;
 * hostile bytes. */
#include "smb/client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smb/test_pair.h"

static void use_pipe(struct pair *x)
{
    static uint8_t sent[100000];
    struct smb_file_id file;
    uint64_t request;

    for (size_t i = 0; i < sizeof(sent); i++)
        sent[i] = (uint8_t)(i * 7 + i / 256);
    file = open_pipe(x);
    assert_int_equal(file.persistent, 77);
    /* one round trip there and back */
    x->data_len = 0;
    assert_int_equal(smb_client_transceive(x->client, file, sent, 300, 65536, &request), 0);
    assert_int_equal(run(x, SIZE_MAX / 2), 0);
    assert_int_equal(x->data_len, 300);
    assert_memory_equal(x->data, sent, 300);
    /* more than one credit's worth */
    x->data_len = 0;
    assert_int_equal(smb_client_write(x->client, file, sent, sizeof(sent), &request), 0);
    assert_int_equal(smb_client_read(x->client, file, sizeof(sent), &request), 0);
    assert_int_equal(run(x, 4096), 0);
    assert_int_equal(x->data_len, sizeof(sent));
    assert_memory_equal(x->data, sent, sizeof(sent));
    /* an answer that does not fit is read on */
    x->peer.overflow = 100;
    x->data_len = 0;
    assert_int_equal(smb_client_transceive(x->client, file, sent, 250, 65536, &request), 0);
    assert_int_equal(run(x, 4096), 0);
    assert_true(nt_is(x->last.status, NT_STATUS_BUFFER_OVERFLOW));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(smb_client_read(x->client, file, 65536, &request), 0);
        assert_int_equal(run(x, 4096), 0);
    }
    assert_true(nt_is(x->last.status, 0));
    assert_int_equal(x->data_len, 250);
    assert_memory_equal(x->data, sent, 250);
    assert_int_equal(smb_client_close(x->client, file, &request), 0);
    assert_int_equal(smb_client_echo(x->client, &request), 0);
    assert_int_equal(run(x, 4096), 0);
    assert_int_equal(smb_client_logoff(x->client), 0);
    assert_int_equal(run(x, 4096), 0);
    assert_int_equal(smb_client_echo(x->client, &request), SMB_E_STATE);
}

static void all_dialects_signings_and_ciphers(void **state)
{
    static const uint16_t dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1};

    (void)state;
    for (size_t d = 0; d < 5; d++)
        for (uint16_t cipher = 0; cipher <= 4; cipher++)
            for (uint16_t signing = 0; signing <= 2; signing++)
                for (int pending = 0; pending < 2; pending++) {
                    struct pair x;

                    if ((dialects[d] < SMB_3_0 && cipher) ||
                        (dialects[d] < SMB_3_1_1 && (cipher > 1 || signing > 0)))
                        continue;
                    config.signings = signing ? 0 : SMB_SIGNING_SET(SMB_SIGN_HMAC);
                    if (dialects[d] < SMB_3_1_1)
                        config.signings = 0;
                    open_pair(&x, dialects[d], cipher, signing, "Passw0rd");
                    x.peer.pending = pending;
                    assert_int_equal(run(&x, 7), 0);
                    assert_int_equal(x.last.type, SMB_EVENT_READY);
                    assert_int_equal(smb_client_info(x.client)->dialect, dialects[d]);
                    assert_int_equal(smb_client_info(x.client)->cipher, cipher);
                    if (dialects[d] == SMB_3_1_1)
                        assert_int_equal(smb_client_info(x.client)->signing, signing);
                    use_pipe(&x);
                    assert_int_equal(x.peer.bad_signatures, 0);
                    assert_int_equal(x.peer.validations, dialects[d] < SMB_3_1_1);
                    assert_int_equal(x.peer.bad_validations, 0);
                    close_pair(&x);
                }
    config.signings = 0;
}

static void one_frame_opens_and_asks(void **state)
{
    static const uint16_t dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_1_1};

    (void)state;
    for (size_t d = 0; d < 4; d++)
        for (unsigned variant = 0; variant < 4; variant++) {
            uint16_t cipher = variant & 1 && dialects[d] >= SMB_3_0 ? 1 : 0;
            uint64_t opening, request;
            struct smb_file_id file;
            struct pair x;

            open_pair(&x, dialects[d], cipher, variant & 1 ? 1 : 2, "Passw0rd");
            x.peer.pending = variant & 2;
            assert_int_equal(run(&x, 4096), 0);
            /* below 3.1.1 there is a question to be asked first, in IPC$ */
            assert_int_equal(x.peer.commands[SMB_TREE_CONNECT], dialects[d] < SMB_3_1_1);
            for (unsigned n = 1; n <= 2; n++) {
                x.data_len = 0;
                assert_int_equal(
                    smb_client_open_with(x.client, "samr", "who is it?", 10, 65536, &opening, &request), 0);
                assert_int_equal(run(&x, 11), 0);
                assert_int_equal(x.peer.commands[SMB_TREE_CONNECT], 1);
                assert_int_equal(x.peer.chains, n);
                assert_int_equal(x.peer.bad_chains, 0);
                assert_int_equal(x.peer.bad_signatures, 0);
                assert_int_equal(x.events[SMB_EVENT_OPENED], n);
                assert_int_equal(x.last.type, SMB_EVENT_DATA);
                assert_int_equal(x.last.request, request);
                assert_int_equal(x.data_len, 10);
                assert_memory_equal(x.data, "who is it?", 10);
            }
            file = (struct smb_file_id){77, 88};
            assert_int_equal(smb_client_transceive(x.client, file, "?", 1, 10, &request), 0);
            assert_int_equal(run(&x, 4096), 0);
            assert_int_equal(x.last.request, request);
            close_pair(&x);
        }
}

/* Any of them can be refused; then each is taken by itself. */
static void refused_company_is_not_kept(void **state)
{
    static const uint16_t only[] = {0, SMB_CREATE, SMB_IOCTL, SMB_TREE_CONNECT};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        uint64_t opening, request;
        struct pair x;

        open_pair(&x, SMB_3_1_1, 1, 1, "Passw0rd");
        x.peer.refuse = (uint32_t)NT_STATUS_INVALID_PARAMETER;
        x.peer.refuse_only = only[i];
        x.peer.refuse_first = only[i] == SMB_TREE_CONNECT;
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(smb_client_open_with(x.client, "samr", "?", 1, 10, &opening, &request), 0);
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(x.events[SMB_EVENT_OPENED], 1);
        assert_int_equal(x.events[SMB_EVENT_DATA], 1);
        assert_int_equal(x.events[SMB_EVENT_FAILED], 0);
        assert_true(nt_is(x.last.status, NT_STATUS_INVALID_PARAMETER));
        assert_int_equal(smb_client_open_with(x.client, "samr", "?", 1, 10, &opening, &request), SMB_E_STATE);
        use_pipe(&x);
        assert_int_equal(x.peer.bad_signatures, 0);
        close_pair(&x);
    }
}

static void ipc_that_is_refused_ends_it(void **state)
{
    uint64_t request;
    struct pair x;

    (void)state;
    open_pair(&x, SMB_3_1_1, 0, 1, "Passw0rd");
    x.peer.refuse_tree = (uint32_t)NT_STATUS_ACCESS_DENIED;
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(smb_client_open_with(x.client, "samr", "?", 1, 10, &request, &request), 0);
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.events[SMB_EVENT_FAILED], 0); /* perhaps only because of its company */
    assert_int_equal(smb_client_open(x.client, "samr", &request), SMB_E_CREDITS);
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.last.type, SMB_EVENT_FAILED);
    assert_true(nt_is(x.last.status, NT_STATUS_ACCESS_DENIED));
    close_pair(&x);
}

static void many_requests_wait_for_credits(void **state)
{
    struct pair x;
    uint64_t request;
    unsigned sent = 0;

    (void)state;
    open_pair(&x, SMB_3_1_1, 0, 1, "Passw0rd");
    assert_int_equal(run(&x, 4096), 0);
    while (smb_client_echo(x.client, &request) == 0)
        sent++;
    assert_in_range(sent, 32, SMB_MAX_REQUESTS);
    assert_int_equal(smb_client_echo(x.client, &request), SMB_E_CREDITS);
    assert_int_equal(smb_client_open_with(x.client, "samr", "?", 1, 10, &request, &request), SMB_E_CREDITS);
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.events[SMB_EVENT_DONE], sent);
    assert_int_equal(smb_client_echo(x.client, &request), 0);
    close_pair(&x);
}

static void cancel_is_sent_and_signed(void **state)
{
    struct pair x;
    uint64_t request;

    (void)state;
    for (uint16_t signing = 1; signing <= 2; signing++) {
        open_pair(&x, SMB_3_1_1, 0, signing, "Passw0rd");
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(smb_client_read(x.client, open_pipe(&x), 10, &request), 0);
        assert_int_equal(smb_client_cancel(x.client, request), 0);
        assert_int_equal(smb_client_cancel(x.client, request + 100), SMB_E_STATE);
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(x.peer.cancels, 1);
        assert_int_equal(x.peer.bad_signatures, 0);
        close_pair(&x);
    }
}

static void wrong_password_is_told(void **state)
{
    struct pair x;

    (void)state;
    open_pair(&x, SMB_3_1_1, 2, 2, "wrong");
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.last.type, SMB_EVENT_FAILED);
    assert_true(nt_is(x.last.status, NT_STATUS_LOGON_FAILURE));
    close_pair(&x);
}

static void guest_and_null_sessions_are_refused(void **state)
{
    struct pair x;

    (void)state;
    for (uint16_t flag = SMB_SESSION_GUEST; flag <= SMB_SESSION_NULL; flag++) {
        open_pair(&x, SMB_3_0, 0, 1, "Passw0rd");
        x.peer.session_flags = flag;
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(x.last.type, SMB_EVENT_FAILED);
        /* ERROR_SMB_GUEST_LOGON_BLOCKED, STATUS_ACCESS_DENIED */
        assert_int_equal(x.last.status.v, flag == SMB_SESSION_GUEST ? 0xC00704F8 : 0xC0000022);
        close_pair(&x);
    }
}

static void tampered_negotiation_is_noticed(void **state)
{
    struct pair x;

    (void)state;
    for (int restricted = 0; restricted < 2; restricted++) {
        config.min_dialect = restricted ? SMB_3_0 : 0;
        config.max_dialect = restricted ? SMB_3_0 : 0;
        for (int lie = 0; lie < 2; lie++) {
            open_pair(&x, SMB_3_0, 0, 1, "Passw0rd");
            x.peer.lie_in_validation = lie;
            assert_int_equal(run(&x, 4096), lie ? SMB_E_PROTOCOL : 0);
            assert_int_equal(x.events[SMB_EVENT_READY], !lie);
            assert_int_equal(x.peer.validations, 1);
            assert_int_equal(x.peer.bad_validations, 0);
            close_pair(&x);
        }
    }
    config.min_dialect = config.max_dialect = 0;
}

/* That the server does not know the question is an answer; that it refuses to answer is none. */
static void refused_validation_is_noticed(void **state)
{
    static const uint32_t unknown[] = {0xC0000010, 0xC00000BB, 0xC0000128}; /* ..._DEVICE_REQUEST,
                                                                               NOT_SUPPORTED, FILE_CLOSED */
    struct pair x;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        open_pair(&x, SMB_2_1, 0, 0, "Passw0rd");
        x.peer.validation = unknown[i];
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(x.events[SMB_EVENT_READY], 1);
        close_pair(&x);
    }
    for (size_t i = 0; i < 2; i++) {
        open_pair(&x, SMB_3_0, 1, 1, "Passw0rd");
        /* half of an answer tells nothing either */
        x.peer.validation = (uint32_t)(i ? NT_STATUS_BUFFER_OVERFLOW : NT_STATUS_ACCESS_DENIED);
        assert_int_equal(run(&x, 4096), SMB_E_PROTOCOL);
        assert_int_equal(x.events[SMB_EVENT_READY], 0);
        close_pair(&x);
    }
}

static void unsigned_answers_are_refused(void **state)
{
    struct pair x;

    (void)state;
    open_pair(&x, SMB_2_1, 0, 0, "Passw0rd");
    x.peer.unsigned_answers = true;
    assert_int_equal(run(&x, 4096), SMB_E_PROTOCOL);
    close_pair(&x);
}

/* What every server can take, and no more than we want to keep. */
static void lengths_have_bounds(void **state)
{
    struct pair x;

    (void)state;
    open_pair(&x, SMB_3_1_1, 0, 1, "Passw0rd");
    x.peer.max_len = 65535;
    assert_int_equal(run(&x, 4096), SMB_E_PROTOCOL);
    close_pair(&x);
    open_pair(&x, SMB_2_0_2, 0, 0, "Passw0rd");
    x.peer.max_len = 65536;
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.events[SMB_EVENT_READY], 1);
    assert_int_equal(smb_client_info(x.client)->max_read, 65536);
    close_pair(&x);
    open_pair(&x, SMB_3_1_1, 0, 1, "Passw0rd");
    x.peer.max_len = UINT32_MAX;
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(smb_client_info(x.client)->max_read, SMB_MAX_DATA);
    close_pair(&x);
}

/* After an error nothing more is sent, wherever in the bytes it was. */
static void bad_frames_end_it(void **state)
{
    static const uint8_t frames[][4] = {{1, 0, 0, 80}, {0, 0, 0, 63}, {0, 0x11, 0, 1}};
    uint64_t request;
    struct pair x;

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        open_pair(&x, SMB_3_1_1, 0, 1, "Passw0rd");
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(smb_client_input(x.client, frames[i], 4), SMB_E_PROTOCOL);
        assert_int_equal(smb_client_echo(x.client, &request), SMB_E_STATE);
        close_pair(&x);
    }
}

/* Every bit of every message of the peer, and every place to cut it off: refused, or of no effect on what is
 * protected. */
static void altered_answers_never_pass(void **state)
{
    unsigned messages = 0, refused = 0;

    (void)state;
    for (unsigned target = 0; target < 4; target++) /* NEGOTIATE, two of SESSION_SETUP, the first answer */
        for (size_t bit = 0;; bit += 3) {
            struct pair x;
            const uint8_t *data;
            size_t len;
            bool past = false, asked = false;
            uint64_t request;
            int r = 0;

            open_pair(&x, SMB_3_1_1, 0, 2, "Passw0rd");
            for (unsigned n = 0; r == 0 && (data = smb_client_output(x.client, &len)); n++) {
                writer_reset(&x.wire);
                if (test_peer_take(&x.peer, data, len, &x.wire) != 0)
                    break;
                smb_client_sent(x.client, len);
                if (n == target) {
                    past = bit / 8 >= x.wire.len;
                    if (!past)
                        x.wire.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
                }
                r = smb_client_input(x.client, x.wire.data, x.wire.len);
                take_events(&x);
                if (x.events[SMB_EVENT_READY] && !asked)
                    r = smb_client_open_with(x.client, "samr", "?", 1, 100, &request, &request);
                asked = x.events[SMB_EVENT_READY];
            }
            messages++;
            if (x.events[SMB_EVENT_DATA] == 0)
                refused++;
            /* the preauthentication hash covers everything before there is a key, signatures all after it */
            assert_true(past || x.events[target < 3 ? SMB_EVENT_READY : SMB_EVENT_DATA] == 0);
            close_pair(&x);
            if (past)
                break;
        }
    assert_int_equal(refused, messages - 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_dialects_signings_and_ciphers),
        cmocka_unit_test(one_frame_opens_and_asks),
        cmocka_unit_test(refused_company_is_not_kept),
        cmocka_unit_test(ipc_that_is_refused_ends_it),
        cmocka_unit_test(many_requests_wait_for_credits),
        cmocka_unit_test(cancel_is_sent_and_signed),
        cmocka_unit_test(wrong_password_is_told),
        cmocka_unit_test(guest_and_null_sessions_are_refused),
        cmocka_unit_test(tampered_negotiation_is_noticed),
        cmocka_unit_test(refused_validation_is_noticed),
        cmocka_unit_test(unsigned_answers_are_refused),
        cmocka_unit_test(lengths_have_bounds),
        cmocka_unit_test(bad_frames_end_it),
        cmocka_unit_test(altered_answers_never_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
