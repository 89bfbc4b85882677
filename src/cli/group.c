/* SPDX-License-Identifier: MIT */
/*
 * `netmgmt group ...`: one function for each command.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_LEN (1024 * 1024)

enum { COLUMN_NAME, COLUMN_RID, COLUMN_SID, COLUMN_ATTRIBUTES, COLUMN_MEMBERS, COLUMN_COMMENT };

static const struct column group_columns[] = {
    [COLUMN_NAME] = {"NAME", "name of the group", 0.2, 0, false},
    [COLUMN_RID] = {"RID", "relative identifier", 4, SCOLS_FL_RIGHT, true},
    [COLUMN_SID] = {"SID", "security identifier", 20, 0, false},
    [COLUMN_ATTRIBUTES] = {"ATTRIBUTES", "SE_GROUP_ bits", 0.1, 0, false},
    [COLUMN_MEMBERS] = {"MEMBERS", "how many users are members", 4, SCOLS_FL_RIGHT, true},
    [COLUMN_COMMENT] = {"COMMENT", "comment", 0.4, SCOLS_FL_TRUNC, false},
    {0},
};

static const struct column member_columns[] = {
    {"NAME", "name of the user", 0.3, 0, false},
    {"ATTRIBUTES", "SE_GROUP_ bits of the membership", 0.3, 0, false},
    {0},
};

/* Values as text, to be freed */

static char *attributes_text(DWORD attributes)
{
    static const struct {
        DWORD bit;
        const char *name;
    } bits[] = {{SE_GROUP_MANDATORY, "mandatory"},
                {SE_GROUP_ENABLED_BY_DEFAULT, "default"},
                {SE_GROUP_ENABLED, "enabled"}};
    char text[64] = "";
    size_t len = 0;

    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        if (attributes & bits[i].bit) {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? "," : "", bits[i].name);
            attributes &= ~bits[i].bit;
        }
    if (attributes || !len)
        snprintf(text + len, sizeof(text) - len, "%s0x%x", len ? "," : "", attributes);
    return must(strdup(text));
}

/* Rows */

static DWORD sid_rid(const void *sid)
{
    const SID *s = sid;

    return s->SubAuthorityCount ? s->SubAuthority[s->SubAuthorityCount - 1] : 0;
}

static void add_row(struct table *t, const GROUP_INFO_3 *info, char *members)
{
    struct libscols_line *line = table_line(t);

    table_set(t, line, COLUMN_NAME, text_from_wide(info->grpi3_name));
    table_set(t, line, COLUMN_COMMENT, text_from_wide(info->grpi3_comment));
    table_set(t, line, COLUMN_RID, number_text(sid_rid(info->grpi3_group_sid)));
    table_set(t, line, COLUMN_ATTRIBUTES, attributes_text(info->grpi3_attributes));
    table_set(t, line, COLUMN_SID, sid_text(info->grpi3_group_sid));
    table_set(t, line, COLUMN_MEMBERS, members);
}

/* The number of a group's members, as text. */
static NET_API_STATUS count_members(const struct job *job, const WCHAR *name, char **text)
{
    LPBYTE buffer;
    DWORD read, total;
    NET_API_STATUS status =
        NetGroupGetUsers(job->server, name, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);

    NetApiBufferFree(buffer);
    *text = status ? NULL : number_text(read);
    return status;
}

int group_list(struct job *job, int argc, char **argv)
{
    struct progress progress;
    struct table table;
    DWORD_PTR resume = 0;
    DWORD read, total;
    size_t done = 0;
    LPBYTE buffer;
    NET_API_STATUS status;

    (void)argc;
    (void)argv;
    if (!table_init(&table, job, "groups", group_columns, "RID,NAME,COMMENT"))
        return EXIT_USAGE;
    progress_init(&progress, job, "groups");
    do {
        status = NetGroupEnum(job->server, 3, &buffer, PAGE_LEN, &read, &total, &resume);
        for (DWORD i = 0; i < read && (status == NERR_Success || status == ERROR_MORE_DATA); i++) {
            const GROUP_INFO_3 *info = (GROUP_INFO_3 *)buffer + i;
            char *members = NULL;

            if (table_shows(&table, COLUMN_MEMBERS)) {
                NET_API_STATUS counted = count_members(job, info->grpi3_name, &members);

                if (counted && counted != NERR_GroupNotFound) /* deleted since it was listed */
                    status = counted;
            }
            add_row(&table, info, members);
        }
        NetApiBufferFree(buffer);
        progress_end(&progress); /* rows, perhaps */
        table_flush(&table);
        progress_step(&progress, done + read, done + total);
        done += read;
    } while (status == ERROR_MORE_DATA);
    progress_end(&progress);
    if (status == NERR_Success)
        return table_finish(&table);
    table_abandon(&table);
    return complain_status(status, "list the groups");
}

static int show_one(const struct job *job, struct table *table, const char *name)
{
    WCHAR *wide = text_to_wide(name);
    LPBYTE buffer = NULL;
    char *members = NULL;
    NET_API_STATUS status;

    if (!wide)
        return EXIT_FAILED;
    status = NetGroupGetInfo(job->server, wide, 3, &buffer);
    if (!status && table_shows(table, COLUMN_MEMBERS))
        status = count_members(job, wide, &members);
    if (!status)
        add_row(table, (GROUP_INFO_3 *)buffer, members);
    NetApiBufferFree(buffer);
    free(wide);
    return status ? complain_status(status, "show group \"%s\"", name) : EXIT_OK;
}

int group_show(struct job *job, int argc, char **argv)
{
    return table_of_named(job, "groups", group_columns, "NAME,RID,SID,ATTRIBUTES,MEMBERS,COMMENT", show_one,
                          argc, argv);
}

/* Doing the same with many names, from the arguments and from the standard input */

struct each {
    const struct job *job;
    const WCHAR *group, *comment;
    const char *what; /* of complaints: "add group" */
    NET_API_STATUS (*act)(const struct each *each, const WCHAR *name);
    struct progress progress;
    size_t done, total;
    int result;
};

static void each_name(struct each *each, const char *name)
{
    WCHAR *wide = text_to_wide(name);
    NET_API_STATUS status = NERR_Success;

    if (wide)
        status = each->act(each, wide);
    if (!wide || status)
        each->result = EXIT_FAILED;
    if (status) {
        progress_end(&each->progress);
        complain_status(status, "%s \"%s\"", each->what, name);
    }
    free(wide);
    progress_step(&each->progress, ++each->done, each->total);
}

/* As they come, when there is but one server. */
static void each_line(struct each *each)
{
    struct lines lines = {0};
    const char *name;

    each->total = 0;
    while ((name = lines_next(&lines)))
        each_name(each, name);
    if (lines.failed)
        each->result = EXIT_FAILED;
    lines_end(&lines);
}

static int each_run(struct each *each, const struct job *job, int argc, char **argv)
{
    const struct names *names = job->names;
    bool lines = job->options->given[OPTION_STDIN];

    each->total = (size_t)argc + (names ? names->count : 0);
    progress_init(&each->progress, job, each->what);
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "-") == 0)
            lines = true;
        else
            each_name(each, argv[i]);
    }
    for (size_t i = 0; names && i < names->count; i++)
        each_name(each, names->text[i]);
    if (lines && !names)
        each_line(each);
    progress_end(&each->progress);
    return each->result;
}

static int need_names(const struct job *job, int argc)
{
    if (argc || job->options->given[OPTION_STDIN])
        return EXIT_OK;
    complain("no name is given; name something, or give --stdin");
    return EXIT_USAGE;
}

static NET_API_STATUS act_add(const struct each *each, const WCHAR *name)
{
    GROUP_INFO_1 info = {(LPWSTR)name, (LPWSTR)each->comment};

    return NetGroupAdd(each->job->server, 1, (LPBYTE)&info, NULL);
}

int group_add(struct job *job, int argc, char **argv)
{
    struct each each = {.job = job, .what = "add group", .act = act_add};
    WCHAR *comment = NULL;
    int result = need_names(job, argc);

    if (result)
        return result;
    if (job->options->given[OPTION_COMMENT] && !(comment = text_to_wide(job->options->value[OPTION_COMMENT])))
        return EXIT_FAILED;
    each.comment = comment;
    result = each_run(&each, job, argc, argv);
    free(comment);
    return result;
}

static NET_API_STATUS act_delete(const struct each *each, const WCHAR *name)
{
    return NetGroupDel(each->job->server, name);
}

int group_delete(struct job *job, int argc, char **argv)
{
    struct each each = {.job = job, .what = "delete group", .act = act_delete};
    int result = need_names(job, argc);

    return result ? result : each_run(&each, job, argc, argv);
}

static NET_API_STATUS act_add_member(const struct each *each, const WCHAR *name)
{
    return NetGroupAddUser(each->job->server, each->group, name);
}

static NET_API_STATUS act_remove_member(const struct each *each, const WCHAR *name)
{
    return NetGroupDelUser(each->job->server, each->group, name);
}

static int change_members(struct each *each, const struct job *job, int argc, char **argv)
{
    int result = need_names(job, argc - 1);
    WCHAR *group;

    if (result)
        return result;
    group = text_to_wide(argv[0]);
    if (!group)
        return EXIT_FAILED;
    each->group = group;
    result = each_run(each, job, argc - 1, argv + 1);
    free(group);
    return result;
}

int group_add_member(struct job *job, int argc, char **argv)
{
    struct each each = {.job = job, .what = "add member", .act = act_add_member};

    return change_members(&each, job, argc, argv);
}

int group_remove_member(struct job *job, int argc, char **argv)
{
    struct each each = {.job = job, .what = "remove member", .act = act_remove_member};

    return change_members(&each, job, argc, argv);
}

int group_members(struct job *job, int argc, char **argv)
{
    WCHAR *group = text_to_wide(argv[0]);
    struct table table;
    DWORD_PTR resume = 0;
    DWORD read, total;
    LPBYTE buffer;
    NET_API_STATUS status;

    (void)argc;
    if (!group)
        return EXIT_FAILED;
    if (!table_init(&table, job, "members", member_columns, "NAME,ATTRIBUTES")) {
        free(group);
        return EXIT_USAGE;
    }
    do {
        status = NetGroupGetUsers(job->server, group, 1, &buffer, PAGE_LEN, &read, &total, &resume);
        for (DWORD i = 0; i < read; i++) {
            const GROUP_USERS_INFO_1 *info = (GROUP_USERS_INFO_1 *)buffer + i;
            struct libscols_line *line = table_line(&table);

            table_set(&table, line, 0, text_from_wide(info->grui1_name));
            table_set(&table, line, 1, attributes_text(info->grui1_attributes));
        }
        NetApiBufferFree(buffer);
        table_flush(&table);
    } while (status == ERROR_MORE_DATA);
    free(group);
    if (!status)
        return table_finish(&table);
    table_abandon(&table);
    return complain_status(status, "list the members of group \"%s\"", argv[0]);
}

static NET_API_STATUS set_one(const struct job *job, const WCHAR *group, DWORD level, void *info)
{
    return NetGroupSetInfo(job->server, group, level, info, NULL);
}

/* Each is one change of its own; the new name last, so that the old one serves for all. A failure leaves what
 * was changed before it: that is said. */
static int set_all(const struct job *job, const char *given, const WCHAR *group, const WCHAR *comment,
                   const WCHAR *name, DWORD attributes)
{
    GROUP_INFO_1002 info1002 = {(LPWSTR)comment};
    GROUP_INFO_1005 info1005 = {attributes};
    GROUP_INFO_0 info0 = {(LPWSTR)name};
    const char *what = "comment", *changed = "";
    NET_API_STATUS status = comment ? set_one(job, group, 1002, &info1002) : NERR_Success;

    if (!status && job->options->given[OPTION_ATTRIBUTES]) {
        what = "attributes";
        changed = comment ? " (its comment has been changed)" : "";
        status = set_one(job, group, 1005, &info1005);
    }
    if (!status && name) {
        bool also = job->options->given[OPTION_ATTRIBUTES];

        what = "name";
        changed = comment && also ? " (its comment and attributes have been changed)"
                  : comment       ? " (its comment has been changed)"
                  : also          ? " (its attributes have been changed)"
                                  : "";
        status = set_one(job, group, 0, &info0);
    }
    return status ? complain_status(status, "change the %s of group \"%s\"%s", what, given, changed)
                  : EXIT_OK;
}

/* False: said why on stderr. */
static bool read_attributes(const struct options *options, DWORD *attributes)
{
    const char *text = options->value[OPTION_ATTRIBUTES];
    unsigned long value;
    char *end;

    *attributes = 0;
    if (!options->given[OPTION_ATTRIBUTES])
        return true;
    errno = 0;
    value = strtoul(text, &end, 0);
    *attributes = (DWORD)value;
    if (*text >= '0' && *text <= '9' && !*end && !errno && value <= UINT32_MAX)
        return true;
    complain("--attributes is a number of SE_GROUP_ bits, not \"%s\"", text);
    return false;
}

int group_set(struct job *job, int argc, char **argv)
{
    const struct options *options = job->options;
    const char *texts[3] = {argv[0], options->value[OPTION_COMMENT], options->value[OPTION_NAME]};
    WCHAR *wide[3] = {NULL};
    DWORD attributes;
    int result = EXIT_OK;

    (void)argc;
    if (!options->given[OPTION_COMMENT] && !options->given[OPTION_NAME] &&
        !options->given[OPTION_ATTRIBUTES]) {
        complain("nothing to set: give --comment, --attributes or --name");
        return EXIT_USAGE;
    }
    if (!read_attributes(options, &attributes))
        return EXIT_USAGE;
    for (int i = 0; i < 3 && !result; i++)
        if (texts[i] && !(wide[i] = text_to_wide(texts[i])))
            result = EXIT_FAILED;
    if (!result)
        result = set_all(job, argv[0], wide[0], wide[1], wide[2], attributes);
    for (int i = 0; i < 3; i++)
        free(wide[i]);
    return result;
}
