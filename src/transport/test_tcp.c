/* SPDX-License-Identifier: MIT */
/* TCP where the resolver does not do as it should: the one here is ours, in the place of the C library's. */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "transport/transport.h"

#define MS INT64_C(1000000)
#define LOOKUPS 8

static struct {
    struct gaicb *request[LOOKUPS];
    int state[LOOKUPS]; /* what gai_error says */
    unsigned count, results, freed;
} resolver;

static int state_of_next = EAI_INPROGRESS;

int getaddrinfo_a(int mode, struct gaicb *list[], int entries, struct sigevent *event)
{
    (void)event;
    assert_int_equal(mode, GAI_NOWAIT);
    assert_int_equal(entries, 1);
    assert_in_range(resolver.count, 0, LOOKUPS - 1);
    resolver.request[resolver.count] = list[0];
    resolver.state[resolver.count++] = state_of_next;
    return 0;
}

/* The latest of that address: memory is used again. */
static unsigned find(const struct gaicb *request)
{
    unsigned i = resolver.count;

    while (i && resolver.request[i - 1] != request)
        i--;
    assert_int_not_equal(i, 0);
    return i - 1;
}

int gai_error(struct gaicb *request)
{
    return resolver.state[find(request)];
}

int gai_suspend(const struct gaicb *const list[], int entries, const struct timespec *timeout)
{
    (void)timeout;
    assert_int_equal(entries, 1);
    return resolver.state[find(list[0])] == EAI_INPROGRESS ? EAI_AGAIN : 0;
}

int gai_cancel(struct gaicb *request)
{
    return resolver.state[find(request)] == EAI_INPROGRESS ? EAI_NOTCANCELED : EAI_ALLDONE;
}

void freeaddrinfo(struct addrinfo *list)
{
    resolver.freed++;
    free(list);
}

/* The look-up comes to its end, with an address. */
static void end(unsigned lookup)
{
    resolver.request[lookup]->ar_result = calloc(1, sizeof(struct addrinfo));
    resolver.state[lookup] = 0;
    resolver.results++;
}

static int look_up(void)
{
    struct transport *t;

    return transport_tcp_connect(&t, "server.example.test", 445, transport_now() + 5 * MS);
}

/* What a look-up that was given up holds is freed as soon as the resolver is done with it, and not before. */
static void test_late_lookups(void **state)
{
    (void)state;
    assert_int_equal(look_up(), -ETIMEDOUT);
    assert_int_equal(look_up(), -ETIMEDOUT);
    assert_int_equal(resolver.count, 2);
    assert_int_equal(resolver.freed, 0);
    end(0);
    assert_int_equal(look_up(), -ETIMEDOUT);
    assert_int_equal(resolver.freed, 1);
    end(1);
    end(2);
    assert_int_equal(look_up(), -ETIMEDOUT);
    assert_int_equal(resolver.freed, resolver.results);
}

static void test_failures(void **state)
{
    static const struct {
        int gai, want;
    } rows[] = {{EAI_NONAME, -EHOSTUNREACH},
                {EAI_AGAIN, -EAGAIN},
                {EAI_MEMORY, -ENOMEM},
                {EAI_SYSTEM, -EIO}}; /* whatever errno holds here */

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        state_of_next = rows[i].gai;
        errno = ENOENT;
        assert_int_equal(look_up(), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_lookups),
        cmocka_unit_test(test_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
