/* SPDX-License-Identifier: MIT */
/*
 * SPNEGO message by message: lengths of DER, what the acceptor makes of a client's list, and what a client
 * lets a server say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "auth/spnego.h"
#include "auth/test_pair.h"

static struct spnego_bytes bytes(const struct writer *w)
{
    return (struct spnego_bytes){w->data, w->len};
}

static void test_round_trips(void **state)
{
    static const size_t lens[] = {0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF};
    static uint8_t data[0x10000];

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
        for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
            struct spnego_response in = {.state = SPNEGO_REQUEST_MIC,
                                         .token = {data, lens[i]},
                                         .mic = {data, lens[j]}},
                                   out;
            struct writer w;

            writer_init(&w, 1 << 20);
            spnego_response_put(&w, &in);
            assert_int_equal(spnego_response_get(&out, w.data, w.len), 0);
            assert_int_equal(out.state, SPNEGO_REQUEST_MIC);
            assert_null(out.mech.at);
            assert_int_equal(out.token.len, lens[i]);
            assert_int_equal(out.mic.len, lens[j]);
            for (size_t cut = 0; cut < w.len && w.len < 600; cut++)
                assert_int_equal(spnego_response_get(&out, w.data, cut), AUTH_E_TOKEN);
            writer_deinit(&w);
        }
}

static void test_init(void **state)
{
    struct spnego_init in = {0}, out;
    const struct spnego_mech *known;
    struct spnego_bytes oid;
    struct writer w, list;
    size_t at = 0;

    (void)state;
    writer_init(&w, 1000);
    writer_init(&list, 1000);
    spnego_mech_list_put(&list, AUTH_NTLM | AUTH_KERBEROS);
    in.mech_list = bytes(&list);
    in.token = (struct spnego_bytes){(const uint8_t *)"token", 5};
    spnego_init_put(&w, &in, false);
    assert_int_equal(spnego_init_get(&out, w.data, w.len), 0);
    assert_int_equal(out.mech_list.len, list.len);
    assert_memory_equal(out.mech_list.at, list.data, list.len);
    assert_memory_equal(out.token.at, "token", 5);
    for (int i = 0; i < 3; i++) {
        assert_true(spnego_mech_next(out.mech_list, &at, &oid, &known));
        assert_int_equal(known->mechanism, i < 2 ? AUTH_KERBEROS : AUTH_NTLM);
    }
    assert_false(spnego_mech_next(out.mech_list, &at, &oid, &known));
    for (size_t cut = 0; cut < w.len; cut++)
        assert_int_equal(spnego_init_get(&out, w.data, cut), AUTH_E_TOKEN);

    writer_reset(&w); /* the hint of [MS-SPNG] 2.2.1: its tail is always the same */
    in.token.at = NULL;
    spnego_init_put(&w, &in, true);
    assert_int_equal(spnego_init_get(&out, w.data, w.len), 0);
    assert_null(out.token.at);
    assert_memory_equal(w.data + w.len - 44,
                        "\xa3\x2a\x30\x28\xa0\x26\x1b\x24not_defined_in_RFC4178@please_ignore", 44);
    writer_deinit(&w);
    writer_deinit(&list);
}

static void test_bad_der(void **state)
{
    static const struct {
        const char *data;
        size_t len;
    } rows[] = {
        {"", 0},
        {"\xa1", 1},
        {"\xa1\x80\x30\x00\x00\x00", 6},             /* indefinite */
        {"\xa1\x85\x00\x00\x00\x00\x02\x30\x00", 9}, /* a length of five bytes */
        {"\xa1\x84\xff\xff\xff\xff\x30\x00", 8},
        {"\xa1\x02\x30\x01", 4},
        {"\xa1\x02\x31\x00", 4},
        {"\xa1\x07\x30\x05\xa0\x03\x0a\x01\x04", 9}, /* a state that there is not */
        {"\xa1\x08\x30\x06\xa0\x04\x0a\x02\x00\x01", 10},
        {"\xa1\x06\x30\x04\xa2\x02\x04\x01", 8},
        {"\xa0\x02\x30\x00", 4},
    };
    struct spnego_response m;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(spnego_response_get(&m, (const uint8_t *)rows[i].data, rows[i].len), AUTH_E_TOKEN);
    assert_int_equal(spnego_response_get(&m, (const uint8_t *)"\xa1\x82\x00\x02\x30\x00", 6), 0);
    assert_int_equal(m.state, SPNEGO_NO_STATE);
}

/* ---- The acceptor, when NTLM is not what the client likes best ---- */

struct talk {
    struct pair p; /* its client is NTLM alone, its server SPNEGO */
    struct auth *server;
    struct writer list, out;
};

static void send_response(struct talk *t, const struct spnego_response *m, int result)
{
    struct writer w;

    writer_init(&w, 1 << 16);
    spnego_response_put(&w, m);
    writer_reset(&t->out);
    assert_int_equal(auth_step(t->server, w.data, w.len, &t->out), result);
    writer_deinit(&w);
}

/* Up to the client's last NTLM token, which is in p.token[0]. */
static void begin(struct talk *t, const char *list, size_t list_len)
{
    struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY};
    struct auth_options options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
    struct spnego_init init = {.mech_list = {(const uint8_t *)list, list_len},
                               .token = {(const uint8_t *)"of another mechanism", 20}};
    struct spnego_response m = {.state = SPNEGO_NO_STATE}, answer;

    pair_init(&t->p, &setup);
    assert_int_equal(auth_acceptor_context(&t->server, t->p.acceptor, &options), 0);
    writer_init(&t->list, 1000);
    writer_init(&t->out, 1 << 16);
    spnego_init_put(&t->list, &init, false);
    assert_int_equal(auth_step(t->server, t->list.data, t->list.len, &t->out), AUTH_CONTINUE);
    assert_int_equal(spnego_response_get(&answer, t->out.data, t->out.len), 0);
    assert_int_equal(answer.state, SPNEGO_ACCEPT_INCOMPLETE);
    assert_int_equal(answer.mech.len, 10);
    assert_null(answer.token.at);
    assert_int_equal(auth_step(t->p.client, NULL, 0, &t->p.token[0]), AUTH_CONTINUE);
    m.token = bytes(&t->p.token[0]);
    send_response(t, &m, AUTH_CONTINUE);
    assert_int_equal(spnego_response_get(&answer, t->out.data, t->out.len), 0);
    writer_reset(&t->p.token[0]);
    assert_int_equal(auth_step(t->p.client, answer.token.at, answer.token.len, &t->p.token[0]), 0);
}

static void end(struct talk *t)
{
    auth_free(t->server);
    writer_deinit(&t->list);
    writer_deinit(&t->out);
    pair_deinit(&t->p);
}

#define TWO_MECHS \
    "\x30\x17\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
#define TWO_MECHS_LEN (sizeof(TWO_MECHS) - 1)

static void test_mic_is_needed(void **state)
{
    struct spnego_response m = {.state = SPNEGO_NO_STATE}, answer;
    struct talk t;

    (void)state;
    begin(&t, TWO_MECHS, TWO_MECHS_LEN);
    m.token = bytes(&t.p.token[0]);
    send_response(&t, &m, AUTH_CONTINUE); /* the right password is not enough */
    assert_false(auth_established(t.server));
    assert_false(auth_peer(t.server)->authenticated);
    assert_int_equal(spnego_response_get(&answer, t.out.data, t.out.len), 0);
    assert_int_equal(answer.state, SPNEGO_ACCEPT_INCOMPLETE);
    assert_int_equal(answer.mic.len, 16);
    m.token = (struct spnego_bytes){0};
    send_response(&t, &m, AUTH_E_TOKEN); /* still without */
    end(&t);
}

static void test_mic_of_another_list(void **state)
{
    static const char other[] = "\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
    struct spnego_response m = {.state = SPNEGO_NO_STATE}, answer;

    (void)state;
    for (int right = 0; right < 2; right++) {
        struct writer mic;
        struct talk t;

        begin(&t, TWO_MECHS, TWO_MECHS_LEN);
        writer_init(&mic, 100);
        assert_int_equal(t.p.client->ops->get_mic(t.p.client, right ? TWO_MECHS : other,
                                                  right ? TWO_MECHS_LEN : sizeof(other) - 1, &mic),
                         0);
        m.token = bytes(&t.p.token[0]);
        m.mic = bytes(&mic);
        send_response(&t, &m, right ? 0 : AUTH_E_ALTERED);
        assert_int_equal(auth_established(t.server), right);
        assert_int_equal(auth_peer(t.server)->authenticated, right);
        if (right) {
            assert_int_equal(spnego_response_get(&answer, t.out.data, t.out.len), 0);
            assert_int_equal(answer.state, SPNEGO_ACCEPT_COMPLETED);
            assert_int_equal(answer.mic.len, 16);
        }
        writer_deinit(&mic);
        end(&t);
    }
}

/* In two legs: first the last token, then the MIC alone. */
static void test_late_mic(void **state)
{
    struct spnego_response m = {.state = SPNEGO_NO_STATE};
    struct writer mic;
    struct talk t;

    (void)state;
    begin(&t, TWO_MECHS, TWO_MECHS_LEN);
    writer_init(&mic, 100);
    m.token = bytes(&t.p.token[0]);
    send_response(&t, &m, AUTH_CONTINUE);
    assert_int_equal(t.p.client->ops->get_mic(t.p.client, TWO_MECHS, TWO_MECHS_LEN, &mic), 0);
    m = (struct spnego_response){.state = SPNEGO_NO_STATE, .mic = bytes(&mic)};
    send_response(&t, &m, 0);
    assert_true(auth_established(t.server));
    assert_true(auth_peer(t.server)->authenticated);
    writer_deinit(&mic);
    end(&t);
}

static void test_lists_that_do_not_work(void **state)
{
    static const struct {
        const char *list;
        size_t len;
        int result;
    } rows[] = {
        {"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 13,
         AUTH_E_MECHANISM}, /* Kerberos: not here */
        {"\x30\x00", 2, AUTH_E_MECHANISM},
        {"\x30\x02\x06\x00", 4, AUTH_E_MECHANISM},
        {"\x30\x02\x06\x05", 4, AUTH_E_MECHANISM},
        {"\x31\x00", 2, AUTH_E_TOKEN},
        {"", 0, AUTH_E_TOKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
        struct spnego_init init = {.mech_list = {(const uint8_t *)rows[i].list, rows[i].len}};
        struct writer w;
        struct pair p;

        pair_init(&p, &setup);
        writer_init(&w, 1000);
        spnego_init_put(&w, &init, false);
        assert_int_equal(auth_step(p.server, w.data, w.len, &p.token[1]), rows[i].result);
        writer_deinit(&w);
        pair_deinit(&p);
    }
}

/* ---- The client, and servers that say strange things ---- */

static int answer_first(const struct spnego_response *m)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
    struct writer w;
    struct pair p;
    int r;

    pair_init(&p, &setup);
    writer_init(&w, 1000);
    assert_int_equal(auth_step(p.client, NULL, 0, &p.token[0]), AUTH_CONTINUE);
    spnego_response_put(&w, m);
    r = auth_step(p.client, w.data, w.len, &p.token[0]);
    assert_false(auth_established(p.client));
    writer_deinit(&w);
    pair_deinit(&p);
    return r;
}

static void test_first_answers(void **state)
{
    static const uint8_t kerberos[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2};
    struct spnego_response m = {.state = SPNEGO_REJECT};

    (void)state;
    assert_int_equal(answer_first(&m), AUTH_E_REFUSED);
    m.token = (struct spnego_bytes){(const uint8_t *)"why", 3};
    assert_int_equal(answer_first(&m), AUTH_E_REFUSED);
    m = (struct spnego_response){.state = SPNEGO_ACCEPT_COMPLETED};
    assert_int_equal(answer_first(&m), AUTH_E_TOKEN);
    m.state = SPNEGO_ACCEPT_INCOMPLETE;
    assert_int_equal(answer_first(&m), AUTH_E_TOKEN);
    m.mech = (struct spnego_bytes){kerberos, sizeof(kerberos)}; /* not in our list */
    assert_int_equal(answer_first(&m), AUTH_E_MECHANISM);
    m = (struct spnego_response){.state = SPNEGO_NO_STATE, .mic = {kerberos, 9}};
    assert_int_equal(answer_first(&m), AUTH_E_TOKEN);
}

/* The last answer loses its MIC on the way. */
static void drop_mic(struct pair *p, unsigned leg, struct writer *token)
{
    struct spnego_response m;
    struct writer w;

    if (leg != 3)
        return;
    assert_int_equal(spnego_response_get(&m, token->data, token->len), 0);
    assert_int_equal(m.state, SPNEGO_ACCEPT_COMPLETED);
    assert_int_equal(m.mic.len, 16);
    m.mic = (struct spnego_bytes){0};
    m.state = *(enum spnego_state *)p->meddle_data;
    writer_init(&w, 1000);
    spnego_response_put(&w, &m);
    writer_reset(token);
    writer_put(token, w.data, w.len);
    writer_deinit(&w);
}

static void test_last_answers(void **state)
{
    static const struct {
        enum auth_level level;
        enum spnego_state state;
        int result;
    } rows[] = {
        {AUTH_LEVEL_PRIVACY, SPNEGO_ACCEPT_COMPLETED, AUTH_E_ALTERED},
        {AUTH_LEVEL_INTEGRITY, SPNEGO_ACCEPT_COMPLETED, AUTH_E_ALTERED},
        {AUTH_LEVEL_CONNECT, SPNEGO_ACCEPT_COMPLETED, 0},
        {AUTH_LEVEL_CONNECT, SPNEGO_ACCEPT_INCOMPLETE, AUTH_E_TOKEN},
        {AUTH_LEVEL_CONNECT, SPNEGO_REQUEST_MIC, AUTH_E_TOKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = rows[i].level};
        bool at_server;
        struct pair p;

        pair_init(&p, &setup);
        p.meddle = drop_mic;
        p.meddle_data = (void *)(uintptr_t)&rows[i].state;
        assert_int_equal(pair_run(&p, &at_server), rows[i].result);
        assert_false(at_server && rows[i].result);
        assert_int_equal(auth_established(p.client), rows[i].result == 0);
        pair_deinit(&p);
    }
}

/* SMB: success, and no token. That ends a negotiation whose mechanism has ended, and no other. */
static void test_success_without_a_token(void **state)
{
    (void)state;
    for (int legs = 1; legs < 4; legs += 2) {
        struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT};
        struct pair p;

        pair_init(&p, &setup);
        assert_int_equal(auth_step(p.client, NULL, 0, &p.token[0]), AUTH_CONTINUE);
        if (legs == 3) {
            assert_int_equal(auth_step(p.server, p.token[0].data, p.token[0].len, &p.token[1]),
                             AUTH_CONTINUE);
            assert_int_equal(auth_step(p.client, p.token[1].data, p.token[1].len, &p.token[0]),
                             AUTH_CONTINUE);
        }
        assert_int_equal(auth_step(p.client, NULL, 0, &p.token[0]), legs == 3 ? 0 : AUTH_E_TOKEN);
        pair_deinit(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_bad_der),
        cmocka_unit_test(test_mic_is_needed),
        cmocka_unit_test(test_mic_of_another_list),
        cmocka_unit_test(test_late_mic),
        cmocka_unit_test(test_lists_that_do_not_work),
        cmocka_unit_test(test_first_answers),
        cmocka_unit_test(test_last_answers),
        cmocka_unit_test(test_success_without_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
