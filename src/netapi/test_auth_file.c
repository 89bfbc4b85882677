/* SPDX-License-Identifier: MIT */
/* Files with credentials: their form, what is refused and how it is named. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <lmerr.h>
#include <windows.h>

#include "base/utf16.h"
#include "netapi/auth_file.h"

static int parse(const char *text, size_t len, struct auth_credentials **out,
                 struct auth_file_problem *problem)
{
    char *copy = malloc(len + 1); /* exact, so that a sanitizer sees one byte too far */
    int r;

    assert_non_null(copy);
    memcpy(copy, text, len);
    r = auth_file_parse(copy, len, out, problem);
    assert_int_equal(problem->condition, r > 0 ? r : 0);
    assert_true((*out != NULL) == (r == 0));
    free(copy);
    return r;
}

static void assert_text(const uint16_t *text, const uint16_t *expected)
{
    assert_int_equal(utf16_len(text), utf16_len(expected));
    assert_memory_equal(text, expected, utf16_len(expected) * 2);
}

/* `password` NULL: there must be none. */
static void assert_good(const char *text, const uint16_t *user, const uint16_t *domain,
                        const uint16_t *password)
{
    struct auth_file_problem problem;
    struct auth_credentials *c;
    uint8_t hash[16], expected[16];

    assert_int_equal(parse(text, strlen(text), &c, &problem), 0);
    assert_text(auth_credentials_user(c), user);
    assert_text(auth_credentials_domain(c), domain);
    assert_int_equal(auth_credentials_nt_hash(c, hash), password != NULL);
    if (password) {
        auth_nt_hash(password, utf16_len(password), expected);
        assert_memory_equal(hash, expected, 16);
    }
    auth_credentials_unref(c);
}

static void test_form(void **state)
{
    (void)state;
    assert_good("username = admin\npassword = secret\ndomain = EXAMPLE\n", u"admin", u"EXAMPLE", u"secret");
    assert_good("username=admin\npassword=secret\ndomain=EXAMPLE", u"admin", u"EXAMPLE", u"secret");
    assert_good("username = admin\r\npassword = secret\r\n\r\n", u"admin", u"", u"secret");
    assert_good("username = admin\r\npassword = secret\r", u"admin", u"", u"secret");
    assert_good("\xEF\xBB\xBFusername = admin\n", u"admin", u"", NULL);
    assert_good("# who\n; and how\n\n \t\n  USERNAME\t=\tadmin \t\n", u"admin", u"", NULL);
    assert_good("username = EXAMPLE\\admin\ndomain =\n", u"admin", u"EXAMPLE", NULL);
    assert_good("username = EXAMPLE\\admin\ndomain = OTHER\n", u"admin", u"OTHER", NULL);
    assert_good("username = admin@example.org\npassword =\n", u"admin@example.org", u"", u"");
    assert_good("domain = EXAMPLE\nrealm = example.org\nusername = admin\n", u"admin", u"example.org", NULL);
    assert_good("username = a\nusername = b\n", u"b", u"", NULL); /* the last one counts */
    assert_good("username = J\xC3\xBCrgen\npassword = \xE2\x82\xAC"
                "1\n",
                u"Jürgen", u"", u"€1");
}

static void test_passwords_keep_their_blanks(void **state)
{
    (void)state;
    assert_good("username = a\npassword =  x y \t\n", u"a", u"", u"x y \t");
    assert_good("username = a\npassword = = # ;\n", u"a", u"", u"= # ;");
    assert_good("username = a\npassword = x \r\n", u"a", u"", u"x ");
}

#define BAD(text, condition, line) assert_bad(text, sizeof(text) - 1, condition, line)

static void assert_bad(const char *text, size_t len, int condition, unsigned line)
{
    struct auth_file_problem problem;
    struct auth_credentials *c;
    char words[100];

    assert_int_equal(parse(text, len, &c, &problem), condition);
    assert_int_equal(problem.line, line);
    assert_int_equal(auth_file_status(condition).v, RPC_S_INVALID_AUTH_IDENTITY);
    auth_file_text(&problem, words, sizeof(words));
    assert_true(strlen(words) > 0 && (strncmp(words, "line ", 5) == 0) == (line != 0));
    assert_null(strstr(words, "secret")); /* a message never quotes the file */
}

static void test_bad_lines(void **state)
{
    (void)state;
    BAD("", AUTH_FILE_E_NO_USER, 0);
    BAD("password = secret\n", AUTH_FILE_E_NO_USER, 0);
    BAD("username =\npassword = secret\n", AUTH_FILE_E_NO_USER, 0);
    BAD("username = EXAMPLE\\\n", AUTH_FILE_E_NO_USER, 0);
    BAD("username = a\npassword secret\n", AUTH_FILE_E_EQUALS, 2);
    BAD("username = a\n\nsecret", AUTH_FILE_E_EQUALS, 3);
    BAD("username = a\npasword = secret\n", AUTH_FILE_E_KEY, 2);
    BAD("= secret\n", AUTH_FILE_E_KEY, 1);
    BAD("user name = a\n", AUTH_FILE_E_KEY, 1);
    BAD("username = a\0b\n", AUTH_FILE_E_CONTROL, 1);
    BAD("username = a\rpassword = secret\n", AUTH_FILE_E_CONTROL, 1);
    BAD("\x7f"
        "ELF\x02\x01\x01\n",
        AUTH_FILE_E_CONTROL, 1);
    BAD("# \x01\n", AUTH_FILE_E_CONTROL, 1);
    BAD("username = \xFF\n", AUTH_FILE_E_TEXT, 1);
    BAD("domain = \xC3\nusername = a\n", AUTH_FILE_E_TEXT, 1);
    BAD("username = a\n\npassword = \xED\xA0\x80\n", AUTH_FILE_E_TEXT, 3);
}

static void test_long_values(void **state)
{
    static const char *const before[] = {
        "username = ", "username = a\ndomain = ", "username = a\npassword = "};
    char *value = malloc(40000), *text = malloc(40100);

    (void)state;
    memset(value, 'x', 39999);
    value[39999] = '\0';
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, 40100, "%s%s\n", before[i], value);
        assert_bad(text, strlen(text), AUTH_FILE_E_TEXT, i ? 2 : 1);
    }
    free(value);
    free(text);
}

/* ---- Files ---- */

static char folder[] = "/tmp/netmgmt-auth-file-XXXXXX", path[64];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/auth", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const void *text, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static int read_file(const char *name, bool regular, struct auth_file_problem *problem)
{
    struct auth_credentials *c;
    struct stat st;
    int r = auth_file_read(name, regular, &c, &st, problem);

    assert_true((c != NULL) == (r == 0));
    auth_credentials_unref(c);
    return r;
}

static void test_permissions(void **state)
{
    static const char text[] = "username = admin\n";
    struct auth_file_problem problem;
    char words[200];

    (void)state;
    for (mode_t mode = 0400; mode < 01000; mode++) {
        bool good = (mode & 0077) == 0;

        if ((mode & 0111) && mode != 0700)
            continue;
        write_file(text, sizeof(text) - 1, mode);
        assert_int_equal(read_file(path, true, &problem), good ? 0 : AUTH_FILE_E_SHARED);
        unlink(path);
    }
    write_file(text, sizeof(text) - 1, 0604);
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_SHARED);
    auth_file_text(&problem, words, sizeof(words));
    assert_non_null(strstr(words, "chmod 600"));
    unlink(path);
    assert_int_equal(auth_file_status(AUTH_FILE_E_SHARED).v, ERROR_NO_SECURITY_ON_OBJECT);
    if (geteuid() != 0)
        return;
    write_file(text, sizeof(text) - 1, 0440); /* given to the caller by somebody else, through a group */
    assert_int_equal(chown(path, 1, 1), 0);
    assert_int_equal(read_file(path, true, &problem), 0);
    assert_int_equal(chmod(path, 0460), 0);
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_SHARED);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_SHARED);
    unlink(path);
}

static void test_cannot_be_read(void **state)
{
    struct auth_file_problem problem;
    char words[200], cut[5];

    (void)state;
    unlink(path);
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_OPEN);
    assert_int_equal(problem.error, ENOENT);
    assert_int_equal(auth_file_status(AUTH_FILE_E_OPEN).v, ERROR_OPEN_FAILED);
    auth_file_text(&problem, words, sizeof(words));
    assert_string_equal(words, "cannot be read: No such file or directory");
    auth_file_text(&problem, cut, sizeof(cut));
    assert_string_equal(cut, "cann");
    auth_file_text(&problem, NULL, 0);
    assert_int_equal(read_file(folder, true, &problem), AUTH_FILE_E_KIND);
    assert_int_equal(read_file(folder, false, &problem), AUTH_FILE_E_OPEN);
    assert_int_equal(problem.error, EISDIR);
    assert_int_equal(read_file("/dev/zero", true, &problem), AUTH_FILE_E_KIND);
    assert_int_equal(read_file("/dev/zero", false, &problem), AUTH_FILE_E_LONG);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes to it: must not wait */
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_KIND);
    unlink(path);
}

/* What a shell passes for <(command). */
static void test_pipe(void **state)
{
    static const char text[] = "username = admin\npassword = secret\n";
    struct auth_file_problem problem;
    char name[32];
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], text, sizeof(text) - 1), sizeof(text) - 1);
    close(fds[1]);
    snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
    assert_int_equal(read_file(name, false, &problem), 0);
    close(fds[0]);
}

static void test_length(void **state)
{
    static char text[AUTH_FILE_MAX_LEN + 1];
    struct auth_file_problem problem;

    (void)state;
    memset(text, '\n', sizeof(text));
    memcpy(text, "username = admin", 16);
    write_file(text, sizeof(text) - 1, 0600);
    assert_int_equal(read_file(path, true, &problem), 0);
    write_file(text, sizeof(text), 0600);
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_LONG);
    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text) - 1, 0600); /* one line */
    assert_int_equal(read_file(path, true, &problem), AUTH_FILE_E_EQUALS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),        cmocka_unit_test(test_passwords_keep_their_blanks),
        cmocka_unit_test(test_bad_lines),   cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_permissions), cmocka_unit_test(test_cannot_be_read),
        cmocka_unit_test(test_pipe),        cmocka_unit_test(test_length),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
