/* SPDX-License-Identifier: MIT */
/*
 * Our side against the other side by somebody else: MIT's SPNEGO with its Kerberos (kdc.sh) and, where it is
 * installed, gss-ntlmssp's NTLM, alone and inside MIT's SPNEGO. Both ways round; tokens, session key,
 * signatures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/utf16.h"

static gss_OID_desc spnego_oid = {6, (void *)"\x2b\x06\x01\x05\x05\x02"};
static gss_OID_desc krb5_oid = {9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_desc ntlm_oid = {10, (void *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};

struct theirs {
    gss_OID mech;
    bool initiator;
    gss_cred_id_t credential;
    gss_ctx_id_t context;
    gss_name_t target;
    bool established;
};

struct row {
    const char *what;
    enum auth_type type;
    gss_OID outer, inner;
    bool we_are_client;
};

static const struct row rows[] = {
    {"Kerberos client", AUTH_TYPE_KERBEROS, &krb5_oid, &krb5_oid, true},
    {"Kerberos acceptor", AUTH_TYPE_KERBEROS, &krb5_oid, &krb5_oid, false},
    {"SPNEGO client, Kerberos", AUTH_TYPE_SPNEGO, &spnego_oid, &krb5_oid, true},
    {"SPNEGO acceptor, Kerberos", AUTH_TYPE_SPNEGO, &spnego_oid, &krb5_oid, false},
    {"NTLM client", AUTH_TYPE_NTLM, &ntlm_oid, &ntlm_oid, true},
    {"NTLM acceptor", AUTH_TYPE_NTLM, &ntlm_oid, &ntlm_oid, false},
    {"SPNEGO client, NTLM", AUTH_TYPE_SPNEGO, &spnego_oid, &ntlm_oid, true},
    {"SPNEGO acceptor, NTLM", AUTH_TYPE_SPNEGO, &spnego_oid, &ntlm_oid, false},
};

static int account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    (void)data, (void)domain;
    if (utf16_casecmp(user, utf16_len(user), u"alice", 5) != 0)
        return AUTH_E_NO_SUCH_USER;
    auth_nt_hash(u"Pa55w0rd", 8, out->nt_hash);
    return 0;
}

static void assert_gss(OM_uint32 major, OM_uint32 minor, const char *what)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 m, more = 0;

    if (!GSS_ERROR(major))
        return;
    gss_display_status(&m, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text);
    fail_msg("%s: %x %x %.*s", what, major, minor, (int)text.length, (const char *)text.value);
}

static void theirs_init(struct theirs *t, const struct row *row)
{
    static char user_text[] = "EXAMPLE\\alice", principal_text[] = "alice@EXAMPLE.TEST",
                password_text[] = "Pa55w0rd", host_text[] = "host@server.example.test";
    bool ntlm = row->inner == &ntlm_oid;
    gss_buffer_desc user = {strlen(ntlm ? user_text : principal_text), ntlm ? user_text : principal_text};
    gss_buffer_desc password = {strlen(password_text), password_text}, host = {strlen(host_text), host_text};
    gss_OID_set_desc mechs = {1, row->inner}, outer = {1, row->outer};
    gss_key_value_element_desc element = {"keytab", getenv("TEST_KEYTAB")};
    gss_key_value_set_desc store = {1, &element};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major, minor;

    *t = (struct theirs){.mech = row->outer, .initiator = !row->we_are_client};
    major = gss_import_name(&minor, &host, GSS_C_NT_HOSTBASED_SERVICE, &t->target);
    assert_gss(major, minor, "target");
    if (t->initiator) {
        major = gss_import_name(&minor, &user, GSS_C_NT_USER_NAME, &name);
        assert_gss(major, minor, "user");
        major = gss_acquire_cred_with_password(&minor, name, &password, 0, &outer, GSS_C_INITIATE,
                                               &t->credential, NULL, NULL);
        assert_gss(major, minor, "password");
        gss_release_name(&minor, &name);
    } else {
        major = gss_acquire_cred_from(&minor, ntlm ? t->target : GSS_C_NO_NAME, 0, &outer, GSS_C_ACCEPT,
                                      ntlm ? GSS_C_NO_CRED_STORE : &store, &t->credential, NULL, NULL);
        assert_gss(major, minor, "acceptor");
    }
    if (row->outer == &spnego_oid) {
        major = gss_set_neg_mechs(&minor, t->credential, &mechs);
        assert_gss(major, minor, "mechanisms");
    }
}

static void theirs_step(struct theirs *t, const struct writer *in, struct writer *out)
{
    gss_buffer_desc token = {in->len, in->data}, answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor,
        flags =
            GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

    if (t->initiator)
        major = gss_init_sec_context(&minor, t->credential, &t->context, t->target, t->mech, flags, 0, NULL,
                                     &token, NULL, &answer, NULL, NULL);
    else
        major = gss_accept_sec_context(&minor, &t->context, t->credential, &token, NULL, NULL, NULL, &answer,
                                       NULL, NULL, NULL);
    assert_gss(major, minor, "step");
    t->established = !(major & GSS_S_CONTINUE_NEEDED);
    writer_reset(out);
    writer_put(out, answer.value, answer.length);
    gss_release_buffer(&minor, &answer);
}

static void theirs_deinit(struct theirs *t)
{
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &t->context, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &t->credential);
    gss_release_name(&minor, &t->target);
}

static bool is_installed(gss_OID mech)
{
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    int present = 0;

    gss_indicate_mechs(&minor, &mechs);
    gss_test_oid_set_member(&minor, mech, mechs, &present);
    gss_release_oid_set(&minor, &mechs);
    return present;
}

static void same_key(const struct auth *a, struct theirs *t)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor, major;
    const uint8_t *key;
    size_t len;

    major = gss_inquire_sec_context_by_oid(&minor, t->context, (gss_OID)(uintptr_t)GSS_C_INQ_SSPI_SESSION_KEY,
                                           &set);
    assert_gss(major, minor, "key");
    key = auth_session_key(a, &len);
    assert_non_null(key);
    assert_int_equal(len, set->elements[0].length);
    assert_memory_equal(key, set->elements[0].value, len);
    gss_release_buffer_set(&minor, &set);
}

/* Signatures of each side for the other, in turn: sequence numbers and streams stay together. */
static void sign_both_ways(struct auth *a, struct theirs *t)
{
    for (uint8_t i = 0; i < 6; i++) {
        uint8_t body[40], signature[128];
        struct auth_message m = {.body = body, .body_len = sizeof(body)};
        gss_buffer_desc data = {sizeof(body), body}, mic = GSS_C_EMPTY_BUFFER;
        OM_uint32 major, minor;

        memset(body, i, sizeof(body));
        if (i & 1) {
            major = gss_get_mic(&minor, t->context, GSS_C_QOP_DEFAULT, &data, &mic);
            assert_gss(major, minor, "sign");
            assert_int_equal(mic.length, auth_signature_len(a));
            assert_int_equal(auth_unprotect(a, &m, mic.value, mic.length), 0);
            gss_release_buffer(&minor, &mic);
        } else {
            assert_int_equal(auth_protect(a, &m, signature), 0);
            mic = (gss_buffer_desc){auth_signature_len(a), signature};
            major = gss_verify_mic(&minor, t->context, &data, &mic, NULL);
            assert_gss(major, minor, "verify");
        }
    }
}

static void run(const struct row *row)
{
    struct auth_acceptor_config acceptor_config = {.mechanisms = AUTH_NTLM | AUTH_KERBEROS,
                                                   .account = account,
                                                   .computer = u"SERVER",
                                                   .domain = u"EXAMPLE",
                                                   .keytab = getenv("TEST_KEYTAB")};
    struct auth_client_config client = {.options = {.type = row->type, .level = AUTH_LEVEL_INTEGRITY},
                                        .target = "host/server.example.test",
                                        .mechanisms = row->inner == &ntlm_oid ? AUTH_NTLM : AUTH_KERBEROS};
    struct auth_acceptor *acceptor;
    struct writer token[2];
    struct theirs theirs;
    struct auth *ours;
    bool our_turn = row->we_are_client;
    int r = AUTH_CONTINUE;

    writer_init(&token[0], 1 << 20);
    writer_init(&token[1], 1 << 20);
    theirs_init(&theirs, row);
    assert_int_equal(auth_credentials_new(&client.credentials), 0);
    assert_int_equal(auth_credentials_set_name_utf8(client.credentials, "EXAMPLE\\alice", NULL), 0);
    assert_int_equal(auth_credentials_set_password_utf8(client.credentials, "Pa55w0rd"), 0);
    assert_int_equal(auth_acceptor_new(&acceptor, &acceptor_config), 0);
    assert_int_equal(row->we_are_client ? auth_client_new(&ours, &client)
                                        : auth_acceptor_context(&ours, acceptor, &client.options),
                     0);
    for (int turn = 0; turn < 12 && (r == AUTH_CONTINUE || !theirs.established);
         turn++, our_turn = !our_turn) {
        if (our_turn) {
            writer_reset(&token[0]);
            r = auth_step(ours, token[1].data, token[1].len, &token[0]);
            if (r && r != AUTH_CONTINUE)
                fail_msg("%s: %s; %s", row->what, auth_text(r), auth_detail(ours));
        } else {
            theirs_step(&theirs, &token[0], &token[1]);
        }
    }
    assert_true(auth_established(ours) && theirs.established);
    same_key(ours, &theirs);
    sign_both_ways(ours, &theirs);
    auth_free(ours);
    auth_acceptor_free(acceptor);
    auth_credentials_unref(client.credentials);
    theirs_deinit(&theirs);
    writer_deinit(&token[0]);
    writer_deinit(&token[1]);
}

static void test_one(void **state)
{
    const struct row *row = *state;

    if (!is_installed(row->inner))
        skip();
    run(row);
}

/* gss-ntlmssp reads its accounts from a file. */
static void make_accounts(char *path)
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "EXAMPLE:alice:Pa55w0rd\n"), 23);
    close(fd);
    setenv("NTLM_USER_FILE", path, 1);
}

int main(void)
{
    struct CMUnitTest tests[sizeof(rows) / sizeof(rows[0])];
    char path[] = "/tmp/test_gssapi.XXXXXX";
    int failed;

    if (!getenv("TEST_KEYTAB"))
        return 77; /* kdc.sh runs it */
    make_accounts(path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        tests[i] = (struct CMUnitTest){rows[i].what, test_one, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
