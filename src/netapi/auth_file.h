/* SPDX-License-Identifier: MIT */
/*
 * Files with credentials, in the form of Samba's tools: netmgmt.h, netmgmt_set_credentials_file().
 */
#ifndef NETAPI_AUTH_FILE_H
#define NETAPI_AUTH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "auth/auth.h"
#include "base/status.h"

#define AUTH_FILE_MAX_LEN ((size_t)64 * 1024)

/* name, NET_API_STATUS, what is wrong: follows "line N " when it is of a line, else the file's name */
#define AUTH_FILE_CONDITION_TABLE(X)                                                                \
    X(AUTH_FILE_E_OPEN, 110, "cannot be read")                                                      \
    X(AUTH_FILE_E_KIND, 110, "is not a regular file")                                               \
    X(AUTH_FILE_E_SHARED, 1350, "can be read or changed by others; chmod 600 it")                   \
    X(AUTH_FILE_E_LONG, 1749, "is longer than 64 KiB")                                              \
    X(AUTH_FILE_E_NO_USER, 1749, "names no user: a line \"username = NAME\" is missing")            \
    X(AUTH_FILE_E_CONTROL, 1749, "has a control character")                                         \
    X(AUTH_FILE_E_EQUALS, 1749, "has no '='")                                                       \
    X(AUTH_FILE_E_KEY, 1749, "begins with something else than username, password, domain or realm") \
    X(AUTH_FILE_E_TEXT, 1749, "has a value that is not UTF-8 or too long")

enum {
    AUTH_FILE_BEFORE_FIRST,
#define X(name, net, text) name,
    AUTH_FILE_CONDITION_TABLE(X)
#undef X
        AUTH_FILE_END
};

/* Where the trouble is. */
struct auth_file_problem {
    int condition; /* 0: none; or as returned */
    unsigned line; /* from 1; 0: the file as a whole */
    int error;     /* of AUTH_FILE_E_OPEN: errno */
};

/* Credentials from `len` bytes of text in memory of len + 1, which is written to and not wiped. 0, -ENOMEM,
 * or a condition that is also in `problem`. */
int auth_file_parse(char *text, size_t len, struct auth_credentials **out, struct auth_file_problem *problem);

/* From a file. `regular`: only a regular file, and never wait for it; else also what a shell puts in its
 * place. `st`: of the file that was read. */
int auth_file_read(const char *path, bool regular, struct auth_credentials **out, struct stat *st,
                   struct auth_file_problem *problem);

struct net_status auth_file_status(int result);
/* "line 3 has no '='", "cannot be read: No such file or directory"; "" when there is none. Cut to fit. */
void auth_file_text(const struct auth_file_problem *problem, char *text, size_t len);

#endif
