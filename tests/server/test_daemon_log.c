/* SPDX-License-Identifier: MIT */
/* The log of netmgmtd: who does not read it, or fills it, disturbs nobody. Argument: the program. */
#include <fcntl.h>

#include "daemon.h"

/* A pipe that is full, and its other end in *out. */
static int full_pipe(int *out)
{
    static const char line[] = "written by somebody else\n";
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], line, sizeof(line) - 1) > 0) {
    }
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
    *out = ends[0];
    return ends[1];
}

/* What comes out of it has the text, after a while. */
static bool comes_out(int fd, const char *text)
{
    static char all[1 << 18];
    size_t len = 0;

    for (int i = 0; i < 500; i++) {
        ssize_t n = read(fd, all + len, sizeof(all) - 1 - len);

        len += n > 0 ? (size_t)n : 0;
        all[len] = '\0';
        if (strstr(all, text))
            return true;
        daemon_sleep(10);
    }
    return false;
}

/* Who does not read the log, or not fast enough, stops nobody. */
static void a_log_that_nobody_reads(void **state)
{
    struct daemon_fixture *d = *state;
    struct daemon_client c;
    int reader, log = full_pipe(&reader), wild;
    char byte;

    d->pid = fork();
    assert_true(d->pid >= 0);
    if (!d->pid) {
        dup2(log, STDERR_FILENO);
        execl(daemon_program, "netmgmtd", "-s", d->socket, "-d", d->database, NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && access(d->socket, F_OK); i++)
        daemon_sleep(10);
    daemon_client_start(&c, d);
    assert_int_equal(daemon_add(&c, "served"), 0);
    assert_true(comes_out(reader, "somebody else")); /* and there is room again */
    wild = daemon_connect_raw(d->socket);
    assert_true(write(wild, GARBAGE, strlen(GARBAGE)) > 0);
    while (read(wild, &byte, 1) > 0) {
    }
    assert_true(comes_out(reader, "lines of the log were lost"));
    daemon_client_end(&c);
    close(wild);
    close(reader); /* nor who takes it away */
    daemon_client_start(&c, d);
    daemon_client_end(&c);
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
    close(log);
}

static int count_in_log(struct daemon_fixture *d, const char *text)
{
    FILE *f = fopen(d->log, "r");
    char line[1024];
    int count = 0;

    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        count += strstr(line, text) != NULL;
    fclose(f);
    return count;
}

/* Clients cannot fill the disk with what is said about them. */
static void the_log_is_bounded(void **state)
{
    struct daemon_fixture *d = *state;
    char byte;

    daemon_start(d, NULL);
    for (int i = 0; i < 100; i++) {
        int wild = daemon_connect_raw(d->socket);

        assert_true(write(wild, GARBAGE, strlen(GARBAGE)) > 0);
        while (read(wild, &byte, 1) > 0) {
        }
        close(wild);
    }
    assert_int_equal(daemon_stop(d, SIGTERM), 0);
    assert_in_range(count_in_log(d, "closed the connection"), 20, 60); /* twenty in ten seconds */
    assert_true(daemon_log_has(d, "will not be logged"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, daemon_up, daemon_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_log_that_nobody_reads),
        TEST(the_log_is_bounded),
    };

    if (argc < 2)
        return 2;
    daemon_program = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
