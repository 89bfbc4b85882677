/* SPDX-License-Identifier: MIT */
/* netmgmtd as its clients and its administrator see it. Argument: the program. */
#include <netinet/in.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon.h"
#include "rpc/client.h"

/* The first 20 bytes of a bind that announces 72. */
static const uint8_t half_a_bind[] = {5, 0, 11, 3, 16, 0, 0,    0,    72,   0,
                                      0, 0, 1,  0, 0,  0, 0xb8, 0x10, 0xb8, 0x10};

static void serves_two_clients(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client a, b;
    struct stat st;

    daemon_start(d, NULL);
    assert_int_equal(stat(d->socket, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666);
    assert_int_equal(stat(d->database, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    daemon_client_start(&a, d);
    daemon_client_start(&b, d);
    assert_int_equal(daemon_add(&a, "wheel"), 0);
    assert_int_equal(daemon_lookup(&b, "WHEEL"), 0);
    assert_int_equal(daemon_add(&b, "wheel"), (uint32_t)NT_STATUS_GROUP_EXISTS);
    daemon_client_end(&a);
    assert_int_equal(daemon_lookup(&b, "wheel"), 0);
    daemon_client_end(&b);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
    assert_int_equal(access(d->socket, F_OK), -1);
    assert_true(daemon_log_has(d, "stopped"));
}

#define MANY_CALLS 200

static void many_changes_may_be_under_way(void **state)
{
    static struct SamrCreateGroupInDomain_params p[MANY_CALLS];
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    uint32_t calls[MANY_CALLS];

    daemon_start(d, NULL);
    daemon_client_start(&c, d);
    for (int i = 0; i < MANY_CALLS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "g%d", i);
        p[i] = (struct SamrCreateGroupInDomain_params){
            .DomainHandle = c.domain, .Name = daemon_string(&c, name), .DesiredAccess = MAXIMUM_ALLOWED};
        assert_int_equal(
            channel_begin(c.channel, SamrCreateGroupInDomain_opnum, &p[i], &calls[i], daemon_deadline()).v,
            0);
    }
    for (int i = 0; i < MANY_CALLS; i++) {
        assert_int_equal(channel_finish(c.channel, calls[i], &p[i], &c.arena, daemon_deadline()).v, 0);
        assert_int_equal(p[i].Return, 0);
    }
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void others_hold_up_nobody(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    int stopped, silent, wild;
    char byte;

    daemon_start(d, NULL);
    stopped = daemon_connect_raw(d->socket);
    assert_int_equal(write(stopped, half_a_bind, sizeof(half_a_bind)), sizeof(half_a_bind));
    silent = daemon_connect_raw(d->socket);
    wild = daemon_connect_raw(d->socket);
    assert_true(write(wild, GARBAGE, strlen(GARBAGE)) > 0);
    daemon_client_start(&c, d);
    assert_int_equal(daemon_add(&c, "served"), 0);
    while (read(wild, &byte, 1) > 0) { /* a fault, then the end */
    }
    assert_int_equal(daemon_lookup(&c, "served"), 0);
    daemon_client_end(&c);
    close(stopped);
    close(silent);
    close(wild);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

#define CROWD 1000

static void a_thousand_connections(void **state)
{
    struct daemon_fixture *d = *state;
    static int fds[CROWD];
    struct daemon_client c;
    struct timespec begin, end;

    daemon_start(d, NULL);
    for (int i = 0; i < CROWD; i++) {
        fds[i] = daemon_connect_raw(d->socket);
        assert_true(fds[i] >= 0);
        assert_true(i % 2 || write(fds[i], half_a_bind, sizeof(half_a_bind)) > 0);
    }
    daemon_client_start(&c, d);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < 100; i++)
        assert_int_equal(daemon_lookup(&c, "None"), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - begin.tv_sec < 10); /* generous: that it is served, not how fast */
    daemon_client_end(&c);
    for (int i = 0; i < CROWD; i++)
        close(fds[i]);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

static void connections_are_bounded(void **state)
{
    struct daemon_fixture *d = *state;
    static int fds[40];
    struct daemon_client c;
    int closed = 0;
    char *const few[] = {(char *)(uintptr_t) "--max-connections=32", NULL};

    daemon_start(d, few);
    for (int i = 0; i < 40; i++)
        fds[i] = daemon_connect_raw(d->socket);
    daemon_sleep(200);
    for (int i = 0; i < 40; i++) {
        char byte;

        closed += recv(fds[i], &byte, 1, MSG_DONTWAIT) == 0;
    }
    assert_true(closed >= 8 && closed <= 9); /* the first probe of daemon_start may still be there */
    assert_true(daemon_log_has(d, "all connections are in use"));
    for (int i = 0; i < 40; i++)
        close(fds[i]);
    daemon_sleep(100);
    daemon_client_start(&c, d); /* there is room again */
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* In a child that is nobody: 0 when it finds itself limited, and able to read but not to write. */
static int be_nobody(struct daemon_fixture *d)
{
    int limited = 0;
    struct daemon_client c;

    if (setgid(65534) || setuid(65534) || !daemon_client_try(&c, d->socket))
        return 1;
    if (daemon_lookup(&c, "None") || daemon_add(&c, "mine") != (uint32_t)NT_STATUS_ACCESS_DENIED)
        return 2;
    for (int i = 0; i < 20; i++) {
        int fd = daemon_connect_raw(d->socket);
        char byte;

        daemon_sleep(5);
        limited += fd >= 0 && recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
    }
    return limited >= 10 ? 0 : 3;
}

static void users_have_a_share(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    char *const few[] = {(char *)(uintptr_t) "--max-per-user=8", NULL};
    pid_t child;

    if (geteuid())
        skip();
    assert_int_equal(chmod(d->folder, 0755), 0);
    daemon_start(d, few);
    child = fork();
    assert_true(child >= 0);
    if (!child)
        _exit(be_nobody(d));
    assert_int_equal(daemon_wait(child), 0);
    assert_true(daemon_log_has(d, "its user has too many"));
    daemon_client_start(&c, d);
    assert_int_equal(daemon_add(&c, "root may"), 0);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* A sanitizer keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED false
#endif

static long resident_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    fclose(f);
    return kib;
}

/* Bind by hand, then ask and ask and never read an answer, until nothing more is taken. Bytes sent. */
static size_t ask_without_reading(int fd, struct rpc_client *rpc)
{
    static const uint8_t stub[4]; /* SamrGetDomainPasswordInformation, no name */
    const uint8_t *output;
    uint8_t input[4096];
    size_t sent = 0, len;
    uint32_t call;
    int waits = 0;

    output = rpc_client_output(rpc, &len);
    assert_int_equal(write(fd, output, len), (ssize_t)len);
    rpc_client_sent(rpc, len);
    assert_int_equal(rpc_client_input(rpc, input, (size_t)read(fd, input, sizeof(input))), 0);
    assert_true(rpc_client_is_bound(rpc));
    while (waits < 50) { /* half a second without progress */
        ssize_t n;

        output = rpc_client_output(rpc, &len);
        if (!len) {
            for (int i = 0; i < 100; i++)
                assert_int_equal(rpc_client_call(rpc, &samr_interface, SamrGetDomainPasswordInformation_opnum,
                                                 NULL, stub, sizeof(stub), &call),
                                 0);
            continue;
        }
        n = send(fd, output, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            rpc_client_sent(rpc, (size_t)n);
            sent += (size_t)n;
            waits = 0;
            continue;
        }
        assert_int_equal(errno, EAGAIN);
        daemon_sleep(10);
        waits++;
    }
    return sent;
}

static void answers_not_taken_are_bounded(void **state)
{
    static const struct ndr_interface *const interfaces[] = {&samr_interface, NULL};
    struct rpc_client_config config = {.interfaces = interfaces, .max_calls = 65535};
    struct daemon_fixture *d = *state;
    struct rpc_client *rpc;
    struct daemon_client c;
    long before;
    int fd;

    daemon_start(d, NULL);
    daemon_client_start(&c, d);
    before = resident_kib(d->pid);
    fd = daemon_connect_raw(d->socket);
    assert_int_equal(rpc_client_new(&rpc, &config), 0);
    assert_true(ask_without_reading(fd, rpc) < (size_t)2 << 20);
    assert_int_equal(daemon_add(&c, "served"), 0);
    assert_true(SANITIZED || resident_kib(d->pid) - before < 8 * 1024);
    rpc_client_free(rpc);
    close(fd);
    assert_int_equal(daemon_lookup(&c, "served"), 0);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

/* Adds groups as fast as it can and writes the number of each that was acknowledged to `fd`. */
static void add_until_the_end(struct daemon_fixture *d, int round, int worker, int fd)
{
    struct daemon_client c;

    if (!daemon_client_try(&c, d->socket))
        _exit(0); /* the daemon was killed before */
    for (int32_t i = 0;; i++) {
        char name[48];
        struct SamrCreateGroupInDomain_params p = {.DomainHandle = c.domain,
                                                   .DesiredAccess = MAXIMUM_ALLOWED};

        snprintf(name, sizeof(name), "r%d w%d g%d", round, worker, i);
        p.Name = daemon_string(&c, name);
        if (channel_call(c.channel, SamrCreateGroupInDomain_opnum, &p, &c.arena, daemon_deadline()).v ||
            p.Return)
            _exit(0);
        if (write(fd, &i, sizeof(i)) != sizeof(i))
            _exit(1);
        channel_post(c.channel, SamrCloseHandle_opnum,
                     &(struct SamrCloseHandle_params){.SamHandle = p.GroupHandle});
        arena_reset(&c.arena);
    }
}

/* The file is whole, and the number of groups is what the domain says. */
static void check_database(struct daemon_fixture *d, struct daemon_client *c)
{
    struct SamrEnumerateGroupsInDomain_params e = {.DomainHandle = c->domain,
                                                   .PreferedMaximumLength = 0xffffffffu};
    struct SamrQueryInformationDomain_params q = {.DomainHandle = c->domain, .DomainInformationClass = 2};
    uint32_t status, count = 0;
    sqlite3_stmt *statement;
    sqlite3 *db;

    assert_int_equal(DAEMON_CALL(c, SamrQueryInformationDomain, &q), 0);
    do {
        status = DAEMON_CALL(c, SamrEnumerateGroupsInDomain, &e);
        count += e.CountReturned;
    } while (status == (uint32_t)NT_STATUS_MORE_ENTRIES);
    assert_int_equal(status, 0);
    assert_int_equal(count, q.Buffer->General.GroupCount);
    assert_int_equal(sqlite3_open_v2(d->database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

#define WORKERS 4

/* One daemon's life under load, ended by the signal; then everything acknowledged must be there. The number
 * of groups that were acknowledged. */
static int end_under_load(struct daemon_fixture *d, int round, int number, int after_ms)
{
    int pipes[WORKERS][2], total = 0;
    pid_t workers[WORKERS];
    struct daemon_client c;
    int32_t last;

    daemon_start(d, NULL);
    for (int w = 0; w < WORKERS; w++) {
        assert_int_equal(pipe(pipes[w]), 0);
        assert_true(fcntl(pipes[w][0], F_SETPIPE_SZ, 1 << 20) > 0);
        workers[w] = fork();
        if (!workers[w])
            add_until_the_end(d, round, w, pipes[w][1]);
        close(pipes[w][1]);
    }
    daemon_sleep(after_ms);
    assert_int_equal(daemon_stop(d, number), number == SIGKILL ? 128 + SIGKILL : 0);
    for (int w = 0; w < WORKERS; w++)
        daemon_wait(workers[w]); /* some may not even have come to their first call */
    daemon_start(d, NULL);
    daemon_client_start(&c, d);
    for (int w = 0; w < WORKERS; w++) {
        while (read(pipes[w][0], &last, sizeof(last)) == sizeof(last)) {
            char name[48];

            snprintf(name, sizeof(name), "r%d w%d g%d", round, w, last);
            assert_int_equal(daemon_lookup(&c, name), 0);
            arena_reset(&c.arena);
            total++;
        }
        close(pipes[w][0]);
    }
    check_database(d, &c);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
    return total;
}

static void sigterm_loses_nothing(void **state)
{
    assert_true(end_under_load(*state, 0, SIGTERM, 300) > 0);
}

/* KILLS: how often; a few times in the normal run. Each leaves a stale socket behind, too. */
static void sigkill_loses_nothing(void **state)
{
    int kills = getenv("KILLS") ? atoi(getenv("KILLS")) : 8, total = 0;
    unsigned seed = (unsigned)time(NULL);

    print_message("%d kills, seed %u\n", kills, seed);
    srand(seed);
    for (int i = 0; i < kills; i++)
        total += end_under_load(*state, i, SIGKILL, rand() % 150);
    assert_true(total > 0);
}

static void does_not_take_a_socket_in_use(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client c;

    daemon_start(d, NULL);
    assert_int_equal(daemon_wait(daemon_spawn(d, NULL)), 1);
    assert_true(daemon_log_has(d, "another server listens there"));
    daemon_client_start(&c, d); /* the first one is still there */
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGINT), 0);
}

static void says_what_is_wrong(void **state)
{
    struct daemon_fixture *d = *state;
    char *const check[] = {(char *)(uintptr_t) "--check", NULL};
    char *const strict[] = {(char *)(uintptr_t) "--no-create", (char *)(uintptr_t) "--check", NULL};
    char *const wrong[] = {(char *)(uintptr_t) "--mode=999", NULL};
    char *const extra[] = {(char *)(uintptr_t) "start", NULL};
    FILE *f;

    assert_int_equal(daemon_wait(daemon_spawn(d, strict)), 1);
    assert_true(daemon_log_has(d, "there is no such file"));
    assert_int_equal(daemon_wait(daemon_spawn(d, check)), 0);
    assert_int_equal(daemon_wait(daemon_spawn(d, strict)), 0);
    assert_int_equal(daemon_wait(daemon_spawn(d, wrong)), 2);
    assert_true(daemon_log_has(d, "--mode=999"));
    assert_int_equal(daemon_wait(daemon_spawn(d, extra)), 2);
    f = fopen(d->database, "w");
    assert_non_null(f);
    fputs("this was an account database once, before somebody wrote a note into it\n", f);
    fclose(f);
    assert_int_equal(daemon_wait(daemon_spawn(d, check)), 1);
    assert_true(daemon_log_has(d, "damaged or not an account database"));
}

/* The daemon as the service manager starts it: the socket is handed over. */
static pid_t spawn_with_socket(struct daemon_fixture *d, int listener, const char *notify)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid) {
        char number[16];

        snprintf(number, sizeof(number), "%d", (int)getpid());
        setenv("LISTEN_PID", number, 1);
        setenv("LISTEN_FDS", "1", 1);
        setenv("NOTIFY_SOCKET", notify, 1);
        if (dup2(listener, 3) == 3 && freopen(d->log, "a", stderr))
            execl(daemon_program, "netmgmtd", "-d", d->database, NULL);
        _exit(127);
    }
    return pid;
}

/* The service manager's part: hand over a socket, wait to be told that it is ready. */
static void works_under_a_service_manager(void **state)
{
    struct daemon_fixture *d = *state;
    struct sockaddr_un listening = {.sun_family = AF_UNIX}, ready = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), notify = socket(AF_UNIX, SOCK_DGRAM, 0);
    char message[64] = "";
    struct daemon_client c;

    snprintf(listening.sun_path, sizeof(listening.sun_path), "%s/handed", d->folder);
    snprintf(ready.sun_path, sizeof(ready.sun_path), "%s/notify", d->folder);
    assert_int_equal(bind(listener, (struct sockaddr *)&listening, sizeof(listening)), 0);
    assert_int_equal(bind(notify, (struct sockaddr *)&ready, sizeof(ready)), 0);
    assert_int_equal(listen(listener, 16), 0);
    d->pid = spawn_with_socket(d, listener, ready.sun_path);
    assert_true(recv(notify, message, sizeof(message) - 1, 0) > 0);
    assert_string_equal(message, "READY=1");
    assert_true(daemon_client_try(&c, listening.sun_path));
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
    assert_int_equal(access(listening.sun_path, F_OK), 0); /* not ours to remove */
    close(listener);
    close(notify);
}

/* Clients of the inherited socket are known by their uid, which no other kind of socket has. */
static void takes_no_other_socket_from_the_service_manager(void **state)
{
    struct daemon_fixture *d = *state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int tcp = socket(AF_INET, SOCK_STREAM, 0), deaf = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(bind(tcp, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(tcp, 16), 0);
    d->pid = spawn_with_socket(d, tcp, "");
    for (int i = 0; i < 500 && !daemon_log_has(d, "serving") && !daemon_log_has(d, "handed over"); i++)
        daemon_sleep(10);
    assert_false(daemon_log_has(d, "serving"));
    assert_int_equal(daemon_wait(d->pid), 1);
    d->pid = 0;
    assert_true(daemon_log_has(d, "handed over"));
    assert_int_equal(daemon_wait(spawn_with_socket(d, deaf, "")), 1); /* nobody listens on it */
    close(tcp);
    close(deaf);
}

static uint32_t finish_add(struct daemon_client *c, uint32_t call, struct SamrCreateGroupInDomain_params *p)
{
    return channel_finish(c->channel, call, p, &c->arena, daemon_deadline()).v ? DAEMON_NO_ANSWER
                                                                               : (uint32_t)p->Return;
}

/* While another process has the database locked, readers go on, writers wait, and who leaves has done
 * nothing. */
static void another_process_writes(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client writer, leaver, reader, late;
    struct SamrCreateGroupInDomain_params p, gone, refused;
    uint32_t call, unused, last;
    sqlite3 *db;

    daemon_start(d, NULL);
    daemon_client_start(&writer, d);
    daemon_client_start(&leaver, d);
    daemon_client_start(&reader, d);
    daemon_client_start(&late, d);
    assert_int_equal(sqlite3_open(d->database, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    p = (struct SamrCreateGroupInDomain_params){
        .DomainHandle = writer.domain, .Name = daemon_string(&writer, "waits"), .DesiredAccess = 1};
    gone = (struct SamrCreateGroupInDomain_params){
        .DomainHandle = leaver.domain, .Name = daemon_string(&leaver, "leaves"), .DesiredAccess = 1};
    refused = (struct SamrCreateGroupInDomain_params){
        .DomainHandle = late.domain, .Name = daemon_string(&late, "late"), .DesiredAccess = 1};
    assert_int_equal(
        channel_begin(writer.channel, SamrCreateGroupInDomain_opnum, &p, &call, daemon_deadline()).v, 0);
    assert_int_equal(
        channel_begin(leaver.channel, SamrCreateGroupInDomain_opnum, &gone, &unused, daemon_deadline()).v, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(daemon_lookup(&reader, "None"), 0);
    daemon_client_end(&leaver);
    assert_int_equal(daemon_lookup(&reader, "waits"), (uint32_t)NT_STATUS_NONE_MAPPED);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(finish_add(&writer, call, &p), 0);
    assert_int_equal(daemon_lookup(&reader, "waits"), 0);
    assert_int_equal(daemon_lookup(&reader, "leaves"), (uint32_t)NT_STATUS_NONE_MAPPED);

    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        channel_begin(late.channel, SamrCreateGroupInDomain_opnum, &refused, &last, daemon_deadline()).v, 0);
    assert_int_equal(daemon_lookup(&reader, "None"), 0);
    assert_int_equal(daemon_stop(d, SIGTERM), 0); /* does not wait, and says so */
    assert_int_equal(finish_add(&late, last, &refused), (uint32_t)NT_STATUS_FILE_LOCK_CONFLICT);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    daemon_client_end(&writer);
    daemon_client_end(&reader);
    daemon_client_end(&late);
}

/* Nobody else wakes the daemon when the lock is gone: it looks by itself, soon. */
static void goes_on_when_the_lock_is_gone(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    int64_t deadline; /* of all rounds: generous */
    sqlite3 *db;

    daemon_start(d, NULL);
    daemon_client_start(&c, d);
    assert_int_equal(sqlite3_open(d->database, &db), SQLITE_OK);
    deadline = daemon_deadline();
    for (int i = 0; i < 10; i++) {
        char name[] = {'r', (char)('0' + i), 0};
        struct SamrCreateGroupInDomain_params p = {
            .DomainHandle = c.domain, .Name = daemon_string(&c, name), .DesiredAccess = 1};
        uint32_t call;

        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(channel_begin(c.channel, SamrCreateGroupInDomain_opnum, &p, &call, deadline).v, 0);
        daemon_sleep(50);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(channel_finish(c.channel, call, &p, &c.arena, deadline).v, 0);
        assert_int_equal(p.Return, 0);
    }
    sqlite3_close(db);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, daemon_up, daemon_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_two_clients),
        TEST(many_changes_may_be_under_way),
        TEST(others_hold_up_nobody),
        TEST(another_process_writes),
        TEST(goes_on_when_the_lock_is_gone),
        TEST(a_thousand_connections),
        TEST(connections_are_bounded),
        TEST(users_have_a_share),
        TEST(answers_not_taken_are_bounded),
        TEST(sigterm_loses_nothing),
        TEST(sigkill_loses_nothing),
        TEST(does_not_take_a_socket_in_use),
        TEST(says_what_is_wrong),
        TEST(works_under_a_service_manager),
        TEST(takes_no_other_socket_from_the_service_manager),
    };

    if (argc < 2)
        return 2;
    daemon_program = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
