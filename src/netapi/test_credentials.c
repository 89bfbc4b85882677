/* SPDX-License-Identifier: MIT */
/* Which credentials a call to a server takes, how they are set, and that they leave no trace. */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lm.h>
#include <netmgmt.h>
#include <windows.h>

#include "base/utf16.h"
#include "netapi/credentials.h"
#include "netapi/known_server.h"
#include "netapi/remote.h"

#define SERVER u"\\\\fileserver"

static char folder[] = "/tmp/netmgmt-credentials-XXXXXX", path[64], other_path[64];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/auth", folder);
    snprintf(other_path, sizeof(other_path), "%s/other", folder);
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(other_path);
    return rmdir(folder);
}

/* Nothing said, nothing in the environment. */
static int forget(void **state)
{
    (void)state;
    unsetenv("NETMGMT_AUTH_FILE");
    netmgmt_set_credentials(NULL, NULL);
    netmgmt_set_credentials(SERVER, NULL);
    netmgmt_set_server_options(NULL, NULL);
    netmgmt_set_server_options(SERVER, NULL);
    NetUseDel(NULL, SERVER u"\\IPC$", USE_LOTS_OF_FORCE);
    return 0;
}

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* In place of the library's: NetUseAdd finds every password right. */
struct net_status remote_verify(const uint16_t *server, const struct credentials *c)
{
    (void)server;
    (void)c;
    return NET_STATUS(NERR_Success);
}

static NET_API_STATUS set_user(LPCWSTR server, const char *user)
{
    struct netmgmt_credentials c = {.size = sizeof(c), .user = user, .password = "secret"};

    return netmgmt_set_credentials(server, &c);
}

static void add_use(LPCWSTR user)
{
    USE_INFO_2 use = {.ui2_remote = SERVER u"\\IPC$",
                      .ui2_asg_type = USE_IPC,
                      .ui2_username = (LPWSTR)(uintptr_t)user,
                      .ui2_password = u"secret"};

    assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, NULL), NERR_Success);
}

/* What a call to the server takes; returns the number. */
static uint64_t assert_takes(LPCWSTR server, LPCWSTR user, enum credentials_source source)
{
    struct credentials c;
    uint64_t number;

    assert_int_equal(credentials_for((const uint16_t *)server, &c).v, NERR_Success);
    assert_non_null(c.auth);
    assert_int_equal(c.source, source);
    assert_int_equal(utf16_casecmp(auth_credentials_user(c.auth), utf16_len(auth_credentials_user(c.auth)),
                                   (const uint16_t *)user, utf16_len((const uint16_t *)user)),
                     0);
    number = c.number;
    assert_true(number != 0);
    credentials_release(&c);
    credentials_release(&c); /* again: nothing to do */
    return number;
}

static void test_order(void **state)
{
    (void)state;
    assert_takes(SERVER, u"", CREDENTIALS_TICKETS);
    write_file(path, "username = from-file\n");
    setenv("NETMGMT_AUTH_FILE", path, 1);
    assert_takes(SERVER, u"from-file", CREDENTIALS_FILE);
    add_use(u"from-use");
    assert_takes(SERVER, u"from-use", CREDENTIALS_USE);
    assert_takes(u"other", u"from-file", CREDENTIALS_FILE);
    assert_int_equal(set_user(NULL, "for-all"), NERR_Success);
    assert_takes(SERVER, u"for-all", CREDENTIALS_SET_FOR_ALL);
    assert_takes(u"other", u"for-all", CREDENTIALS_SET_FOR_ALL);
    assert_int_equal(set_user(SERVER, "for-one"), NERR_Success);
    assert_takes(SERVER, u"for-one", CREDENTIALS_SET);
    assert_takes(u"other", u"for-all", CREDENTIALS_SET_FOR_ALL);
    /* and back */
    assert_int_equal(netmgmt_set_credentials(SERVER, NULL), NERR_Success);
    assert_takes(SERVER, u"for-all", CREDENTIALS_SET_FOR_ALL);
    assert_int_equal(netmgmt_set_credentials(NULL, NULL), NERR_Success);
    assert_takes(SERVER, u"from-use", CREDENTIALS_USE);
    assert_int_equal(NetUseDel(NULL, SERVER u"\\IPC$", USE_NOFORCE), NERR_Success);
    assert_takes(SERVER, u"from-file", CREDENTIALS_FILE);
    setenv("NETMGMT_AUTH_FILE", "", 1);
    assert_takes(SERVER, u"", CREDENTIALS_TICKETS);
}

static void test_names(void **state)
{
    static const struct {
        LPCWSTR name;
        NET_API_STATUS status;
    } bad[] = {{u"\\", ERROR_INVALID_NAME},    {u"\\\\", ERROR_INVALID_NAME},
               {u"\\a", ERROR_INVALID_NAME},   {u"\\\\a\\b", NERR_InvalidComputer},
               {u"a b", NERR_InvalidComputer}, {u"a/b", NERR_InvalidComputer},
               {u"a\n", NERR_InvalidComputer}};
    WCHAR longest[258];
    struct credentials c;

    (void)state;
    assert_int_equal(set_user(u"FileServer", "u"), NERR_Success);
    assert_takes(u"\\\\fileserver", u"u", CREDENTIALS_SET);
    assert_takes(u"FILESERVER", u"u", CREDENTIALS_SET);
    assert_takes(u"fileserver.example.org", u"", CREDENTIALS_TICKETS); /* another name */
    assert_int_equal(set_user(u"\\\\FÜR", "u"), NERR_Success);
    assert_takes(u"für", u"u", CREDENTIALS_SET);
    assert_int_equal(netmgmt_set_credentials(u"für", NULL), NERR_Success);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(set_user(bad[i].name, "u"), bad[i].status);
        assert_int_equal(netmgmt_set_server_options(bad[i].name, NULL), bad[i].status);
        assert_int_equal(netmgmt_set_credentials_file(bad[i].name, path, NULL, 0), bad[i].status);
        assert_int_equal(credentials_for((const uint16_t *)bad[i].name, &c).v, bad[i].status);
        assert_null(c.auth);
        credentials_release(&c);
    }
    for (size_t i = 0; i < 257; i++)
        longest[i] = 'x';
    longest[256] = 0;
    assert_int_equal(set_user(longest, "u"), NERR_InvalidComputer);
    longest[255] = 0;
    assert_int_equal(set_user(longest, "u"), NERR_Success);
    assert_takes(longest, u"u", CREDENTIALS_SET);
    assert_int_equal(netmgmt_set_credentials(longest, NULL), NERR_Success);
}

/* A connection is used again only for the same credentials. */
static void test_numbers(void **state)
{
    struct credentials a, b;
    uint64_t first, second, file;

    (void)state;
    assert_int_equal(set_user(SERVER, "u"), NERR_Success);
    first = assert_takes(SERVER, u"u", CREDENTIALS_SET);
    assert_true(assert_takes(SERVER, u"u", CREDENTIALS_SET) == first);
    assert_int_equal(set_user(SERVER, "u"), NERR_Success); /* maybe with another password */
    second = assert_takes(SERVER, u"u", CREDENTIALS_SET);
    assert_true(second != first);
    forget(NULL);
    first = assert_takes(SERVER, u"", CREDENTIALS_TICKETS);
    assert_true(assert_takes(u"other", u"", CREDENTIALS_TICKETS) == first); /* the same for all */
    setenv("KRB5CCNAME", "MEMORY:other", 1);
    assert_true(assert_takes(SERVER, u"", CREDENTIALS_TICKETS) != first);
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    write_file(path, "username = u\n");
    setenv("NETMGMT_AUTH_FILE", path, 1);
    file = assert_takes(SERVER, u"u", CREDENTIALS_FILE);
    assert_true(assert_takes(u"other", u"u", CREDENTIALS_FILE) == file);
    write_file(path, "username = user2\n");
    assert_true(assert_takes(SERVER, u"user2", CREDENTIALS_FILE) != file);

    assert_int_equal(credentials_for(SERVER, &a).v, NERR_Success);
    assert_int_equal(credentials_for(u"other", &b).v, NERR_Success);
    assert_true(credentials_same(&a, &b));
    b.number++;
    assert_false(credentials_same(&a, &b));
    b.number--;
    b.options.port = 1;
    assert_false(credentials_same(&a, &b));
    b.options.port = 0;
    strcpy(b.options.address, "::1");
    assert_false(credentials_same(&a, &b));
    credentials_release(&a);
    credentials_release(&b);
}

/* A cache that kinit has made anew is another one; one that has more tickets is not. */
static void test_ticket_cache(void **state)
{
    uint64_t first;
    char name[80];

    (void)state;
    snprintf(name, sizeof(name), "FILE:%s", path);
    setenv("KRB5CCNAME", name, 1);
    write_file(path, "tickets");
    first = assert_takes(SERVER, u"", CREDENTIALS_TICKETS);
    write_file(path, "tickets and more");
    assert_true(assert_takes(SERVER, u"", CREDENTIALS_TICKETS) == first);
    write_file(other_path, "tickets of another user");
    assert_int_equal(rename(other_path, path), 0);
    assert_true(assert_takes(SERVER, u"", CREDENTIALS_TICKETS) != first);
    unlink(path);
    assert_true(assert_takes(SERVER, u"", CREDENTIALS_TICKETS) != first);
    setenv("KRB5CCNAME", "MEMORY:none", 1);
}

#define SET(...)             \
    netmgmt_set_credentials( \
        SERVER, &(struct netmgmt_credentials){.size = sizeof(struct netmgmt_credentials), __VA_ARGS__})

static void test_members(void **state)
{
    static const unsigned char hash[16] = {1, 2, 3};
    static char longest[40000];
    struct credentials c;
    uint8_t got[16];

    (void)state;
    assert_int_equal(SET(.user = "EXAMPLE\\admin", .nt_hash = hash, .ccache = "FILE:/x", .kerberos = 2), 0);
    assert_int_equal(credentials_for(SERVER, &c).v, NERR_Success);
    assert_int_equal(c.mechanisms, AUTH_NTLM);
    assert_true(auth_credentials_nt_hash(c.auth, got) && memcmp(got, hash, 16) == 0);
    assert_int_equal(auth_credentials_domain(c.auth)[0], 'E');
    credentials_release(&c);
    assert_int_equal(SET(.user = "a", .keytab = "FILE:/k", .ccache = "MEMORY:x", .kerberos = 1), 0);
    assert_int_equal(credentials_for(SERVER, &c).v, NERR_Success);
    assert_int_equal(c.mechanisms, AUTH_KERBEROS);
    credentials_release(&c);
    assert_int_equal(SET(.user = "", .password = ""), 0);
    assert_int_equal(credentials_for(SERVER, &c).v, NERR_Success);
    assert_true(auth_credentials_anonymous(c.auth));
    assert_int_equal(c.mechanisms, AUTH_NTLM | AUTH_KERBEROS);
    credentials_release(&c);
    assert_int_equal(SET(.ccache = "FILE:/x"), 0);
    assert_int_equal(SET(.user = NULL), 0); /* the default cache, whatever NETMGMT_AUTH_FILE says */
    assert_takes(SERVER, u"", CREDENTIALS_SET);
    assert_int_equal(SET(.user = "a", .password = ""), 0); /* an empty password is one */

    memset(longest, 'x', sizeof(longest) - 1);
    assert_int_equal(SET(.user = longest), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .password = longest), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "\xFF"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "EXAMPLE\\"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .domain = "\xC3"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .kerberos = 3), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .kerberos = -1), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.password = "x"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.nt_hash = hash), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.domain = "x"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "", .password = "x"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "", .nt_hash = hash), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .password = "x", .nt_hash = hash), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .password = "x", .ccache = "FILE:/x"), ERROR_INVALID_PARAMETER);
    assert_int_equal(SET(.user = "a", .nt_hash = hash, .keytab = "x"), ERROR_INVALID_PARAMETER);
    assert_takes(SERVER, u"a", CREDENTIALS_SET); /* what failed has changed nothing */
}

/* Programs that were built against other versions of the header. */
static void test_size(void **state)
{
    struct {
        struct netmgmt_credentials known;
        const char *later;
    } c = {.known = {.user = "a"}};

    (void)state;
    for (size_t len = 0; len < sizeof(c.known); len++) {
        c.known.size = len;
        assert_int_equal(netmgmt_set_credentials(SERVER, &c.known), ERROR_INVALID_PARAMETER);
    }
    c.known.size = SIZE_MAX;
    assert_int_equal(netmgmt_set_credentials(SERVER, &c.known), ERROR_INVALID_PARAMETER);
    c.known.size = sizeof(c);
    assert_int_equal(netmgmt_set_credentials(SERVER, &c.known), NERR_Success);
    c.later = "what this version does not know";
    assert_int_equal(netmgmt_set_credentials(SERVER, &c.known), ERROR_NOT_SUPPORTED);
}

#define OPTIONS(server, ...)                                             \
    netmgmt_set_server_options(server, &(struct netmgmt_server_options){ \
                                           .size = sizeof(struct netmgmt_server_options), __VA_ARGS__})

static void test_file_errors(void **state)
{
    struct credentials c;
    char text[300], problem[100];

    (void)state;
    unlink(path);
    setenv("NETMGMT_AUTH_FILE", path, 1);
    assert_int_equal(credentials_for(SERVER, &c).v, ERROR_OPEN_FAILED);
    assert_null(c.auth);
    write_file(path, "username = a\nsecret\n");
    assert_int_equal(credentials_for(SERVER, &c).v, RPC_S_INVALID_AUTH_IDENTITY);
    assert_int_equal(netmgmt_describe_credentials(SERVER, text, sizeof(text)), RPC_S_INVALID_AUTH_IDENTITY);
    assert_non_null(strstr(text, path));
    assert_non_null(strstr(text, "line 2 has no '='"));
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, problem, sizeof(problem)),
                     RPC_S_INVALID_AUTH_IDENTITY);
    assert_string_equal(problem, "line 2 has no '='");
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, NULL, 0), RPC_S_INVALID_AUTH_IDENTITY);
    assert_int_equal(netmgmt_set_credentials_file(SERVER, NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    write_file(path, "username = a\n");
    assert_takes(SERVER, u"a", CREDENTIALS_FILE);
    assert_int_equal(chmod(path, 0644), 0); /* noticed though its content is the same */
    assert_int_equal(credentials_for(SERVER, &c).v, ERROR_NO_SECURITY_ON_OBJECT);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, problem, sizeof(problem)), NERR_Success);
    assert_string_equal(problem, "");
    unsetenv("NETMGMT_AUTH_FILE");
    unlink(path);
    assert_takes(SERVER, u"a", CREDENTIALS_SET); /* it was read then */
}

static void assert_described(const char *expected)
{
    char text[300], cut[8];

    assert_int_equal(netmgmt_describe_credentials(SERVER, text, sizeof(text)), NERR_Success);
    assert_string_equal(text, expected);
    assert_int_equal(netmgmt_describe_credentials(SERVER, cut, sizeof(cut)), NERR_Success);
    assert_int_equal(strlen(cut), sizeof(cut) - 1);
    assert_memory_equal(cut, expected, sizeof(cut) - 1);
    assert_int_equal(netmgmt_describe_credentials(SERVER, NULL, 0), NERR_Success);
}

static void test_description(void **state)
{
    char expected[200], text[100];

    (void)state;
    assert_described("the owner of the Kerberos tickets, from KRB5CCNAME=MEMORY:none");
    unsetenv("KRB5CCNAME");
    assert_described("the owner of the Kerberos tickets, from the default cache");
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    write_file(path, "username = Jürgen\npassword = secret\ndomain = EXAMPLE\n");
    setenv("NETMGMT_AUTH_FILE", path, 1);
    snprintf(expected, sizeof(expected), "EXAMPLE\\Jürgen with a password, from NETMGMT_AUTH_FILE=%s", path);
    assert_described(expected);
    add_use(u"EXAMPLE\\u");
    assert_described("EXAMPLE\\u with a password, from NetUseAdd");
    assert_int_equal(set_user(NULL, "all"), NERR_Success);
    assert_described("all with a password, set for all servers");
    assert_int_equal(SET(.user = "u@x.org", .kerberos = 1), NERR_Success);
    assert_described("u@x.org with Kerberos tickets, Kerberos only, set for this server");
    assert_int_equal(SET(.user = "u", .password = "x", .kerberos = 2), NERR_Success);
    assert_described("u with a password, NTLM only, set for this server");
    assert_int_equal(SET(.user = ""), NERR_Success);
    assert_described("anonymous, set for this server");
    assert_int_equal(netmgmt_describe_credentials(u"\\", text, sizeof(text)), ERROR_INVALID_NAME);
    assert_string_equal(text, netmgmt_strerror(ERROR_INVALID_NAME));
}

/* ---- Threads, and fork ---- */

static void *set_and_look(void *argument)
{
    WCHAR name[] = u"server0";
    bool failed = false;

    name[6] = (WCHAR)(u'0' + (uintptr_t)argument % 4); /* two threads share each */
    for (int i = 0; i < 200 && !failed; i++) {
        struct credentials c;

        failed = set_user(i % 3 ? name : NULL, "thread") != NERR_Success ||
                 OPTIONS(name, .address = "127.0.0.1", .port = (unsigned)i) != NERR_Success ||
                 credentials_for((const uint16_t *)name, &c).v != NERR_Success || !c.auth;
        if (!failed && c.source != CREDENTIALS_FILE)
            failed = auth_credentials_user(c.auth)[0] != 't';
        credentials_release(&c);
        netmgmt_set_credentials(i % 2 ? name : NULL, NULL);
        netmgmt_set_server_options(name, NULL);
    }
    return failed ? argument : NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[8];

    (void)state;
    write_file(path, "username = a\n");
    setenv("NETMGMT_AUTH_FILE", path, 1);
    for (uintptr_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, set_and_look, (void *)(i + 1)), 0);
    for (size_t i = 0; i < 8; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    for (WCHAR name[] = u"server0"; name[6] < u'4'; name[6]++)
        netmgmt_set_credentials(name, NULL);
}

static void test_fork(void **state)
{
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(set_user(SERVER, "u"), NERR_Success);
    child = fork();
    if (child == 0) {
        struct credentials c;
        bool good = !credentials_for(SERVER, &c).v && c.source == CREDENTIALS_SET &&
                    set_user(SERVER, "v") == NERR_Success;

        _exit(!good);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_takes(SERVER, u"u", CREDENTIALS_SET);
}

/* ---- Memory. Not under a sanitizer, which has an allocator of its own. ---- */

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
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, NULL, 0), RPC_S_INVALID_AUTH_IDENTITY);
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
    return netmgmt_set_credentials_file(SERVER, path, NULL, 0);
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
#define HAVE_MEMORY_TESTS
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, forget),       cmocka_unit_test_setup(test_names, forget),
        cmocka_unit_test_setup(test_numbers, forget),     cmocka_unit_test_setup(test_ticket_cache, forget),
        cmocka_unit_test_setup(test_members, forget),     cmocka_unit_test_setup(test_size, forget),
        cmocka_unit_test_setup(test_file_errors, forget), cmocka_unit_test_setup(test_description, forget),
        cmocka_unit_test_setup(test_threads, forget),     cmocka_unit_test_setup(test_fork, forget),
#ifdef HAVE_MEMORY_TESTS
        cmocka_unit_test_setup(test_wiped, forget),       cmocka_unit_test_setup(test_no_memory, forget),
#endif
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
