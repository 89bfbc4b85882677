/* SPDX-License-Identifier: MIT */
/*
 * netmgmt: manage accounts from the command line. Commands and options are tables; this file reads the
 * arguments against them and explains them.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define O(id) (1u << OPTION_##id)
#define HELP (O(HELP) | O(VERSION))
#define REMOTE                                                                                         \
    (O(SERVER) | O(USER) | O(AUTH_FILE) | O(PASSWORD_FD) | O(NT_HASH) | O(NO_PASSWORD) | O(KERBEROS) | \
     O(TRANSPORT) | O(ADDRESS) | O(PORT) | O(SMB) | O(SIGNING) | O(ENCRYPTION) | O(JOBS))
#define BASIC (HELP | O(LOCAL) | REMOTE)
#define ROWS (O(JSON) | O(RAW) | O(COLUMNS) | O(NO_HEADINGS))

static const struct {
    const char *name, *value, *help; /* value: NULL: takes none */
    char letter;                     /* 0: none */
} option_table[OPTION_COUNT] = {
    [OPTION_HELP] = {"help", NULL, "explain the command", 'h'},
    [OPTION_VERSION] = {"version", NULL, "print the version", 'V'},
    [OPTION_LOCAL] = {"local", "BINDING", "unix:PATH or embedded:PATH instead of the machine's accounts", 0},
    [OPTION_SERVER] = {"server", "SERVER", "a server, again for more; @FILE: one in a line, @-: from stdin",
                       'S'},
    [OPTION_USER] = {"user", "USER",
                     "[DOMAIN\\]USER or USER@REALM; \"\": anonymous. The password is asked for", 'U'},
    [OPTION_AUTH_FILE] = {"auth-file", "FILE",
                          "lines \"username = ...\", \"password = ...\", \"domain = ...\"", 'A'},
    [OPTION_PASSWORD_FD] = {"password-fd", "NUMBER",
                            "read the password from this descriptor, up to a newline", 0},
    [OPTION_NT_HASH] = {"nt-hash", NULL, "what is read as the password is its NT hash: 32 digits", 0},
    [OPTION_NO_PASSWORD] = {"no-pass", NULL, "do not ask for a password", 'N'},
    [OPTION_KERBEROS] = {"kerberos", "HOW", "desired (the default), required or off", 'k'},
    [OPTION_TRANSPORT] = {"transport", "HOW", "pipe or tcp; by default tcp where pipes are closed", 0},
    [OPTION_ADDRESS] = {"address", "ADDRESS", "where the server is, when its name does not tell", 0},
    [OPTION_PORT] = {"port", "NUMBER", "of SMB, or with --transport tcp of the service", 0},
    [OPTION_SMB] = {"smb", "RANGE", "dialects that may be spoken: 3.1.1, or 3.0-, or 2.1-3.0.2", 0},
    [OPTION_SIGNING] = {"signing", "LIST", "what may sign SMB: hmac-sha256,aes-cmac,aes-gmac", 0},
    [OPTION_ENCRYPTION] = {"encryption", "HOW",
                           "of SMB: offered (the default), required, off, or ciphers: aes-256-gcm,...", 0},
    [OPTION_JOBS] = {"jobs", "NUMBER", "how many servers are dealt with at once; by default 32", 'j'},
    [OPTION_JSON] = {"json", NULL, "JSON, for programs", 'J'},
    [OPTION_RAW] = {"raw", NULL, "columns separated by one blank, blanks inside as \\x20", 'r'},
    [OPTION_COLUMNS] = {"columns", "LIST", "what to show, in this order, separated by commas", 'o'},
    [OPTION_NO_HEADINGS] = {"no-headings", NULL, "no line of headings", 'n'},
    [OPTION_COMMENT] = {"comment", "TEXT", "the comment, at most 256 characters; \"\": none", 'c'},
    [OPTION_NAME] = {"name", "NAME", "the new name", 0},
    [OPTION_ATTRIBUTES] = {"attributes", "NUMBER", "SE_GROUP_ bits: 1 mandatory, 2 by default, 4 enabled", 0},
    [OPTION_KINDS] = {"kinds", "LIST", "normal (the default), workstation, server, trust, temporary, all", 0},
    [OPTION_STDIN] = {"stdin", NULL, "read names from the standard input too, one in a line", 0},
};

const struct command commands[] = {
    {"group", "list", "", "List the groups",
     "Columns: NAME, RID, SID, ATTRIBUTES, MEMBERS, COMMENT. By default RID,NAME,COMMENT.", BASIC | ROWS, 0,
     0, group_list},
    {"group", "show", "GROUP...", "Show all about groups",
     "Columns: NAME, RID, SID, ATTRIBUTES, MEMBERS, COMMENT. By default all.", BASIC | ROWS, 1, -1,
     group_show},
    {"group", "add", "NAME...", "Add groups",
     "\"-\" stands for --stdin. Those that cannot be added are reported; the others are added.",
     BASIC | O(COMMENT) | O(STDIN), 0, -1, group_add},
    {"group", "set", "GROUP", "Change a group's comment, attributes or name", NULL,
     BASIC | O(COMMENT) | O(NAME) | O(ATTRIBUTES), 1, 1, group_set},
    {"group", "delete", "GROUP...", "Delete groups",
     "Members do not stand in the way. \"-\" stands for --stdin.", BASIC | O(STDIN), 0, -1, group_delete},
    {"group", "members", "GROUP", "List the members of a group", "Columns: NAME, ATTRIBUTES.", BASIC | ROWS,
     1, 1, group_members},
    {"group", "add-member", "GROUP USER...", "Make users members of a group", NULL, BASIC | O(STDIN), 1, -1,
     group_add_member},
    {"group", "remove-member", "GROUP USER...", "Take users out of a group", NULL, BASIC | O(STDIN), 1, -1,
     group_remove_member},
    {"user", "list", "", "List the users",
     "Columns: NAME, RID, SID, FULL-NAME, COMMENT, FLAGS, PRIVILEGE, OPERATOR, LAST-LOGON, PASSWORD-SET, "
     "EXPIRES, HOME, SCRIPT, PROFILE, WORKSTATIONS. By default RID,NAME,FULL-NAME,COMMENT; these and FLAGS "
     "take least time.",
     BASIC | ROWS | O(KINDS), 0, 0, user_list},
    {"user", "show", "USER...", "Show all about users",
     "Columns: NAME, RID, SID, FULL-NAME, COMMENT, FLAGS, PRIVILEGE, OPERATOR, LAST-LOGON, PASSWORD-SET, "
     "EXPIRES, HOME, SCRIPT, PROFILE, WORKSTATIONS. "
     "By default NAME,RID,FULL-NAME,PRIVILEGE,FLAGS,LAST-LOGON,PASSWORD-SET,EXPIRES,COMMENT.",
     BASIC | ROWS, 1, -1, user_show},
    {NULL, "ping", "", "Show step by step how a server is reached, and where that stops",
     "Columns: STEP, TIME, STATUS, DETAIL. By default all; times in milliseconds.", BASIC | ROWS, 0, 0, ping},
    {NULL, "buffers", "", "Explain how to find buffers that a program forgets to free", NULL, HELP, 0, 0,
     buffers_explain},
    {0},
};

static void print_title(const struct command *c)
{
    printf("netmgmt %s%s%s%s%s", c->group ? c->group : "", c->group ? " " : "", c->name,
           *c->arguments ? " " : "", c->arguments);
}

static int help_all(const char *group)
{
    if (!group)
        puts("netmgmt: the Windows Network Management functions from the command line\n");
    puts("Usage:");
    for (const struct command *c = commands; c->name; c++) {
        char line[80];

        if (group && (!c->group || strcmp(c->group, group) != 0))
            continue;
        snprintf(line, sizeof(line), "%s%s%s%s%s", c->group ? c->group : "", c->group ? " " : "", c->name,
                 *c->arguments ? " " : "", c->arguments);
        printf("  netmgmt %-34s %s\n", line, c->summary);
    }
    puts("\n\"netmgmt COMMAND --help\" explains a command with its options; netmgmt(1) explains all.");
    return EXIT_OK;
}

static int help_command(const struct command *c)
{
    printf("Usage: ");
    print_title(c);
    printf(" [OPTION...]\n\n%s.\n", c->summary);
    if (c->details)
        puts(c->details);
    puts("\nOptions:");
    for (int i = 0; i < OPTION_COUNT; i++) {
        char text[40];

        if (!(c->options & 1u << i))
            continue;
        snprintf(text, sizeof(text), "%s%s%s", option_table[i].name, option_table[i].value ? " " : "",
                 option_table[i].value ? option_table[i].value : "");
        if (option_table[i].letter)
            printf("  -%c, --%-20s %s\n", option_table[i].letter, text, option_table[i].help);
        else
            printf("      --%-20s %s\n", text, option_table[i].help);
    }
    return EXIT_OK;
}

static int version(void)
{
    printf("netmgmt %s\n", netmgmt_version());
    return EXIT_OK;
}

static int usage_error(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int usage_error(const struct command *c, const char *format, ...)
{
    va_list arguments;

    fputs("netmgmt: ", stderr);
    va_start(arguments, format);
    message_print(stderr, format, arguments);
    va_end(arguments);
    if (c)
        fprintf(stderr, "; try \"netmgmt %s%s%s --help\"\n", c->group ? c->group : "", c->group ? " " : "",
                c->name);
    else
        fputs("; try \"netmgmt --help\"\n", stderr);
    return EXIT_USAGE;
}

/* The options of the command, for getopt_long; `val` is the id, 256 and up. */
static void option_tables(const struct command *c, char *letters, struct option *longs)
{
    int count = 0;

    *letters++ = ':';
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (!(c->options & 1u << i))
            continue;
        longs[count++] = (struct option){
            option_table[i].name, option_table[i].value ? required_argument : no_argument, NULL, 256 + i};
        if (option_table[i].letter) {
            *letters++ = option_table[i].letter;
            if (option_table[i].value)
                *letters++ = ':';
        }
    }
    *letters = '\0';
    longs[count] = (struct option){0};
}

static int option_by_letter(int letter)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].letter == letter)
            return i;
    return -1;
}

static int read_options(const struct command *c, int argc, char **argv, struct options *options)
{
    char letters[2 * OPTION_COUNT + 2];
    struct option longs[OPTION_COUNT + 1];
    int r;

    option_tables(c, letters, longs);
    opterr = 0;
    while ((r = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (r == ':')
            return usage_error(c, "\"%s\" needs a value", argv[optind - 1]);
        if (r == '?')
            return usage_error(c, "\"%s\" is not an option of this command", argv[optind - 1]);
        r = r >= 256 ? r - 256 : option_by_letter(r);
        options->given[r] = true;
        options->value[r] = optarg;
        if (r == OPTION_SERVER)
            options->servers[options->server_count++] = optarg;
    }
    return EXIT_OK;
}

/* The library is silent when it cannot write these. */
static void check_file(const char *variable)
{
    const char *path = getenv(variable);
    int fd;

    if (!path || !*path || strcmp(path, "-") == 0)
        return;
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0)
        complain("cannot write %s=%s: %s", variable, path, strerror(errno));
    else
        close(fd);
}

static bool is_local(const char *binding)
{
    return (strncmp(binding, "unix:", 5) == 0 && binding[5]) ||
           (strncmp(binding, "embedded:", 9) == 0 && binding[9]);
}

/* Where the library can only say that something is not valid, or takes what it has without. */
static bool check_environment(const struct options *options)
{
    const char *local = getenv("NETMGMT_LOCAL"), *seconds = getenv("NETMGMT_TIMEOUT");

    if (local && *local && !options->server_count && !is_local(local)) {
        complain("NETMGMT_LOCAL is unix:PATH or embedded:PATH, not \"%s\"", local);
        return false;
    }
    if (seconds && *seconds && (strspn(seconds, "0123456789") != strlen(seconds) || strlen(seconds) > 6)) {
        complain("NETMGMT_TIMEOUT is a number of seconds, not \"%s\"", seconds);
        return false;
    }
    check_file("NETMGMT_TRACE");
    check_file("NETMGMT_PCAP");
    return true;
}

static int run_with(const struct command *c, const struct options *options, int count, char **argv)
{
    if (options->given[OPTION_HELP])
        return help_command(c);
    if (options->given[OPTION_VERSION])
        return version();
    if (count < c->min_arguments || (c->max_arguments >= 0 && count > c->max_arguments))
        return usage_error(c, "%s",
                           count < c->min_arguments ? "an argument is missing" : "too many arguments");
    if (options->given[OPTION_LOCAL] && options->given[OPTION_SERVER])
        return usage_error(c, "--local and --server exclude each other");
    if (options->given[OPTION_LOCAL]) {
        const char *local = options->value[OPTION_LOCAL];

        if (!is_local(local))
            return usage_error(c, "--local is unix:PATH or embedded:PATH, not \"%s\"", local);
        if (setenv("NETMGMT_LOCAL", local, 1) != 0) {
            complain("out of memory");
            return EXIT_FAILED;
        }
    }
    return check_environment(options) ? jobs_run(c, options, count, argv) : EXIT_USAGE;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct options options = {.servers = must(calloc((size_t)argc, sizeof(*options.servers)))};
    int r = read_options(c, argc, argv, &options);

    if (!r)
        r = run_with(c, &options, argc - optind, argv + optind);
    free(options.servers);
    return r;
}

static bool is_group(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (c->group && strcmp(c->group, name) == 0)
            return true;
    return false;
}

/* What is opened later gets none of these numbers: a connection must not become the output because that was
 * closed. What was closed cannot be written, which shows. */
static void hold_standard_files(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static int run_command(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "--help", *second = argc > 2 ? argv[2] : NULL;

    if (argc < 2)
        return usage_error(NULL, "a command is missing");
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        return help_all(NULL);
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0)
        return version();
    for (const struct command *c = commands; c->name; c++) {
        if (!c->group && strcmp(c->name, first) == 0)
            return run(c, argc - 1, argv + 1);
        if (c->group && second && strcmp(c->group, first) == 0 && strcmp(c->name, second) == 0)
            return run(c, argc - 2, argv + 2);
    }
    if (!is_group(first))
        return usage_error(NULL, "there is no command \"%s\"", first);
    if (!second)
        return usage_error(NULL, "what to do with the %s is missing", first);
    if (strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0)
        return help_all(first);
    if (strcmp(second, "--version") == 0 || strcmp(second, "-V") == 0)
        return version();
    return usage_error(NULL, "there is no command \"%s %s\"", first, second);
}

int main(int argc, char **argv)
{
    int result;

    hold_standard_files();
    /* All text is UTF-8, in files and pipes too. What is of no locale but this: how wide a character is. */
    setlocale(LC_CTYPE, "C.UTF-8");
    result = run_command(argc, argv);
    if (fflush(stdout) || ferror(stdout)) {
        complain("cannot write the output");
        result = EXIT_FAILED;
    }
    return result;
}
