/* SPDX-License-Identifier: MIT */
/* netmgmtd's remote clients over TCP, good, wrong and hostile ones. Argument: the program. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "client/endpoint.h"
#include "daemon.h"
#include "epm.h"

#define PASSWORD "S\xc3\xa4ure-Pass 1"
#define ADDRESS "127.0.0.8"
#define ERROR_ACCESS_DENIED 5
#define ERROR_LOGON_FAILURE 1326
#define EPT_S_NOT_REGISTERED 1753

#define ARGUMENT(s) ((char *)(uintptr_t)(s))

/* Standard input of the program has the line, its output goes to the log. The exit status. */
static int set_password(struct daemon_fixture *d, const char *user, const char *line)
{
    char option[64];
    int pipes[2];
    pid_t pid;

    snprintf(option, sizeof(option), "--set-password=%s", user);
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    if (!pid) {
        dup2(pipes[0], STDIN_FILENO);
        close(pipes[1]);
        if (freopen(d->log, "a", stdout) && freopen(d->log, "a", stderr))
            execl(daemon_program, "netmgmtd", "-d", d->database, option, (char *)NULL);
        _exit(127);
    }
    close(pipes[0]);
    assert_int_equal(write(pipes[1], line, strlen(line)), strlen(line));
    close(pipes[1]);
    return daemon_wait(pid);
}

/* The port that the daemon's log has behind these words. */
static uint16_t port_after(struct daemon_fixture *d, const char *before)
{
    for (int i = 0; i < 500; i++) {
        char log[4096] = "", *at;
        FILE *f = fopen(d->log, "r");

        if (f) {
            log[fread(log, 1, sizeof(log) - 1, f)] = '\0';
            fclose(f);
        }
        at = strstr(log, before);
        if (at && strchr(at, '\n'))
            return (uint16_t)atoi(at + strlen(before));
        daemon_sleep(10);
    }
    fail_msg("it does not say on which port it listens");
    return 0;
}

static uint16_t port_of(struct daemon_fixture *d)
{
    return port_after(d, "and on TCP, " ADDRESS ":");
}

static uint16_t start(struct daemon_fixture *d, const char *option)
{
    char *options[] = {ARGUMENT("--listen-tcp=" ADDRESS ":0"), ARGUMENT(option), NULL};

    assert_int_equal(set_password(d, "Administrator", PASSWORD "\n"), 0);
    daemon_start(d, options);
    return port_of(d);
}

struct how {
    enum auth_type type;
    enum auth_level level;
    const char *user, *password;
};

/* 0, or the status that the first call, or the bind before it, ends with. `c` is to be ended in any case. */
static uint32_t connect_as(struct daemon_client *c, uint16_t port, const struct how *how)
{
    struct auth_client_config auth = {.options = {.type = how->type, .level = how->level},
                                      .target = "host/" ADDRESS,
                                      .mechanisms = AUTH_NTLM};
    struct channel_options options = {.auth = how->type ? &auth : NULL};
    struct SamrConnect5_params p = {.DesiredAccess = MAXIMUM_ALLOWED, .InVersion = 1};
    struct transport *transport;
    struct net_status status;

    *c = (struct daemon_client){0};
    arena_init(&c->arena, (size_t)64 << 20);
    assert_int_equal(transport_tcp_connect(&transport, ADDRESS, port, daemon_deadline()), 0);
    assert_int_equal(auth_credentials_new(&auth.credentials), 0);
    if (how->user) {
        assert_int_equal(auth_credentials_set_name_utf8(auth.credentials, how->user, "ELSEWHERE"), 0);
        assert_int_equal(auth_credentials_set_password_utf8(auth.credentials, how->password), 0);
    } else {
        auth_credentials_set_anonymous(auth.credentials);
    }
    status = channel_open(&c->channel, transport, &samr_interface, &options, daemon_deadline());
    auth_credentials_unref(auth.credentials);
    if (!status.v)
        status = channel_call(c->channel, SamrConnect5_opnum, &p, &c->arena, daemon_deadline());
    return status.v ? status.v : (uint32_t)p.Return;
}

static uint32_t try_as(uint16_t port, const struct how *how)
{
    struct daemon_client c;
    uint32_t status = connect_as(&c, port, how);

    daemon_client_end(&c);
    return status;
}

static void administrators_may_all(void **state)
{
    static const struct how ways[] = {
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "administrator", PASSWORD},
        {AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY, "ADMINISTRATOR", PASSWORD},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_INTEGRITY, "Administrator", PASSWORD},
    };
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, "--tcp-level=integrity");
    struct daemon_client local;

    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        struct daemon_client c;
        char name[] = {'g', (char)('0' + i), 0};

        assert_int_equal(connect_as(&c, port, &ways[i]), 0);
        assert_true(daemon_client_open_domain(&c));
        assert_int_equal(daemon_add(&c, name), 0);
        assert_int_equal(daemon_lookup(&c, name), 0);
        daemon_client_end(&c);
    }
    daemon_client_start(&local, d);
    assert_int_equal(daemon_lookup(&local, "g3"), 0);
    daemon_client_end(&local);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* Not even what needs no handle. */
static void guest_gets_nothing(uint16_t port)
{
    static const struct how guest = {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "Guest", PASSWORD};
    struct SamrGetDomainPasswordInformation_params p = {0};
    struct daemon_client c;

    assert_int_equal(connect_as(&c, port, &guest), (uint32_t)NT_STATUS_ACCESS_DENIED);
    assert_int_equal(DAEMON_CALL(&c, SamrGetDomainPasswordInformation, &p),
                     (uint32_t)NT_STATUS_ACCESS_DENIED);
    daemon_client_end(&c);
}

/* With NTLM alone a client cannot tell a policy from a wrong password: both are the fault of its first call.
 */
static void others_are_refused(void **state)
{
    static const struct {
        struct how how;
        uint32_t status;
    } cases[] = {
        {{AUTH_TYPE_NONE, AUTH_LEVEL_NONE, NULL, NULL}, ERROR_ACCESS_DENIED},
        {{AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, NULL, NULL}, ERROR_LOGON_FAILURE},
        {{AUTH_TYPE_NTLM, AUTH_LEVEL_CONNECT, "Administrator", PASSWORD}, ERROR_ACCESS_DENIED},
        {{AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY, "Administrator", PASSWORD}, ERROR_LOGON_FAILURE},
        {{AUTH_TYPE_SPNEGO, AUTH_LEVEL_INTEGRITY, "Administrator", PASSWORD}, ERROR_ACCESS_DENIED},
        {{AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Guest", PASSWORD}, (uint32_t)NT_STATUS_ACCESS_DENIED},
    };
    struct daemon_fixture *d = *state;
    uint16_t port;

    assert_int_equal(set_password(d, "Guest", PASSWORD "\n"), 0);
    port = start(d, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t status = try_as(port, &cases[i].how);

        if (status != cases[i].status)
            fail_msg("case %zu: 0x%x, not 0x%x", i, status, cases[i].status);
    }
    guest_gets_nothing(port);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void readers_may_read_when_everyone_may(void **state)
{
    static const struct how guest = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Guest", PASSWORD};
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    uint16_t port;

    assert_int_equal(set_password(d, "Guest", PASSWORD "\n"), 0);
    port = start(d, "--remote-access=everyone");
    assert_int_equal(connect_as(&c, port, &guest), 0);
    assert_true(daemon_client_open_domain(&c));
    assert_int_equal(daemon_lookup(&c, "None"), 0);
    assert_int_equal(daemon_add(&c, "mine"), (uint32_t)NT_STATUS_ACCESS_DENIED);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void failures_look_the_same_and_take_time(void **state)
{
    static const struct how wrong[] = {
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "Administrator", "guess"},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "nobody", "guess"},
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Guest", "guess"}, /* no password, and disabled */
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrators", ""},
    };
    static const struct how right = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, NULL);
    int64_t before;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        before = transport_now();
        assert_int_equal(try_as(port, &wrong[i]), ERROR_LOGON_FAILURE);
        assert_true(transport_now() - before > 19 * SECOND / 10);
    }
    before = transport_now();
    assert_int_equal(try_as(port, &right), 0);
    assert_true(transport_now() - before < 19 * SECOND / 10);
    assert_true(daemon_log_has(d, "logon of \"ELSEWHERE\\nobody\" from 127.0.0."));
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* A client's name cannot pretend to be another line, or the end of its own. */
static void names_are_harmless_in_the_log(void **state)
{
    static const struct how forger = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY,
                                      "eve\" from 192.0.2.1:7\n\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xc3\xa4",
                                      "guess"};
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, NULL);

    assert_int_equal(try_as(port, &forger), ERROR_LOGON_FAILURE);
    assert_true(
        daemon_log_has(d, "logon of \"ELSEWHERE\\eve? from 192.0.2.1:7?????\xc3\xa4\" from 127.0.0.1:"));
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* Half of all connections may be strangers': of one that is one. */
static void one_connection_is_enough(void **state)
{
    static const struct how right = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, "--max-connections=1");
    uint32_t status = 1;

    for (int i = 0; i < 100 && status; i++) { /* the place may not be free yet */
        status = try_as(port, &right);
        if (status)
            daemon_sleep(20);
    }
    assert_int_equal(status, 0);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void a_guesser_cannot_leave_early(void **state)
{
    static const struct how wrong = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", "guess"};
    static const struct how right = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, "--max-per-address=2");
    struct daemon_client c[2];
    pid_t guessers[2];
    int64_t before = transport_now();
    uint32_t status;

    for (int i = 0; i < 2; i++) {
        guessers[i] = fork();
        if (!guessers[i]) {
            connect_as(&c[i], port, &wrong);
            _exit(0);
        }
    }
    for (int i = 0; i < 500 && !daemon_log_has(d, "(2 failures"); i++)
        daemon_sleep(10);
    for (int i = 0; i < 2; i++) {
        kill(guessers[i], SIGKILL);
        daemon_wait(guessers[i]);
    }
    status = try_as(port, &right);
    if (transport_now() - before < 2 * SECOND) /* on a busy machine their time may be over */
        assert_int_not_equal(status, 0);       /* both places are still taken */
    for (int i = 0; i < 100 && try_as(port, &right); i++)
        daemon_sleep(100);
    assert_int_equal(try_as(port, &right), 0);
    assert_true(transport_now() - before > 19 * SECOND / 10);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static int connect_raw(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, ADDRESS, &address.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void strangers_have_ten_seconds(void **state)
{
    static const struct how right = {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    static const uint8_t half_a_bind[] = {5, 0, 11, 3, 16, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0xb8, 0x10};
    static const char garbage[] = "GET / HTTP/1.1\r\n\r\n";
    struct daemon_fixture *d = *state;
    uint16_t port = start(d, NULL);
    int silent = connect_raw(port), slow = connect_raw(port), wild = connect_raw(port);
    struct timeval patience = {.tv_sec = 20};
    int64_t before = transport_now();
    struct daemon_client c;
    char byte;

    assert_int_equal(write(slow, half_a_bind, sizeof(half_a_bind)), sizeof(half_a_bind));
    assert_true(write(wild, garbage, sizeof(garbage)) > 0);
    while (read(wild, &byte, 1) > 0) { /* a fault, then the end */
    }
    assert_true(transport_now() - before < 5 * SECOND);
    assert_int_equal(connect_as(&c, port, &right), 0);
    setsockopt(silent, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(slow, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(read(silent, &byte, 1), 0);
    assert_int_equal(read(slow, &byte, 1), 0);
    assert_true(transport_now() - before > 9 * SECOND && transport_now() - before < 19 * SECOND);
    assert_true(daemon_client_open_domain(&c)); /* who is known stays */
    daemon_client_end(&c);
    close(silent);
    close(slow);
    close(wild);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static uint32_t ask_mapper(const char *host, uint16_t port, const struct ndr_interface *interface,
                           uint16_t *found)
{
    struct transport *t;

    assert_int_equal(transport_tcp_connect(&t, host, port, daemon_deadline()), 0);
    return endpoint_map(t, interface, NULL, daemon_deadline(), found).v;
}

/* The mapper tells the port of its own address, and nothing but that; SAMR is not to be had there. */
static void the_mapper_tells_the_port(void **state)
{
    static const struct how right = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    char *options[] = {ARGUMENT("--listen-tcp=127.0.0.9:0"), ARGUMENT("--listen-epm=" ADDRESS ":0"),
                       ARGUMENT("--listen-tcp=" ADDRESS ":0"), NULL};
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    uint16_t port, mapper, found;

    assert_int_equal(set_password(d, "Administrator", PASSWORD "\n"), 0);
    daemon_start(d, options);
    port = port_after(d, "and on TCP, " ADDRESS ":");
    mapper = port_after(d, "endpoint mapper, on " ADDRESS ":");
    assert_int_equal(ask_mapper(ADDRESS, mapper, &samr_interface, &found), 0);
    assert_int_equal(found, port);
    assert_int_equal(ask_mapper(ADDRESS, mapper, &epm_interface, &found), EPT_S_NOT_REGISTERED);
    assert_int_equal(try_as(port, &right), 0);
    assert_int_not_equal(connect_as(&c, mapper, &right), 0);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void many_listeners_from_a_file(void **state)
{
    static const struct how right = {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "Administrator", PASSWORD};
    struct daemon_fixture *d = *state;
    char option[128];
    char *options[] = {option, NULL};
    FILE *file;

    snprintf(option, sizeof(option), "--listen-tcp=@%s/listeners", d->folder);
    file = fopen(option + strlen("--listen-tcp=@"), "w");
    assert_non_null(file);
    fprintf(file, "# a comment, and an empty line\n\n" ADDRESS ":0\n");
    for (int i = 0; i < 999; i++)
        fprintf(file, "127.1.%d.%d:0\n", i / 250, i % 250 + 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(set_password(d, "Administrator", PASSWORD "\n"), 0);
    daemon_start(d, options);
    assert_int_equal(try_as(port_of(d), &right), 0);
    assert_true(daemon_log_has(d, "and on 992 more"));
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void wrong_options(void **state)
{
    static const char *const wrong[] = {
        "--listen-tcp=127.0.0.1",     "--listen-tcp=:135",      "--listen-tcp=127.0.0.1:",
        "--listen-tcp=host:1",        "--listen-tcp=::1:5",     "--listen-tcp=127.0.0.1:65536",
        "--listen-tcp=127.0.0.1:1x",  "--listen-tcp=[::1:5",    "--listen-tcp=@/nonexistent",
        "--tcp-level=none",           "--remote-access=nobody", "--max-per-address=0",
        "--listen-tcp=[127.0.0.1]:1",
    };
    struct daemon_fixture *d = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char *options[] = {ARGUMENT(wrong[i]), NULL};

        if (daemon_wait(daemon_spawn(d, options)) != 2)
            fail_msg("%s is taken", wrong[i]);
    }
    assert_int_equal(set_password(d, "nobody", "x\n"), 1);
    assert_int_equal(set_password(d, "None", "x\n"), 1);
    assert_int_equal(set_password(d, "Administrator", "\n"), 1);
    assert_int_equal(set_password(d, "Administrator", "\xff\xfe\n"), 1);
    assert_true(daemon_log_has(d, "there is no such user"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(administrators_may_all, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(others_are_refused, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(readers_may_read_when_everyone_may, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(failures_look_the_same_and_take_time, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(names_are_harmless_in_the_log, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(one_connection_is_enough, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(a_guesser_cannot_leave_early, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(strangers_have_ten_seconds, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(the_mapper_tells_the_port, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(many_listeners_from_a_file, daemon_up, daemon_down),
        cmocka_unit_test_setup_teardown(wrong_options, daemon_up, daemon_down),
    };

    if (argc < 2)
        return 2;
    daemon_program = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
