/* SPDX-License-Identifier: MIT */
/*
 * What the tests of credentials share: a folder with files of credentials, and a process that nobody has told
 * any. Include in one file of a program.
 */
#ifndef NETAPI_TEST_CREDENTIALS_H
#define NETAPI_TEST_CREDENTIALS_H

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

static inline int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/auth", folder);
    snprintf(other_path, sizeof(other_path), "%s/other", folder);
    setenv("KRB5CCNAME", "MEMORY:none", 1);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(other_path);
    return rmdir(folder);
}

/* Nothing said, nothing in the environment. */
static inline int forget(void **state)
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

static inline void write_file(const char *name, const char *text)
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

static inline NET_API_STATUS set_user(LPCWSTR server, const char *user)
{
    struct netmgmt_credentials c = {.size = sizeof(c), .user = user, .password = "secret"};

    return netmgmt_set_credentials(server, &c);
}

static inline void add_use(LPCWSTR user)
{
    USE_INFO_2 use = {.ui2_remote = SERVER u"\\IPC$",
                      .ui2_asg_type = USE_IPC,
                      .ui2_username = (LPWSTR)(uintptr_t)user,
                      .ui2_password = u"secret"};

    assert_int_equal(NetUseAdd(NULL, 2, (LPBYTE)&use, NULL), NERR_Success);
}

/* What a call to the server takes; returns the number. */
static inline uint64_t assert_takes(LPCWSTR server, LPCWSTR user, enum credentials_source source)
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

#define SET(...)             \
    netmgmt_set_credentials( \
        SERVER, &(struct netmgmt_credentials){.size = sizeof(struct netmgmt_credentials), __VA_ARGS__})

#define OPTIONS(server, ...)                                             \
    netmgmt_set_server_options(server, &(struct netmgmt_server_options){ \
                                           .size = sizeof(struct netmgmt_server_options), __VA_ARGS__})

#endif
