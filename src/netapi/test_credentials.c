/* SPDX-License-Identifier: MIT */
/* Which credentials a call to a server takes, and how they are set. */
#include "netapi/test_credentials.h"

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
        assert_int_equal(netmgmt_set_credentials_file(bad[i].name, path, NETMGMT_KERBEROS_DESIRED, NULL, 0),
                         bad[i].status);
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
    assert_int_equal(
        netmgmt_set_credentials_file(SERVER, path, NETMGMT_KERBEROS_DESIRED, problem, sizeof(problem)),
        RPC_S_INVALID_AUTH_IDENTITY);
    assert_string_equal(problem, "line 2 has no '='");
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, NETMGMT_KERBEROS_DESIRED, NULL, 0),
                     RPC_S_INVALID_AUTH_IDENTITY);
    assert_int_equal(netmgmt_set_credentials_file(SERVER, NULL, NETMGMT_KERBEROS_DESIRED, NULL, 0),
                     ERROR_INVALID_PARAMETER);
    write_file(path, "username = a\n");
    assert_takes(SERVER, u"a", CREDENTIALS_FILE);
    assert_int_equal(chmod(path, 0644), 0); /* noticed though its content is the same */
    assert_int_equal(credentials_for(SERVER, &c).v, ERROR_NO_SECURITY_ON_OBJECT);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(
        netmgmt_set_credentials_file(SERVER, path, NETMGMT_KERBEROS_DESIRED, problem, sizeof(problem)),
        NERR_Success);
    assert_string_equal(problem, "");
    for (int kerberos = NETMGMT_KERBEROS_DESIRED; kerberos <= NETMGMT_KERBEROS_OFF; kerberos++) {
        static const unsigned mechanisms[] = {AUTH_KERBEROS | AUTH_NTLM, AUTH_KERBEROS, AUTH_NTLM};

        assert_int_equal(netmgmt_set_credentials_file(SERVER, path, kerberos, NULL, 0), NERR_Success);
        assert_int_equal(credentials_for(SERVER, &c).v, NERR_Success);
        assert_int_equal(c.mechanisms, mechanisms[kerberos]);
        credentials_release(&c);
    }
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, 3, NULL, 0), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_set_credentials_file(SERVER, path, -1, NULL, 0), ERROR_INVALID_PARAMETER);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, forget),       cmocka_unit_test_setup(test_names, forget),
        cmocka_unit_test_setup(test_numbers, forget),     cmocka_unit_test_setup(test_ticket_cache, forget),
        cmocka_unit_test_setup(test_members, forget),     cmocka_unit_test_setup(test_size, forget),
        cmocka_unit_test_setup(test_file_errors, forget), cmocka_unit_test_setup(test_description, forget),
        cmocka_unit_test_setup(test_threads, forget),     cmocka_unit_test_setup(test_fork, forget),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
