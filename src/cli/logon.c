/* SPDX-License-Identifier: MIT */
/*
 * Who one is for the servers, and how they are spoken to, from the options to netmgmt.h. Secrets are never
 * arguments, which every user of the machine can read: they come from the terminal, a descriptor or a file.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_LEN 1024
#define HASH_LEN 16
#define INTERRUPT 3 /* control and C */

enum line { LINE_READ, LINE_NONE, LINE_LONG };

/* A line from `fd`, without its end; nothing of it is cut, for a part of a password is a wrong one. */
static enum line read_line(int fd, char *line, size_t len)
{
    size_t at = 0;
    char c = 0;
    ssize_t n;

    while ((n = read(fd, &c, 1)) == 1 && c != '\n' && c != INTERRUPT) {
        if (at + 1 == len)
            return LINE_LONG;
        line[at++] = c;
    }
    if (at && line[at - 1] == '\r')
        at--;
    line[at] = '\0';
    return c != INTERRUPT && n >= 0 && (n == 1 || at) ? LINE_READ : LINE_NONE;
}

static int complain_long(const char *what)
{
    complain("the %s is longer than %d bytes", what, SECRET_LEN - 1);
    return EXIT_FAILED;
}

static int ask(const char *user, const char *what, char *secret)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios before, silent;
    enum line got;

    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        complain("there is no terminal to ask for the %s of \"%s\"; give --password-fd, --auth-file or -N",
                 what, user);
        if (fd >= 0)
            close(fd);
        return EXIT_USAGE;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG); /* an interrupt must not leave the terminal silent */
    silent.c_cc[VEOL] = INTERRUPT;              /* it ends the line instead */
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0) {
        complain("the terminal cannot be silenced for the %s: %s", what, strerror(errno));
        close(fd);
        return EXIT_FAILED;
    }
    dprintf(fd, "The %s of %s: ", what, user);
    got = read_line(fd, secret, SECRET_LEN);
    tcsetattr(fd, TCSAFLUSH, &before);
    dprintf(fd, "\n");
    close(fd);
    if (got == LINE_LONG)
        return complain_long(what);
    if (got == LINE_NONE)
        complain("no %s was given", what);
    return got == LINE_READ ? EXIT_OK : EXIT_FAILED;
}

static int read_fd(const char *number, char *secret)
{
    char *end;
    unsigned long fd = strtoul(number, &end, 10);
    enum line got;

    if (*number < '0' || *number > '9' || *end || fd > INT32_MAX) {
        complain("--password-fd is the number of an open descriptor, not \"%s\"", number);
        return EXIT_USAGE;
    }
    got = read_line((int)fd, secret, SECRET_LEN);
    if (got == LINE_READ)
        return EXIT_OK;
    if (got == LINE_LONG)
        return complain_long("password");
    complain("no password can be read from descriptor %lu", fd);
    return EXIT_FAILED;
}

static bool read_hash(const char *text, unsigned char hash[HASH_LEN])
{
    for (size_t i = 0; i < HASH_LEN; i++) {
        char digits[3] = {text[0], text[0] ? text[1] : '\0', '\0'}, *end;

        hash[i] = (unsigned char)strtoul(digits, &end, 16);
        if (strspn(digits, "0123456789abcdefABCDEF") != 2 || *end)
            return false;
        text += 2;
    }
    return !*text;
}

static int read_word(const struct options *options, enum option_id id, const char *name, const char *words,
                     int *value)
{
    const char *text = options->value[id];
    size_t len;

    *value = 0;
    if (!options->given[id])
        return EXIT_OK;
    len = strlen(text);
    for (const char *at = words; *at; at += strcspn(at, " ") + (strchr(at, ' ') != NULL), ++*value)
        if (strcspn(at, " ") == len && strncmp(at, text, len) == 0)
            return EXIT_OK;
    complain("%s is one of %s, not \"%s\"", name, words, text);
    return EXIT_USAGE;
}

static int set_user(const struct options *options, int kerberos, char *secret)
{
    struct netmgmt_credentials c = {
        .size = sizeof(c), .user = options->value[OPTION_USER], .kerberos = kerberos};
    unsigned char hash[HASH_LEN];
    bool hashed = options->given[OPTION_NT_HASH];
    NET_API_STATUS status;
    int result = EXIT_OK;

    if (options->given[OPTION_PASSWORD_FD])
        result = read_fd(options->value[OPTION_PASSWORD_FD], secret);
    else if (c.user && *c.user && !options->given[OPTION_NO_PASSWORD])
        result = ask(c.user, hashed ? "NT hash" : "password", secret);
    else
        secret = NULL;
    if (result)
        return result;
    if (hashed && secret && !read_hash(secret, hash)) {
        complain("an NT hash has 32 hexadecimal digits");
        return EXIT_USAGE;
    }
    c.nt_hash = hashed && secret ? hash : NULL;
    c.password = hashed ? NULL : secret;
    status = netmgmt_set_credentials(NULL, &c);
    explicit_bzero(hash, sizeof(hash));
    return status ? complain_status(status, "use these credentials") : EXIT_OK;
}

static int set_file(const char *path, int kerberos)
{
    char problem[256];
    NET_API_STATUS status = netmgmt_set_credentials_file(NULL, path, kerberos, problem, sizeof(problem));

    return status ? complain_status(status, "use \"%s\"%s%s", path, *problem ? ": " : "", problem) : EXIT_OK;
}

static int set_credentials(const struct options *options)
{
    const char *path = options->value[OPTION_AUTH_FILE];
    char secret[SECRET_LEN];
    int kerberos, result;

    result = read_word(options, OPTION_KERBEROS, "-k", "desired required off", &kerberos);
    if (result)
        return result;
    if (!path && !options->given[OPTION_USER] && !options->given[OPTION_KERBEROS])
        return EXIT_OK; /* the environment says */
    if (!path && !options->given[OPTION_USER])
        path = getenv("NETMGMT_AUTH_FILE"); /* all but how */
    if (path && (*path || options->given[OPTION_AUTH_FILE]))
        return set_file(path, kerberos);
    result = set_user(options, kerberos, secret);
    explicit_bzero(secret, sizeof(secret));
    return result;
}

struct word {
    const char *name;
    unsigned value;
};
static const struct word dialects[] = {{"2.0.2", NETMGMT_SMB_2_0_2}, {"2.1", NETMGMT_SMB_2_1},
                                       {"3.0", NETMGMT_SMB_3_0},     {"3.0.2", NETMGMT_SMB_3_0_2},
                                       {"3.1.1", NETMGMT_SMB_3_1_1}, {NULL, 0}};
static const struct word signings[] = {{"hmac-sha256", NETMGMT_SIGNING_HMAC_SHA256},
                                       {"aes-cmac", NETMGMT_SIGNING_AES_CMAC},
                                       {"aes-gmac", NETMGMT_SIGNING_AES_GMAC},
                                       {NULL, 0}};
static const struct word ciphers[] = {{"aes-128-ccm", NETMGMT_CIPHER_AES128_CCM},
                                      {"aes-128-gcm", NETMGMT_CIPHER_AES128_GCM},
                                      {"aes-256-ccm", NETMGMT_CIPHER_AES256_CCM},
                                      {"aes-256-gcm", NETMGMT_CIPHER_AES256_GCM},
                                      {NULL, 0}};

/* 0: there is no such word. */
static unsigned find_word(const struct word *words, const char *text, size_t len)
{
    for (; words->name; words++)
        if (strlen(words->name) == len && strncasecmp(words->name, text, len) == 0)
            return words->value;
    return 0;
}

/* Words separated by commas; 0: one of them is not known. */
static unsigned read_set(const struct word *words, const char *text)
{
    unsigned set = 0;

    for (;; text++) {
        size_t len = strcspn(text, ",");
        unsigned value = find_word(words, text, len);

        set |= value;
        text += len;
        if (!value || !*text)
            return value ? set : 0;
    }
}

static bool read_range(const char *text, struct netmgmt_server_options *o)
{
    size_t len = strcspn(text, "-");
    const char *end = text[len] ? text + len + 1 : text;

    if (len)
        o->smb_min = find_word(dialects, text, len);
    if (*end)
        o->smb_max = find_word(dialects, end, strlen(end));
    return (o->smb_min || !len) && (o->smb_max || !*end) && (len || *end);
}

static int set_smb(const struct options *options, struct netmgmt_server_options *o)
{
    static const struct word words[] = {{"offered", NETMGMT_ENCRYPTION_OFFERED},
                                        {"required", NETMGMT_ENCRYPTION_REQUIRED},
                                        {"off", NETMGMT_ENCRYPTION_OFF},
                                        {NULL, 0}};
    const char *range = options->value[OPTION_SMB], *signing = options->value[OPTION_SIGNING],
               *encryption = options->value[OPTION_ENCRYPTION];

    if ((range || signing || encryption) && o->transport == NETMGMT_TRANSPORT_TCP) {
        complain("--smb, --signing and --encryption are of SMB, which --transport tcp does without");
        return EXIT_USAGE;
    }
    if (range && !read_range(range, o)) {
        complain("--smb is a dialect or a range such as 3.0- or 2.1-3.0.2, of 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1; "
                 "not \"%s\"",
                 range);
        return EXIT_USAGE;
    }
    if (signing && !(o->signing = read_set(signings, signing))) {
        complain(
            "--signing is a list of hmac-sha256, aes-cmac, aes-gmac, with commas between them; not \"%s\"",
            signing);
        return EXIT_USAGE;
    }
    if (encryption)
        o->encryption = (int)find_word(words, encryption, strlen(encryption));
    if (encryption && !o->encryption && !(o->ciphers = read_set(ciphers, encryption))) {
        complain(
            "--encryption is offered, required, off, or a list of aes-128-ccm, aes-128-gcm, aes-256-ccm, "
            "aes-256-gcm, with commas between them; not \"%s\"",
            encryption);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int set_port(const char *port, struct netmgmt_server_options *o)
{
    char *end = "";

    if (port)
        o->port = (unsigned)strtoul(port, &end, 10);
    if (port && (*port < '1' || *port > '9' || *end || o->port > UINT16_MAX)) {
        complain("--port is a number from 1 to 65535, not \"%s\"", port);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int set_options(const struct options *options, const struct servers *servers)
{
    struct netmgmt_server_options o = {.size = sizeof(o), .address = options->value[OPTION_ADDRESS]};
    WCHAR *server = NULL;
    NET_API_STATUS status;

    if (read_word(options, OPTION_TRANSPORT, "--transport", "pipe tcp", &o.transport))
        return EXIT_USAGE;
    if (options->given[OPTION_TRANSPORT])
        o.transport += NETMGMT_TRANSPORT_PIPE;
    if (set_port(options->value[OPTION_PORT], &o) || set_smb(options, &o))
        return EXIT_USAGE;
    if (o.address && !*o.address) {
        complain("--address is a name or an address, not \"\"");
        return EXIT_USAGE;
    }
    if (o.address && servers->count != 1) {
        complain("--address goes with one server");
        return EXIT_USAGE;
    }
    if (servers->count == 1 && !(server = text_to_wide(servers->names[0])))
        return EXIT_USAGE;
    status = netmgmt_set_server_options(server, &o);
    free(server);
    if (status == ERROR_INVALID_PARAMETER && (o.smb_min || o.smb_max || o.signing || o.ciphers)) {
        complain("there is no SMB dialect with all that --smb, --signing and --encryption ask for");
        return EXIT_USAGE;
    }
    return status ? complain_status(status, "use server \"%s\"", servers->count ? servers->names[0] : "")
                  : EXIT_OK;
}

int logon_prepare(const struct options *options, const struct servers *servers)
{
    static const enum option_id remote[] = {OPTION_USER,    OPTION_AUTH_FILE,  OPTION_PASSWORD_FD,
                                            OPTION_NT_HASH, OPTION_KERBEROS,   OPTION_TRANSPORT,
                                            OPTION_ADDRESS, OPTION_PORT,       OPTION_SMB,
                                            OPTION_SIGNING, OPTION_ENCRYPTION, OPTION_JOBS};
    int result;

    /* -N goes without a server too: scripts need not know */
    for (size_t i = 0; !servers->count && i < sizeof(remote) / sizeof(remote[0]); i++)
        if (options->given[remote[i]]) {
            complain("name the server: -S SERVER");
            return EXIT_USAGE;
        }
    if (!servers->count)
        return EXIT_OK;
    if (options->given[OPTION_AUTH_FILE] && options->given[OPTION_USER]) {
        complain("--auth-file and --user exclude each other");
        return EXIT_USAGE;
    }
    if ((options->given[OPTION_PASSWORD_FD] || options->given[OPTION_NT_HASH]) &&
        !options->given[OPTION_USER]) {
        complain("a password or a hash goes with --user");
        return EXIT_USAGE;
    }
    result = set_credentials(options);
    return result ? result : set_options(options, servers);
}
