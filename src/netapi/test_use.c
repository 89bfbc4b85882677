/* SPDX-License-Identifier: MIT */
/* NetUseAdd, NetUseDel, NetUseEnum, NetUseGetInfo: the rules of lmuse.h. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lm.h>
#include <netmgmt.h>
#include <windows.h>

#include "base/utf16.h"
#include "netapi/credentials.h"
#include "netapi/remote.h"

#define IPC u"\\\\server\\IPC$"

/* ---- In place of the network: what NetUseAdd asks it, and what it says ---- */

static struct {
    NET_API_STATUS answer;
    unsigned count; /* of questions */
    uint16_t server[64], user[64];
    int encryption;
    uint64_t number;
    enum credentials_source source;
    void (*meanwhile)(void); /* called while the network is asked */
} network;

struct net_status remote_verify(const uint16_t *server, const struct credentials *c)
{
    network.count++;
    memcpy(network.server, server, (utf16_len(server) + 1) * 2);
    memcpy(network.user, auth_credentials_user(c->auth), (utf16_len(auth_credentials_user(c->auth)) + 1) * 2);
    network.encryption = c->options.encryption;
    network.number = c->number;
    network.source = c->source;
    if (network.meanwhile)
        network.meanwhile();
    return NET_STATUS(network.answer);
}

static bool same(const void *a, const void *b)
{
    size_t chars = utf16_len(a);

    return chars == utf16_len(b) && memcmp(a, b, chars * 2) == 0;
}

static int forget(void **state)
{
    LPUSE_INFO_0 uses;
    DWORD read;

    (void)state;
    assert_int_equal(NetUseEnum(NULL, 0, (LPBYTE *)&uses, MAX_PREFERRED_LENGTH, &read, NULL, NULL),
                     NERR_Success);
    for (DWORD i = 0; i < read; i++)
        assert_int_equal(NetUseDel(NULL, uses[i].ui0_remote, USE_LOTS_OF_FORCE), NERR_Success);
    NetApiBufferFree(uses);
    memset(&network, 0, sizeof(network));
    unsetenv("NETMGMT_AUTH_FILE");
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    return 0;
}

static NET_API_STATUS add2(LPCWSTR remote, LPCWSTR user, LPCWSTR domain, LPCWSTR password)
{
    USE_INFO_2 use = {.ui2_remote = (LPWSTR)(uintptr_t)remote,
                      .ui2_asg_type = USE_IPC,
                      .ui2_username = (LPWSTR)(uintptr_t)user,
                      .ui2_domainname = (LPWSTR)(uintptr_t)domain,
                      .ui2_password = (LPWSTR)(uintptr_t)password};
    DWORD parm_err = 99;
    NET_API_STATUS status = NetUseAdd(NULL, 2, (LPBYTE)&use, &parm_err);

    assert_int_equal(parm_err, PARM_ERROR_NONE);
    return status;
}

static USE_INFO_3 *get(LPCWSTR name, DWORD level)
{
    LPBYTE buffer = NULL;

    assert_int_equal(NetUseGetInfo(NULL, name, level, &buffer), NERR_Success);
    assert_non_null(buffer);
    return (USE_INFO_3 *)buffer;
}

static DWORD use_count(LPCWSTR name)
{
    USE_INFO_3 *use = get(name, 1);
    DWORD count = use->ui3_ui2.ui2_usecount;

    NetApiBufferFree(use);
    return count;
}

/* ---- NetUseAdd ---- */

static void test_add(void **state)
{
    struct credentials c;
    USE_INFO_3 *use;
    DWORD len;

    (void)state;
    assert_int_equal(add2(u"\\\\Server\\ipc$", u"EXAMPLE\\admin", NULL, u"secret"), NERR_Success);
    assert_int_equal(network.count, 1);
    assert_true(same(network.server, u"Server")); /* as it was written */
    assert_true(same(network.user, u"admin"));
    use = get(IPC, 3);
    assert_true(same(use->ui3_ui2.ui2_local, u""));
    assert_true(same(use->ui3_ui2.ui2_remote, u"\\\\Server\\ipc$"));
    assert_null(use->ui3_ui2.ui2_password);
    assert_int_equal(use->ui3_ui2.ui2_status, USE_OK);
    assert_int_equal(use->ui3_ui2.ui2_asg_type, USE_IPC);
    assert_int_equal(use->ui3_ui2.ui2_refcount, 0);
    assert_int_equal(use->ui3_ui2.ui2_usecount, 1);
    assert_true(same(use->ui3_ui2.ui2_username, u"admin"));
    assert_true(same(use->ui3_ui2.ui2_domainname, u"EXAMPLE"));
    assert_int_equal(use->ui3_flags, 0);
    assert_int_equal(NetApiBufferSize(use, &len), NERR_Success);
    assert_int_equal(len, sizeof(USE_INFO_3) + (1 + 14 + 6 + 8) * 2); /* one exact block */
    NetApiBufferFree(use);
    assert_int_equal(credentials_for(u"SERVER", &c).v, NERR_Success);
    assert_int_equal(c.source, CREDENTIALS_USE);
    assert_true(c.number == network.number); /* the connection that was tried serves the next call */
    credentials_release(&c);
}

static void test_default_credentials(void **state)
{
    USE_INFO_1 use1 = {.ui1_remote = IPC, .ui1_asg_type = USE_WILDCARD, .ui1_password = u""};
    USE_INFO_0 use0 = {.ui0_remote = IPC, .ui0_local = u""};
    struct credentials c;
    USE_INFO_3 *use;

    (void)state;
    assert_int_equal(NetUseAdd(u"", 0, (LPBYTE)&use0, NULL), NERR_Success);
    assert_int_equal(network.source, CREDENTIALS_TICKETS);
    assert_int_equal(NetUseAdd(u"localhost", 1, (LPBYTE)&use1, NULL), NERR_Success);
    assert_int_equal(add2(IPC, NULL, NULL, NULL), NERR_Success);
    use = get(IPC, 3);
    assert_int_equal(use->ui3_ui2.ui2_usecount, 3);
    assert_true(same(use->ui3_ui2.ui2_username, u"") && same(use->ui3_ui2.ui2_domainname, u""));
    assert_int_equal(use->ui3_flags, USE_DEFAULT_CREDENTIALS);
    NetApiBufferFree(use);
    assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
    assert_int_equal(c.source, CREDENTIALS_TICKETS);
    credentials_release(&c);
    /* they are the matter of this call, so what is wrong with them is too */
    setenv("NETMGMT_AUTH_FILE", "/nowhere", 1);
    use0.ui0_remote = u"\\\\other\\IPC$";
    assert_int_equal(NetUseAdd(NULL, 0, (LPBYTE)&use0, NULL), ERROR_OPEN_FAILED);
    assert_int_equal(add2(u"\\\\other\\IPC$", u"u", NULL, u"p"), NERR_Success);
}

static void test_anonymous(void **state)
{
    struct credentials c;

    (void)state;
    assert_int_equal(add2(IPC, u"", u"", u""), NERR_Success);
    assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
    assert_int_equal(c.source, CREDENTIALS_USE);
    assert_true(auth_credentials_anonymous(c.auth));
    credentials_release(&c);
    assert_int_equal(add2(IPC, NULL, NULL, NULL), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(add2(IPC, u"", NULL, NULL), NERR_Success);
}

static void test_refused_by_the_server(void **state)
{
    LPBYTE buffer = (LPBYTE)1;

    (void)state;
    network.answer = ERROR_LOGON_FAILURE;
    assert_int_equal(add2(IPC, u"u", NULL, u"wrong"), ERROR_LOGON_FAILURE);
    assert_int_equal(NetUseGetInfo(NULL, IPC, 0, &buffer), NERR_UseNotFound); /* nothing is kept */
    assert_null(buffer);
}

static void test_again(void **state)
{
    (void)state;
    assert_int_equal(add2(IPC, u"u", u"D", u"p"), NERR_Success);
    assert_int_equal(add2(u"\\\\SERVER\\Ipc$", u"D\\U", NULL, u"p"), NERR_Success);
    assert_int_equal(network.count, 1); /* known already */
    assert_int_equal(use_count(IPC), 2);
    assert_int_equal(add2(IPC, u"u", u"D", u"other"), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(add2(IPC, u"u", u"D", NULL), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(add2(IPC, u"v", u"D", u"p"), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(add2(IPC, u"u", NULL, u"p"), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(add2(IPC, u"", NULL, u""), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(use_count(IPC), 2);
}

static void add_meanwhile(void)
{
    network.meanwhile = NULL;
    assert_int_equal(add2(IPC, u"u", NULL, u"p"), NERR_Success);
}

/* Another thread was quicker: no second entry. */
static void test_race(void **state)
{
    (void)state;
    network.meanwhile = add_meanwhile;
    assert_int_equal(add2(IPC, u"u", NULL, u"p"), NERR_Success);
    assert_int_equal(use_count(IPC), 2);
    forget(NULL);
    network.meanwhile = add_meanwhile;
    assert_int_equal(add2(IPC, u"v", NULL, u"p"), ERROR_SESSION_CREDENTIAL_CONFLICT);
    assert_int_equal(use_count(IPC), 1);
}

static void test_flags(void **state)
{
    USE_INFO_3 use = {
        .ui3_ui2 = {.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_username = u"u", .ui2_password = u"p"},
        .ui3_flags = CREATE_NO_CONNECT | CREATE_BYPASS_CSC};
    struct credentials c;
    USE_INFO_3 *read;
    DWORD parm_err;

    (void)state;
    network.answer = ERROR_LOGON_FAILURE;
    assert_int_equal(NetUseAdd(NULL, 3, (LPBYTE)&use, &parm_err), NERR_Success);
    assert_int_equal(network.count, 0);
    read = get(IPC, 3);
    assert_int_equal(read->ui3_flags, CREATE_NO_CONNECT | CREATE_BYPASS_CSC);
    NetApiBufferFree(read);
    forget(NULL);
    use.ui3_flags = CREATE_REQUIRE_CONNECTION_PRIVACY;
    assert_int_equal(NetUseAdd(NULL, 3, (LPBYTE)&use, &parm_err), NERR_Success);
    assert_int_equal(network.encryption, NETMGMT_ENCRYPTION_REQUIRED);
    assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
    assert_int_equal(c.options.encryption, NETMGMT_ENCRYPTION_REQUIRED);
    assert_int_equal(c.options.protection, NETMGMT_PROTECTION_PRIVACY);
    credentials_release(&c);
    forget(NULL);
    use.ui3_flags = CREATE_REQUIRE_CONNECTION_INTEGRITY | CREATE_NO_CONNECT;
    assert_int_equal(NetUseAdd(NULL, 3, (LPBYTE)&use, &parm_err), NERR_Success);
    for (int protection = NETMGMT_PROTECTION_CONNECT; protection <= NETMGMT_PROTECTION_PRIVACY;
         protection++) {
        struct netmgmt_server_options options = {.size = sizeof(options), .protection = protection};

        if (netmgmt_set_server_options(u"server", &options) != NERR_Success)
            continue;
        assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
        assert_int_equal(c.options.protection, protection == NETMGMT_PROTECTION_CONNECT
                                                   ? NETMGMT_PROTECTION_INTEGRITY
                                                   : protection);
        credentials_release(&c);
    }
    assert_int_equal(netmgmt_set_server_options(u"server", NULL), NERR_Success);
    use.ui3_flags = 0x100;
    assert_int_equal(NetUseAdd(NULL, 3, (LPBYTE)&use, &parm_err), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm_err, USE_FLAGS_PARMNUM);
}

static WCHAR longest[400];

static void test_wrong_members(void **state)
{
    static const struct {
        USE_INFO_2 use;
        NET_API_STATUS status;
        DWORD parm_err;
    } rows[] = {
        {{.ui2_local = u"X:", .ui2_remote = IPC}, ERROR_INVALID_PARAMETER, USE_LOCAL_PARMNUM},
        {{.ui2_remote = NULL}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u""}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"server"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\server"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\server\\"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\\\IPC$"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\a b\\IPC$"}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = longest}, ERROR_INVALID_PARAMETER, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\server\\share"}, ERROR_NOT_SUPPORTED, USE_REMOTE_PARMNUM},
        {{.ui2_remote = u"\\\\server\\IPC$\\x"}, ERROR_NOT_SUPPORTED, USE_REMOTE_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_DISKDEV}, ERROR_BAD_DEV_TYPE, USE_ASGTYPE_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_SPOOLDEV}, ERROR_BAD_DEV_TYPE, USE_ASGTYPE_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_CHARDEV}, ERROR_BAD_DEV_TYPE, USE_ASGTYPE_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = 4}, ERROR_INVALID_PARAMETER, USE_ASGTYPE_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_password = u"p"},
         ERROR_INVALID_PARAMETER,
         USE_PASSWORD_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_username = u"u", .ui2_password = longest},
         ERROR_INVALID_PARAMETER,
         USE_PASSWORD_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_username = longest},
         ERROR_INVALID_PARAMETER,
         USE_USERNAME_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_username = u"EXAMPLE\\"},
         ERROR_INVALID_PARAMETER,
         USE_USERNAME_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_domainname = u"D"},
         ERROR_INVALID_PARAMETER,
         USE_DOMAINNAME_PARMNUM},
        {{.ui2_remote = IPC, .ui2_asg_type = USE_IPC, .ui2_username = u"u", .ui2_domainname = longest},
         ERROR_INVALID_PARAMETER,
         USE_DOMAINNAME_PARMNUM},
    };

    (void)state;
    for (size_t i = 0; i < 399; i++)
        longest[i] = i < 2 ? u'\\' : u'x';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        USE_INFO_2 use = rows[i].use;
        DWORD parm_err = 99;

        assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, &parm_err), rows[i].status);
        assert_int_equal(parm_err, rows[i].parm_err);
        assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, NULL), rows[i].status);
    }
    assert_int_equal(network.count, 0);
}

static void test_wrong_arguments(void **state)
{
    USE_INFO_2 use = {.ui2_remote = IPC, .ui2_asg_type = USE_IPC};
    LPBYTE buffer;
    DWORD parm_err = 99, read, total;

    (void)state;
    for (DWORD level = 4; level < 7; level++)
        assert_int_equal(NetUseAdd(NULL, level, (LPBYTE)&use, &parm_err), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUseAdd(NULL, USE_FLAG_GLOBAL_MAPPING | 2, (LPBYTE)&use, NULL), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUseAdd(NULL, 2, NULL, &parm_err), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm_err, PARM_ERROR_NONE);
    assert_int_equal(NetUseAdd(u"\\\\elsewhere", 2, (LPBYTE)&use, NULL), ERROR_NOT_SUPPORTED);
    assert_int_equal(NetUseAdd(u"\\", 2, (LPBYTE)&use, NULL), ERROR_INVALID_NAME);
    assert_int_equal(NetUseAdd(u"a b", 2, (LPBYTE)&use, NULL), NERR_InvalidComputer);

    assert_int_equal(NetUseDel(u"elsewhere", IPC, 0), ERROR_NOT_SUPPORTED);
    assert_int_equal(NetUseDel(NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUseDel(NULL, u"", 0), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUseDel(NULL, IPC, 3), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUseDel(NULL, IPC, 0), NERR_UseNotFound);
    assert_int_equal(NetUseDel(NULL, u"X:", 0), NERR_UseNotFound);
    assert_int_equal(NetUseDel(NULL, u"\\\\server", 0), NERR_UseNotFound);

    assert_int_equal(NetUseGetInfo(u"elsewhere", IPC, 0, &buffer), ERROR_NOT_SUPPORTED);
    assert_null(buffer);
    assert_int_equal(NetUseGetInfo(NULL, NULL, 0, &buffer), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUseGetInfo(NULL, u"", 0, &buffer), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUseGetInfo(NULL, IPC, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUseGetInfo(NULL, IPC, 4, &buffer), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUseGetInfo(NULL, u"X:", 0, &buffer), NERR_UseNotFound);

    /* api:NetUseEnum: BufPtr or EntriesRead NULL */
    assert_int_equal(NetUseEnum(NULL, 0, NULL, 100, &read, &total, NULL), ERROR_INVALID_PARAMETER);
    buffer = (LPBYTE)1;
    assert_int_equal(NetUseEnum(NULL, 0, &buffer, 100, NULL, &total, NULL), ERROR_INVALID_PARAMETER);
    assert_null(buffer);
    read = total = 9;
    assert_int_equal(NetUseEnum(NULL, 3, &buffer, 100, &read, &total, NULL), ERROR_INVALID_LEVEL);
    assert_true(read == 0 && total == 0);
    assert_int_equal(NetUseEnum(u"elsewhere", 0, &buffer, 100, &read, &total, NULL), ERROR_NOT_SUPPORTED);
}

/* ---- NetUseDel ---- */

static void test_delete(void **state)
{
    struct credentials c;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(add2(IPC, u"u", NULL, u"p"), NERR_Success);
    assert_int_equal(NetUseDel(NULL, u"\\\\SERVER\\ipc$", USE_NOFORCE), NERR_Success);
    assert_int_equal(NetUseDel(NULL, IPC, USE_FORCE), NERR_Success);
    assert_int_equal(use_count(IPC), 1);
    assert_int_equal(NetUseDel(NULL, IPC, USE_NOFORCE), NERR_Success);
    assert_int_equal(NetUseDel(NULL, IPC, USE_NOFORCE), NERR_UseNotFound);
    assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
    assert_int_equal(c.source, CREDENTIALS_TICKETS);
    credentials_release(&c);
    for (int i = 0; i < 3; i++)
        assert_int_equal(add2(IPC, u"u", NULL, u"p"), NERR_Success);
    assert_int_equal(NetUseDel(NULL, IPC, USE_LOTS_OF_FORCE), NERR_Success);
    assert_int_equal(NetUseDel(NULL, IPC, USE_LOTS_OF_FORCE), NERR_UseNotFound);
}

/* Credentials that a call holds outlive their entry. */
static void test_delete_in_use(void **state)
{
    struct credentials c;

    (void)state;
    assert_int_equal(add2(IPC, u"u", NULL, u"p"), NERR_Success);
    assert_int_equal(credentials_for(u"server", &c).v, NERR_Success);
    assert_int_equal(NetUseDel(NULL, IPC, USE_NOFORCE), NERR_Success);
    assert_true(same(auth_credentials_user(c.auth), u"u"));
    credentials_release(&c);
}

/* ---- NetUseEnum ---- */

#define MANY 40

static void add_many(void)
{
    WCHAR name[] = u"\\\\s00\\IPC$";

    for (int i = 0; i < MANY; i++) {
        name[3] = (WCHAR)(u'0' + i / 10);
        name[4] = (WCHAR)(u'0' + i % 10);
        assert_int_equal(add2(name, u"user", u"D", u"p"), NERR_Success);
    }
}

static void test_enum(void **state)
{
    USE_INFO_2 *uses;
    DWORD read = 9, total = 9, resume = 0, len;

    (void)state;
    assert_int_equal(NetUseEnum(NULL, 2, (LPBYTE *)&uses, MAX_PREFERRED_LENGTH, &read, &total, NULL),
                     NERR_Success);
    assert_null(uses);
    assert_true(read == 0 && total == 0);
    add_many();
    for (DWORD level = 0; level <= 2; level++) {
        static const size_t lens[] = {sizeof(USE_INFO_0), sizeof(USE_INFO_1), sizeof(USE_INFO_2)};
        size_t each = lens[level] + (1 + 11) * 2 + (level == 2 ? (5 + 2) * 2 : 0);

        assert_int_equal(
            NetUseEnum(NULL, level, (LPBYTE *)&uses, MAX_PREFERRED_LENGTH, &read, &total, &resume),
            NERR_Success);
        assert_true(read == MANY && total == MANY && resume == 0);
        assert_int_equal(NetApiBufferSize(uses, &len), NERR_Success);
        assert_int_equal(len, each * MANY);
        for (DWORD i = 0; i < read; i++) {
            USE_INFO_2 *use = (USE_INFO_2 *)(void *)((char *)uses + i * lens[level]);

            assert_int_equal(use->ui2_remote[3] * 10 + use->ui2_remote[4], u'0' * 11 + i); /* in order */
            if (level > 0)
                assert_null(use->ui2_password);
            if (level == 2)
                assert_true(same(use->ui2_username, u"user") && same(use->ui2_domainname, u"D"));
        }
        NetApiBufferFree(uses);
    }
    assert_int_equal(NetUseEnum(NULL, 0, (LPBYTE *)&uses, MAX_PREFERRED_LENGTH, &read, NULL, NULL),
                     NERR_Success);
    NetApiBufferFree(uses);
}

static void test_enum_in_parts(void **state)
{
    DWORD limits[] = {sizeof(USE_INFO_1) + 24, 200, 1000, 3 * (sizeof(USE_INFO_1) + 24)};

    (void)state;
    add_many();
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        DWORD resume = 0, seen = 0, read, total, len;
        NET_API_STATUS status;

        do {
            USE_INFO_1 *uses;

            status = NetUseEnum(NULL, 1, (LPBYTE *)&uses, limits[i], &read, &total, &resume);
            assert_true(status == ERROR_MORE_DATA || status == NERR_Success);
            assert_true(read > 0 && total == MANY - seen);
            assert_int_equal((status == ERROR_MORE_DATA), (read < total));
            assert_int_equal((status == ERROR_MORE_DATA), (resume != 0));
            assert_int_equal(NetApiBufferSize(uses, &len), NERR_Success);
            assert_true(len <= limits[i]);
            for (DWORD j = 0; j < read; j++, seen++)
                assert_int_equal(uses[j].ui1_remote[3] * 10 + uses[j].ui1_remote[4], u'0' * 11 + seen);
            NetApiBufferFree(uses);
        } while (status == ERROR_MORE_DATA);
        assert_int_equal(seen, MANY);
    }
}

static void test_enum_too_small(void **state)
{
    LPBYTE buffer = (LPBYTE)1;
    DWORD read = 9, total = 9, resume = 0;

    (void)state;
    add_many();
    for (DWORD limit = 0; limit < sizeof(USE_INFO_1) + 24; limit++) {
        assert_int_equal(NetUseEnum(NULL, 1, &buffer, limit, &read, &total, &resume), NERR_BufTooSmall);
        assert_null(buffer);
        assert_true(read == 0 && total == 0 && resume == 0);
    }
}

/* What goes and comes between two parts. */
static void test_enum_while_changing(void **state)
{
    DWORD resume = 0, read, total;
    USE_INFO_0 *uses;

    (void)state;
    add_many();
    assert_int_equal(NetUseEnum(NULL, 0, (LPBYTE *)&uses, 100, &read, &total, &resume), ERROR_MORE_DATA);
    assert_int_equal(read, 2);
    assert_int_equal(NetUseDel(NULL, uses[1].ui0_remote, 0), NERR_Success); /* the one to go on behind */
    NetApiBufferFree(uses);
    assert_int_equal(NetUseDel(NULL, u"\\\\s05\\IPC$", 0), NERR_Success);
    assert_int_equal(add2(u"\\\\s01\\IPC$", NULL, NULL, NULL), NERR_Success); /* now the last */
    assert_int_equal(NetUseEnum(NULL, 0, (LPBYTE *)&uses, MAX_PREFERRED_LENGTH, &read, &total, &resume),
                     NERR_Success);
    assert_int_equal(read, MANY - 2);
    assert_true(same(uses[0].ui0_remote, u"\\\\s02\\IPC$"));
    assert_true(same(uses[3].ui0_remote, u"\\\\s06\\IPC$"));
    assert_true(same(uses[read - 1].ui0_remote, u"\\\\s01\\IPC$"));
    NetApiBufferFree(uses);
}

/* ---- Threads ---- */

static void *use_and_list(void *argument)
{
    USE_INFO_2 use = {.ui2_remote = IPC,
                      .ui2_asg_type = USE_IPC,
                      .ui2_username = (uintptr_t)argument % 2 ? u"u" : u"v",
                      .ui2_password = u"p"};
    USE_INFO_3 no_connect = {.ui3_ui2 = use, .ui3_flags = CREATE_NO_CONNECT};
    bool failed = false;

    for (int i = 0; i < 200 && !failed; i++) {
        LPBYTE buffer = NULL;
        DWORD read;
        NET_API_STATUS status = NetUseAdd(NULL, 3, (LPBYTE)&no_connect, NULL);

        failed = status != NERR_Success && status != ERROR_SESSION_CREDENTIAL_CONFLICT;
        failed = failed || NetUseEnum(NULL, 2, &buffer, MAX_PREFERRED_LENGTH, &read, NULL, NULL) ||
                 read != (buffer != NULL);
        NetApiBufferFree(buffer);
        if (status == NERR_Success) { /* mine is there until I delete it */
            failed = failed || NetUseGetInfo(NULL, IPC, 2, &buffer) ||
                     ((USE_INFO_2 *)(void *)buffer)->ui2_username[0] != use.ui2_username[0] ||
                     NetApiBufferFree(buffer) || NetUseDel(NULL, IPC, USE_NOFORCE);
        }
    }
    return failed ? argument : NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[8];
    LPBYTE buffer;

    (void)state;
    for (uintptr_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_and_list, (void *)(i + 1)), 0);
    for (size_t i = 0; i < 8; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(NetUseGetInfo(NULL, IPC, 0, &buffer), NERR_UseNotFound); /* all was taken back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_add, forget),
        cmocka_unit_test_setup(test_default_credentials, forget),
        cmocka_unit_test_setup(test_anonymous, forget),
        cmocka_unit_test_setup(test_refused_by_the_server, forget),
        cmocka_unit_test_setup(test_again, forget),
        cmocka_unit_test_setup(test_race, forget),
        cmocka_unit_test_setup(test_flags, forget),
        cmocka_unit_test_setup(test_wrong_members, forget),
        cmocka_unit_test_setup(test_wrong_arguments, forget),
        cmocka_unit_test_setup(test_delete, forget),
        cmocka_unit_test_setup(test_delete_in_use, forget),
        cmocka_unit_test_setup(test_enum, forget),
        cmocka_unit_test_setup(test_enum_in_parts, forget),
        cmocka_unit_test_setup(test_enum_too_small, forget),
        cmocka_unit_test_setup(test_enum_while_changing, forget),
        cmocka_unit_test_setup(test_threads, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
