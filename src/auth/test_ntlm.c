/* SPDX-License-Identifier: MIT */
/* The examples of [MS-NLMP] 4.2 for NTLM version 2, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <nettle/base16.h>

#include "auth/ntlm.h"
#include "auth/test_pair.h"

static size_t unhex(const char *text, uint8_t *out, size_t max)
{
    struct base16_decode_ctx ctx;
    size_t len = max;

    base16_decode_init(&ctx);
    assert_true(strlen(text) / 2 <= max);
    assert_int_equal(base16_decode_update(&ctx, &len, out, strlen(text), text), 1);
    return len;
}

static void assert_hex(const uint8_t *got, size_t len, const char *wanted)
{
    uint8_t bytes[512];

    assert_int_equal(len, unhex(wanted, bytes, sizeof(bytes)));
    assert_memory_equal(got, bytes, len);
}

static struct ntlm_bytes text(const uint16_t *s)
{
    return (struct ntlm_bytes){(const uint8_t *)s, utf16_len(s) * 2};
}

#define EXAMPLE_INFO "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000"
#define EXAMPLE_TEMP "01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000" EXAMPLE_INFO "00000000"

static void test_keys(void **state)
{
    static const uint8_t random_key[16] = {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
                                           0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
    uint8_t hash[16], owf[16], temp[128], challenge[8], proof[16], base_key[16], encrypted[16];
    size_t temp_len = unhex(EXAMPLE_TEMP, temp, sizeof(temp));

    (void)state;
    unhex("0123456789abcdef", challenge, sizeof(challenge));
    auth_nt_hash(u"Password", 8, hash);
    assert_hex(hash, 16, "a4f49c406510bdcab6824ee7c30fd852");
    assert_int_equal(ntlm_owf(hash, text(u"User"), text(u"Domain"), owf), 0);
    assert_hex(owf, 16, "0c868a403bfd7a93a3001ef22ef02e3f");
    ntlm_proof(owf, challenge, (struct ntlm_bytes){temp, temp_len}, proof, base_key);
    assert_hex(proof, 16, "68cd0ab851e51c96aabc927bebef6a1c");
    assert_hex(base_key, 16, "8de40ccadbc14a82f15cb0ad0de95ca3");
    ntlm_rc4(base_key, random_key, encrypted);
    assert_hex(encrypted, 16, "c5dad2544fc9799094ce1ce90bc9d03e");
}

#define EXAMPLE_CHALLENGE                                                                                    \
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000060070" \
    "17"                                                                                                     \
    "0000000f530065007200760065007200" EXAMPLE_INFO

static void test_challenge(void **state)
{
    uint8_t bytes[256];
    size_t len = unhex(EXAMPLE_CHALLENGE, bytes, sizeof(bytes));
    struct ntlm_challenge c;
    struct ntlm_av av;

    (void)state;
    assert_int_equal(ntlm_challenge_get(&c, bytes, len), 0);
    assert_int_equal(c.flags, 0xe28a8233);
    assert_hex(c.challenge, 8, "0123456789abcdef");
    assert_memory_equal(c.target.at, u"Server", 12);
    assert_int_equal(c.target.len, 12);
    assert_int_equal(ntlm_av_get(&av, c.info.at, c.info.len), 0);
    assert_int_equal(av.value[MsvAvNbDomainName].len, 12);
    assert_memory_equal(av.value[MsvAvNbDomainName].at, u"Domain", 12);
    assert_memory_equal(av.value[MsvAvNbComputerName].at, u"Server", 12);
    assert_null(av.value[MsvAvTimestamp].at);
    for (size_t i = 0; i < len; i++) { /* exact memory: a sanitizer sees one byte too far */
        uint8_t *cut = malloc(i + 1);

        memcpy(cut, bytes, i);
        assert_int_equal(ntlm_challenge_get(&c, cut, i), AUTH_E_TOKEN);
        free(cut);
    }
}

/* 4.2.4.4: GSS_WrapEx by the client, with the client's keys from RandomSessionKey. */
static void test_seal(void **state)
{
    static const uint16_t plain[] = u"Plaintext";
    uint8_t key[16], body[18], signature[16];
    struct auth_options options = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY};
    struct auth_message m = {.body = body, .body_len = sizeof(body)};
    struct ntlm *client, *server;

    (void)state;
    memset(key, 0x55, sizeof(key));
    memcpy(body, plain, sizeof(body));
    assert_int_equal(ntlm_init(&client, &ntlm_client_ops, &options), 0);
    assert_int_equal(ntlm_init(&server, &ntlm_acceptor_ops, &options), 0);
    client->flags = server->flags = 0xe28a8233;
    assert_int_equal(ntlm_establish(client, key, true), 0);
    assert_int_equal(ntlm_establish(server, key, false), 0);
    assert_hex(client->send.sealing_key, 16, "59f600973cc4960a25480a7c196e4c58");
    assert_int_equal(ntlm_protect(&client->base, &m, signature), 0);
    assert_hex(body, sizeof(body), "54e50165bf1936dc996020c1811b0f06fb5f");
    assert_hex(signature, 16, "010000007fb38ec5c55d497600000000");
    assert_int_equal(ntlm_unprotect(&server->base, &m, signature, 16), 0);
    assert_memory_equal(body, plain, sizeof(body));
    auth_free(&client->base);
    auth_free(&server->base);
}

/* What the example's AUTHENTICATE_MESSAGE (4.2.4.3) holds, read back. */
#define EXAMPLE_AUTHENTICATE                                                                                 \
    "4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000100010005c0000" \
    "00"                                                                                                     \
    "10001000d8000000358288e20501280a0000000f44006f006d00610069006e005500730065007200"                       \
    "43004f004d0050005500540045005200"                                                                       \
    "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc927bebef6a1c" EXAMPLE_TEMP          \
    "c5dad2544fc9799094ce1ce90bc9d03e"

static void test_authenticate(void **state)
{
    uint8_t bytes[512];
    size_t len = unhex(EXAMPLE_AUTHENTICATE, bytes, sizeof(bytes));
    struct ntlm_authenticate m;

    (void)state;
    assert_int_equal(ntlm_authenticate_get(&m, bytes, len), 0);
    assert_int_equal(m.flags, 0xe2888235);
    assert_memory_equal(m.user.at, u"User", 8);
    assert_memory_equal(m.domain.at, u"Domain", 12);
    assert_memory_equal(m.workstation.at, u"COMPUTER", 16);
    assert_int_equal(m.nt.len, 84);
    assert_int_equal(m.key.len, 16);
    assert_null(m.mic); /* the payload begins where it would be */
}

static void test_round_trip(void **state)
{
    static const uint8_t mic[16] = {1, 2, 3};
    struct ntlm_authenticate in = {.flags = 0x12345678,
                                   .lm = {mic, 3},
                                   .nt = {mic, 16},
                                   .domain = text(u"D"),
                                   .user = text(u"User"),
                                   .workstation = text(u""),
                                   .key = {mic, 16},
                                   .mic = mic};
    struct ntlm_authenticate out;
    struct writer w;

    (void)state;
    writer_init(&w, 1000);
    ntlm_authenticate_put(&w, &in);
    assert_int_equal(w.len, 88 + 3 + 16 + 2 + 8 + 16);
    assert_int_equal(ntlm_authenticate_get(&out, w.data, w.len), 0);
    assert_int_equal(out.flags, in.flags);
    assert_memory_equal(out.mic, mic, 16);
    assert_memory_equal(out.user.at, in.user.at, 8);
    assert_int_equal(out.lm.len, 3);
    assert_int_equal(out.workstation.len, 0);
    assert_memory_equal(out.key.at, mic, 16);
    writer_deinit(&w);
}

static void test_av_pairs(void **state)
{
    static const struct {
        const char *hex;
        int result;
    } rows[] = {
        {"00000000", 0},
        {"0200040041004200"
         "00000000",
         0},
        {"0200040041004200", AUTH_E_TOKEN}, /* no end */
        {"02000500410042"
         "00000000",
         AUTH_E_TOKEN}, /* longer than it is */
        {"0200020041000200020042000000"
         "0000",
         AUTH_E_TOKEN}, /* twice */
        {"07000400000000"
         "00"
         "00000000",
         AUTH_E_TOKEN}, /* a time of 4 bytes */
        {"0a00100000000000000000000000000000000000"
         "00000000",
         0},
        {"0a0008000000000000000000"
         "00000000",
         AUTH_E_TOKEN},
        {"ff7f020041000000"
         "0000",
         0}, /* not known: passed over */
        {"", AUTH_E_TOKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[64];
        size_t len = unhex(rows[i].hex, bytes, sizeof(bytes));
        struct ntlm_av av;

        assert_int_equal(ntlm_av_get(&av, bytes, len), rows[i].result);
    }
}

/* Without application data the struct is 20 zero bytes. */
/* What a server says of itself goes back to it, so it may not be of any length; that is no lack of memory. */
static void test_long_challenge(void **state)
{
    static const uint8_t name[60000];

    (void)state;
    for (size_t len = 100; len <= sizeof(name); len += len < 1000 ? 4000 : 12000) {
        struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY};
        struct ntlm_challenge c = {.flags = UINT32_MAX};
        struct writer info, token;
        struct pair p;

        pair_init(&p, &setup);
        writer_init(&info, 65536);
        writer_init(&token, 65536);
        ntlm_av_put(&info, 100, name, len);
        ntlm_av_put(&info, MsvAvEOL, NULL, 0);
        c.info = (struct ntlm_bytes){info.data, info.len};
        ntlm_challenge_put(&token, &c);
        assert_int_equal(auth_step(p.client, NULL, 0, &p.token[0]), AUTH_CONTINUE);
        assert_int_equal(auth_step(p.client, token.data, token.len, &p.token[0]),
                         len < 8000 ? 0 : AUTH_E_TOKEN);
        writer_deinit(&info);
        writer_deinit(&token);
        pair_deinit(&p);
    }
}

static void test_bindings_hash(void **state)
{
    uint8_t hash[16], other[16];

    (void)state;
    auth_bindings_hash("tls-server-end-point:", 21, hash);
    auth_bindings_hash("tls-server-end-point;", 21, other);
    assert_memory_not_equal(hash, other, 16);
    auth_bindings_hash("", 0, hash);
    assert_hex(hash, 16, "441018525208457705bf09a8ee3c1093");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_challenge), cmocka_unit_test(test_keys),
        cmocka_unit_test(test_challenge),      cmocka_unit_test(test_seal),
        cmocka_unit_test(test_authenticate),   cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_av_pairs),       cmocka_unit_test(test_bindings_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
