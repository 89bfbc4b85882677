/* SPDX-License-Identifier: MIT */
/*
 * The buffer contract. A test that carries out a documented statement names its source: "api:X" is the
 * function's page at learn.microsoft.com, "wine" what Wine's tests assert of Windows itself.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lm.h"
#include "netapi/buffer.h"
#include "netapi/buffer_registry.h"
#include "netmgmt.h"

#define THREADS 4

/* The compiler knows what free() does and so would see through some of these tests. */
static NET_API_STATUS (*volatile buffer_free)(LPVOID) = NetApiBufferFree;

static size_t live_count(void)
{
    size_t count;

    netmgmt_buffers_live(&count, NULL);
    return count;
}

static void *allocate(DWORD len)
{
    void *p = NULL;

    assert_int_equal(NetApiBufferAllocate(len, &p), NERR_Success);
    assert_non_null(p);
    memset(p, 0x5A, len);
    return p;
}

static DWORD size_of(void *p)
{
    DWORD len = 0xDEAD;

    assert_int_equal(NetApiBufferSize(p, &len), NERR_Success);
    return len;
}

/* api:NetApiBufferAllocate; api:NetApiBufferSize; design: the size is exact */
static void test_allocate_size_free(void **state)
{
    (void)state;
    for (DWORD len = 0; len < 5000; len = len * 2 + 1) {
        void *p = allocate(len);

        assert_int_equal((uintptr_t)p % 16, 0);
        assert_int_equal(size_of(p), len);
        assert_int_equal(NetApiBufferFree(p), NERR_Success);
    }
    assert_int_equal(live_count(), 0);
}

/* wine: Allocate(0) succeeds, the buffer can be sized and freed */
static void test_allocate_nothing(void **state)
{
    void *p = allocate(0), *q = allocate(0);

    (void)state;
    assert_ptr_not_equal(p, q);
    assert_int_equal(size_of(p), 0);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
    assert_int_equal(NetApiBufferFree(p), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferFree(q), NERR_Success);
}

/* wine: Allocate(n, NULL) is ERROR_INVALID_PARAMETER and leaves the thread's last error alone */
static void test_allocate_to_nowhere(void **state)
{
    (void)state;
    errno = 4711;
    assert_int_equal(NetApiBufferAllocate(100, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetapipBufferAllocate(100, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(errno, 4711);
    assert_int_equal(live_count(), 0);
}

/* lmapibuf.h: NetApiBufferFree's pointer is optional */
static void test_free_null(void **state)
{
    (void)state;
    assert_int_equal(NetApiBufferFree(NULL), NERR_Success);
}

/* wine: Size(NULL) is ERROR_INVALID_PARAMETER */
static void test_size_of_null(void **state)
{
    DWORD len = 77;
    void *p = allocate(5);

    (void)state;
    assert_int_equal(NetApiBufferSize(NULL, &len), ERROR_INVALID_PARAMETER);
    assert_int_equal(len, 77);
    assert_int_equal(NetApiBufferSize(p, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

/* wine: Reallocate(NULL, n) allocates; Reallocate(p, 0) frees and stores NULL */
static void test_reallocate_ends(void **state)
{
    void *p = NULL, *q = (void *)1;

    (void)state;
    assert_int_equal(NetApiBufferReallocate(NULL, 1500, &p), NERR_Success);
    assert_non_null(p);
    assert_int_equal(size_of(p), 1500);
    assert_int_equal(NetApiBufferReallocate(p, 0, &q), NERR_Success);
    assert_null(q);
    assert_int_equal(NetApiBufferFree(p), ERROR_INVALID_PARAMETER);
    q = (void *)1;
    assert_int_equal(NetApiBufferReallocate(NULL, 0, &q), NERR_Success);
    assert_null(q);
    assert_int_equal(live_count(), 0);
}

/* api:NetApiBufferReallocate: the content is kept */
static void test_reallocate_keeps_content(void **state)
{
    static const DWORD lengths[] = {10, 1000, 1000, 100000, 7, 8};
    uint8_t *p = allocate(10);
    DWORD valid = 10;

    (void)state;
    for (int i = 0; i < 10; i++)
        p[i] = (uint8_t)i;
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        assert_int_equal(NetApiBufferReallocate(p, lengths[k], (void **)&p), NERR_Success);
        assert_int_equal(size_of(p), lengths[k]);
        valid = valid < lengths[k] ? valid : lengths[k];
        for (DWORD i = 0; i < valid; i++)
            assert_int_equal(p[i], i);
    }
    assert_int_equal(live_count(), 1);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

static void test_reallocate_refuses(void **state)
{
    int local;
    void *p = allocate(10), *q = (void *)1;

    (void)state;
    assert_int_equal(NetApiBufferReallocate(p, 20, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferReallocate(&local, 20, &q), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferReallocate((char *)p + 1, 0, &q), ERROR_INVALID_PARAMETER);
    assert_ptr_equal(q, (void *)1);
    assert_int_equal(size_of(p), 10);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

/* design: a pointer that is not a live API buffer gets ERROR_INVALID_PARAMETER, never a crash */
static void test_foreign_pointers(void **state)
{
    static char text[] = "not a buffer";
    char *p = allocate(100), *heap = malloc(100);
    void *foreign[] = {text,
                       &state,
                       heap,
                       p + 1,
                       p + 16,
                       p - 16,
                       p + 100,
                       (void *)1,
                       (void *)8,
                       (void *)(uintptr_t)-1,
                       (void *)(uintptr_t)0x800000000000};
    DWORD len = 3;

    (void)state;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        assert_int_equal(buffer_free(foreign[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(NetApiBufferSize(foreign[i], &len), ERROR_INVALID_PARAMETER);
        assert_int_equal(len, 3);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal((uint8_t)p[i], 0x5A);
    free(heap);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

static void test_double_free(void **state)
{
    enum { COUNT = 1000 };
    static void *p[COUNT];
    DWORD len;

    (void)state;
    for (int i = 0; i < COUNT; i++)
        p[i] = allocate((DWORD)i);
    for (int i = 0; i < COUNT; i += 2) {
        assert_int_equal(buffer_free(p[i]), NERR_Success);
        assert_int_equal(buffer_free(p[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(NetApiBufferSize(p[i], &len), ERROR_INVALID_PARAMETER);
    }
    for (int i = 1; i < COUNT; i += 2) {
        assert_int_equal(size_of(p[i]), i);
        assert_int_equal(buffer_free(p[i]), NERR_Success);
        assert_int_equal(buffer_free(p[i]), ERROR_INVALID_PARAMETER);
    }
    assert_int_equal(live_count(), 0);
}

/* api:NetApiBufferFree: frees what any other Net function returned; how those get their memory */
static void test_out_buffer(void **state)
{
    size_t count, bytes;
    void *p = api_buffer_alloc(4711, "NetGroupEnum"), *q = api_buffer_allocate(12, (void *)"NetGroupGetInfo");
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(size_of(p), 4711);
    netmgmt_buffers_live(&count, &bytes);
    assert_int_equal(count, 2);
    assert_int_equal(bytes, 4723);
    netmgmt_buffers_live(NULL, NULL);
    netmgmt_buffers_report(out);
    netmgmt_buffers_report(NULL);
    fclose(out);
    assert_non_null(strstr(text, "2 API buffers, 4723 bytes, live"));
    assert_non_null(strstr(text, "1 buffer, 4711 bytes, made by NetGroupEnum\n"));
    assert_non_null(strstr(text, "1 buffer, 12 bytes, made by NetGroupGetInfo\n"));
    free(text);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
    assert_true(api_buffer_free(q));
    assert_false(api_buffer_free(q));
    assert_true(api_buffer_free(NULL));
    assert_null(api_buffer_alloc((size_t)UINT32_MAX + 1, "NetGroupEnum"));
}

/* Against a plain list, with addresses that collide as badly as a heap makes them. */
static void test_registry(void **state)
{
    enum { COUNT = 3000, STEPS = 200000 };
    static bool live[COUNT];
    static char memory[COUNT * 16];
    size_t expect_count = 0, expect_bytes = 0, count, bytes;
    uint32_t random = 1;

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        struct buffer_entry entry;
        size_t i;

        random = random * 1664525 + 1013904223;
        i = (random >> 8) % COUNT;
        if (step > STEPS / 2 && step % 3)
            i = i % 50; /* later mostly a few, so that the tables shrink */
        assert_int_equal(buffer_registry_find(memory + 16 * i, &entry), live[i]);
        if (live[i]) {
            assert_true(buffer_registry_remove(memory + 16 * i, &entry));
            assert_int_equal(entry.len, i);
            assert_ptr_equal(buffer_entry_address(&entry), memory + 16 * i);
            expect_count--;
            expect_bytes -= i;
        } else {
            assert_false(buffer_registry_remove(memory + 16 * i, &entry));
            assert_true(buffer_registry_add(memory + 16 * i, i, "test", NULL));
            expect_count++;
            expect_bytes += i;
        }
        live[i] = !live[i];
    }
    buffer_registry_sum(&count, &bytes);
    assert_int_equal(count, expect_count);
    assert_int_equal(bytes, expect_bytes);
    for (size_t i = 0; i < COUNT; i++) {
        struct buffer_entry entry;

        assert_int_equal(buffer_registry_remove(memory + 16 * i, &entry), live[i]);
    }
    assert_int_equal(live_count(), 0);
}

/* Each thread frees what another made; the pointers to exchange are taken with one atomic step. */
static void *exchange[64];

static void *work(void *context)
{
    uint32_t random = (uint32_t)(uintptr_t)context;

    for (int i = 0; i < 20000; i++) {
        void *p, *q;
        DWORD len;

        random = random * 1664525 + 1013904223;
        len = random >> 24;
        if (NetApiBufferAllocate(len + 1, &p))
            return "allocate";
        memset(p, (int)len, len + 1);
        q = __atomic_exchange_n(&exchange[random >> 8 & 63], p, __ATOMIC_ACQ_REL);
        if (!q)
            continue;
        if (NetApiBufferSize(q, &len) || ((uint8_t *)q)[len - 1] != (uint8_t)(len - 1))
            return "size";
        if (NetApiBufferFree(q))
            return "free";
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failure;

        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
    for (size_t i = 0; i < sizeof(exchange) / sizeof(exchange[0]); i++)
        assert_int_equal(NetApiBufferFree(exchange[i]), NERR_Success);
    assert_int_equal(live_count(), 0);
}

/* The n-th allocation fails. Not under a sanitizer, which has an allocator of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(SANITIZED)
static int fail_in = -1; /* counted down at each allocation; it fails at 0 */

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *malloc(size_t len)
{
    return fail_in >= 0 && fail_in-- == 0 ? NULL : __libc_malloc(len);
}
void *calloc(size_t count, size_t len)
{
    return fail_in >= 0 && fail_in-- == 0 ? NULL : __libc_calloc(count, len);
}

/* design: *bufptr is NULL after a failure; api:NetApiBufferReallocate: the old buffer is still there */
static void test_no_memory(void **state)
{
    enum { COUNT = 700 };
    static void *p[COUNT];
    int failures = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) { /* so many that tables grow meanwhile */
        NET_API_STATUS status;

        for (int n = 0;; n++) {
            p[i] = (void *)1;
            fail_in = n;
            status = NetApiBufferAllocate(100, &p[i]);
            fail_in = -1;
            assert_int_equal(live_count(), i + (status == NERR_Success));
            if (status == NERR_Success)
                break;
            assert_int_equal(status, ERROR_NOT_ENOUGH_MEMORY);
            assert_null(p[i]);
            failures++;
        }
    }
    assert_true(failures >= COUNT);
    for (int i = 0; i < COUNT; i++) {
        void *moved = (void *)1;

        memset(p[i], 0x33, 100);
        fail_in = 0;
        assert_int_equal(NetApiBufferReallocate(p[i], 200, &moved), ERROR_NOT_ENOUGH_MEMORY);
        fail_in = -1;
        assert_ptr_equal(moved, (void *)1);
        assert_int_equal(size_of(p[i]), 100);
        fail_in = 0; /* freeing needs no memory, though a table would shrink */
        assert_int_equal(NetApiBufferFree(p[i]), NERR_Success);
        fail_in = -1;
    }
    assert_int_equal(live_count(), 0);
}
#define HAVE_TEST_NO_MEMORY
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocate_size_free),
        cmocka_unit_test(test_allocate_nothing),
        cmocka_unit_test(test_allocate_to_nowhere),
        cmocka_unit_test(test_free_null),
        cmocka_unit_test(test_size_of_null),
        cmocka_unit_test(test_reallocate_ends),
        cmocka_unit_test(test_reallocate_keeps_content),
        cmocka_unit_test(test_reallocate_refuses),
        cmocka_unit_test(test_foreign_pointers),
        cmocka_unit_test(test_double_free),
        cmocka_unit_test(test_out_buffer),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_threads),
#ifdef HAVE_TEST_NO_MEMORY
        cmocka_unit_test(test_no_memory),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
