/* SPDX-License-Identifier: MIT */
/*
 * Credentials and memory: secrets leave no trace in memory that is given up, and whatever cannot be
 * allocated, nothing has changed. Not under a sanitizer, which has an allocator of its own.
 */
#include "netapi/test_credentials.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(SANITIZED)
#define REPLACES_LIBC __attribute__((visibility("default"))) /* for calls from the C library too */

/* Volatile: a compiler believes that malloc and free touch no variable. */
static volatile int fail_in = -1; /* counted down at each allocation; it fails at 0 */
static volatile size_t traces, freed;

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void __libc_free(void *p);

static bool fail_now(void)
{
    int left = fail_in;

    if (left >= 0)
        fail_in = left - 1;
    return left == 0;
}

REPLACES_LIBC void *malloc(size_t len)
{
    return fail_now() ? NULL : __libc_malloc(len);
}

REPLACES_LIBC void *calloc(size_t count, size_t len)
{
    return fail_now() ? NULL : __libc_calloc(count, len);
}

/* The secret as UTF-8, UTF-16, or hash, in memory that is given up. */
static uint8_t secret_hash[16];

REPLACES_LIBC void free(void *p)
{
    if (p) {
        size_t len = malloc_usable_size(p);

        freed++;
        traces += memmem(p, len, "Geheim,17", 9) || memmem(p, len, u"Geheim,17", 18) ||
                  memmem(p, len, secret_hash, 16);
    }
    __libc_free(p);
}

static void test_wiped(void **state)
{
    USE_INFO_2 use = {.ui2_remote = SERVER u"\\IPC$",
                      .ui2_asg_type = USE_WILDCARD,
                      .ui2_username = u"u",
                      .ui2_password = u"Geheim,17"};
    struct credentials c;
    char *trace;

    (void)state;
    auth_nt_hash((const uint16_t *)u"Geheim,17", 9, secret_hash);
    traces = 0;
    freed = 0;
    trace = strdup("Geheim,17"); /* the test sees what it shall see */
    free(trace);
    assert_true(traces == 1);
    traces = 0;
    freed = 0;
    assert_int_equal(SET(.user = "u", .password = "Geheim,17"), NERR_Success);
    assert_int_equal(credentials_for(SERVER, &c).v, NERR_Success);
    assert_int_equal(SET(.user = "\xFF", .password = "Geheim,17"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "u", .nt_hash = secret_hash), NERR_Success);
    credentials_release(&c);
    forget(NULL);
    write_file(path, "username = u\npassword = Geheim,17\n");
    setenv("NETMGMT_AUTH_FILE", path, 1);
    assert_takes(SERVER, u"u", CREDENTIALS_FILE);
    write_file(path, "username = someone\n");
    assert_takes(SERVER, u"someone", CREDENTIALS_FILE);
    write_file(path, "username = u\npassword = Geheim,17\nx");
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, NETMGMT_KERBEROS_DESIRED, NULL, 0),
                     RPC_S_INVALID_AUTH_IDENTITY);
    assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, NULL), NERR_Success);
    assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, NULL), NERR_Success);
    assert_int_equal(NetUseDel(NULL, use.ui2_remote, USE_LOTS_OF_FORCE), NERR_Success);
    assert_true(freed > 10);
    assert_int_equal(traces, 0);
}

static NET_API_STATUS try_set(void)
{
    return SET(.user = "EXAMPLE\\u", .password = "secret", .kerberos = 2);
}

static NET_API_STATUS try_set_file(void)
{
    return netmgmt_set_credentials_file(SERVER, path, NETMGMT_KERBEROS_DESIRED, NULL, 0);
}

static NET_API_STATUS try_options(void)
{
    return OPTIONS(SERVER, .port = 445);
}

static NET_API_STATUS try_look_up(void)
{
    struct credentials c;
    NET_API_STATUS status = credentials_for(SERVER, &c).v;

    assert_true((c.auth != NULL) == (status == NERR_Success));
    credentials_release(&c);
    return status;
}

static NET_API_STATUS try_use(void)
{
    USE_INFO_3 use = {{.ui2_remote = SERVER u"\\IPC$",
                       .ui2_asg_type = USE_WILDCARD,
                       .ui2_username = u"u",
                       .ui2_password = u"secret"},
                      CREATE_NO_CONNECT}; /* trying them can do without the other credentials */
    DWORD parm_err;
    NET_API_STATUS status = NetUseAdd(NULL, 3, (LPBYTE)&use, &parm_err);

    assert_int_equal(parm_err, 0);
    return status;
}

static NET_API_STATUS try_enum(void)
{
    LPBYTE buffer = (LPBYTE)1;
    DWORD read = 7, total = 7, resume = 0;
    NET_API_STATUS status = NetUseEnum(NULL, 2, &buffer, MAX_PREFERRED_LENGTH, &read, &total, &resume);

    assert_true((buffer != NULL) == (status == NERR_Success));
    assert_int_equal(read, status == NERR_Success);
    assert_int_equal(NetApiBufferFree(buffer), NERR_Success);
    return status;
}

static NET_API_STATUS try_get_info(void)
{
    LPBYTE buffer = (LPBYTE)1;
    NET_API_STATUS status = NetUseGetInfo(NULL, SERVER u"\\IPC$", 3, &buffer);

    assert_true((buffer != NULL) == (status == NERR_Success));
    assert_int_equal(NetApiBufferFree(buffer), NERR_Success);
    return status;
}

/* The n-th allocation fails, for every n until there is success; what failed has changed nothing. */
static int fail_each(NET_API_STATUS (*function)(void))
{
    int n = 0;

    for (;; n++) {
        NET_API_STATUS status;

        fail_in = n;
        status = function();
        fail_in = -1;
        if (status == NERR_Success)
            return n;
        assert_int_equal(status, ERROR_NOT_ENOUGH_MEMORY);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(fail_each(try_set) >= 3);
    forget(NULL);
    write_file(path, "username = u\npassword = secret\ndomain = EXAMPLE\n");
    assert_true(fail_each(try_set_file) >= 4);
    forget(NULL);
    assert_true(fail_each(try_options) >= 1);
    setenv("NETMGMT_AUTH_FILE", path, 1);
    assert_true(fail_each(try_look_up) >= 4);
    assert_int_equal(fail_each(try_look_up), 0); /* a known one needs no memory */
    unsetenv("NETMGMT_AUTH_FILE");
    setenv("KRB5CCNAME", "MEMORY:third", 1);
    assert_true(fail_each(try_look_up) >= 2);
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    netmgmt_set_server_options(SERVER, NULL);
    assert_true(fail_each(try_use) >= 4);
    assert_true(fail_each(try_enum) >= 2);
    assert_true(fail_each(try_get_info) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_wiped, forget),
        cmocka_unit_test_setup(test_no_memory, forget),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

#else

int main(void)
{
    puts("needs the allocator of the C library");
    return 0;
}

#endif
