/* SPDX-License-Identifier: MIT */
/*
 * --set-password: a password from standard input into the database, for the first logon over the network.
 *
 * Invariant: the password is in no argument, not echoed, and wiped when it is done; it and the enabled
 * account are stored together or not at all. A daemon that has the database open sees it at once.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf16.h"
#include "daemon/daemon.h"

#define PASSWORD_MAX 256 /* UTF-16 units, as Windows has it */
#define LINE_LEN (PASSWORD_MAX * 4 + 4)

/* One line, without its end. False: logged. */
static bool read_line(const char *prompt, char line[LINE_LEN])
{
    struct termios before, silent;
    bool terminal = !tcgetattr(STDIN_FILENO, &before), good;
    sigset_t interrupts, unblocked;

    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTSTP);
    sigaddset(&interrupts, SIGTERM);
    if (terminal) {
        sigprocmask(SIG_BLOCK, &interrupts, &unblocked); /* the terminal gets its echo back first */
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        fputs(prompt, stderr);
    }
    good = fgets(line, LINE_LEN, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
        sigprocmask(SIG_SETMASK, &unblocked, NULL);
    }
    if (good)
        line[strcspn(line, "\r\n")] = '\0';
    if (!good || !*line)
        daemon_log(DAEMON_ERROR, "no password came on standard input");
    return good && *line;
}

static bool read_password(char line[LINE_LEN])
{
    char again[LINE_LEN];
    bool good;

    setvbuf(stdin, NULL, _IONBF, 0); /* no copies of it in a buffer */
    good = read_line("New password: ", line);
    if (!good || !isatty(STDIN_FILENO))
        return good;
    good = read_line("Again: ", again);
    if (good && strcmp(line, again) != 0) {
        daemon_log(DAEMON_ERROR, "the two are not the same");
        good = false;
    }
    explicit_bzero(again, sizeof(again));
    return good;
}

static struct nt_status store(struct sam *s, struct arena *arena, struct sam_text name,
                              const uint8_t hash[SAM_NT_HASH_LEN])
{
    struct sam_account account;
    struct sam_user user;
    struct nt_status status = sam_begin(s);

    if (nt_success(status))
        status = sam_lookup_name(s, SAM_ACCOUNT, name, arena, &account);
    if (nt_success(status) && account.kind != SAM_USER)
        status = NT(STATUS_NONE_MAPPED);
    if (nt_success(status))
        status = sam_user_get(s, account.rid, arena, &user);
    if (nt_success(status))
        status = sam_user_set_password(s, account.rid, hash);
    if (nt_success(status))
        status = sam_user_set_control(s, account.rid,
                                      user.control & ~(SAM_USER_DISABLED | SAM_USER_PASSWORD_NOT_REQUIRED));
    if (nt_success(status))
        return sam_commit(s);
    sam_rollback(s);
    return status;
}

static int set_password(const struct daemon_options *o, const char *user, const uint8_t hash[SAM_NT_HASH_LEN],
                        struct arena *arena)
{
    struct sam_text name = {0};
    struct nt_status status;
    const char *reason;
    struct sam *s;

    name.chars = utf16_from_utf8(arena, user, strlen(user), &name.count, NULL);
    status = sam_open(&s, o->database, o->create);
    if (!nt_success(status)) {
        daemon_log_database(o->database, status);
        return 1;
    }
    status = name.chars ? store(s, arena, name, hash) : NT(STATUS_NONE_MAPPED);
    sam_close(s);
    if (nt_success(status))
        return printf("The password of \"%s\" is set, and the account is enabled.\n", user) < 0;
    reason = nt_is(status, NT_STATUS_NONE_MAPPED) ? "there is no such user" : nt_status_name(status);
    daemon_log(DAEMON_ERROR, "cannot set the password of \"%s\": %s", user,
               reason ? reason : "unknown status");
    return 1;
}

int daemon_set_password(const struct daemon_options *o, const char *user)
{
    uint8_t hash[SAM_NT_HASH_LEN];
    char line[LINE_LEN];
    struct arena arena;
    uint16_t *password;
    size_t chars = 0;
    int status = 1;

    if (!read_password(line)) {
        explicit_bzero(line, sizeof(line));
        return 1;
    }
    arena_init(&arena, (size_t)1 << 20);
    password = utf16_from_utf8(&arena, line, strlen(line), &chars, NULL);
    explicit_bzero(line, sizeof(line));
    if (!password || chars > PASSWORD_MAX) {
        daemon_log(DAEMON_ERROR, "the password is not valid UTF-8, or longer than %d", PASSWORD_MAX);
    } else {
        auth_nt_hash(password, chars, hash);
        status = set_password(o, user, hash, &arena);
        explicit_bzero(hash, sizeof(hash));
    }
    arena_wipe(&arena); /* of a text that is not valid there may be a part */
    arena_deinit(&arena);
    return status;
}
