/* SPDX-License-Identifier: MIT */
/*
 * --add-administrator, --remove-administrator: who manages this machine, by SID, so that it may be a user or
 * a group of a domain. A daemon that has the database open sees it at the next logon.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "sam/sam.h"

/* A decimal number behind '-'. */
static bool take_number(const char **text, uint64_t most, uint64_t *out)
{
    char *end;

    if ((*text)[0] != '-' || (*text)[1] < '0' || (*text)[1] > '9')
        return false;
    errno = 0;
    *out = strtoull(*text + 1, &end, 10);
    *text = end;
    return !errno && *out <= most;
}

/* "S-1-5-21-1-2-3-512", [MS-DTYP] 2.4.2.1. */
static bool parse_sid(struct sam_sid *sid, const char *text)
{
    uint64_t number;

    if (strncmp(text, "S-1", 3) != 0 && strncmp(text, "s-1", 3) != 0)
        return false;
    text += 3;
    *sid = (struct sam_sid){.revision = 1};
    if (!take_number(&text, UINT64_C(0xFFFFFFFFFFFF), &number))
        return false;
    for (size_t i = 0; i < sizeof(sid->authority); i++)
        sid->authority[i] = (uint8_t)(number >> 8 * (sizeof(sid->authority) - 1 - i));
    while (*text && sid->count < SAM_SID_MAX_SUBAUTHORITIES) {
        if (!take_number(&text, UINT32_MAX, &number))
            return false;
        sid->sub[sid->count++] = (uint32_t)number;
    }
    return !*text && sid->count;
}

static const char *reason(struct nt_status status)
{
    const char *name = nt_status_name(status);

    if (nt_is(status, NT_STATUS_MEMBER_IN_ALIAS))
        return "it is one already";
    if (nt_is(status, NT_STATUS_MEMBER_NOT_IN_ALIAS))
        return "it is not one";
    return name ? name : "unknown status";
}

int daemon_set_administrator(const struct daemon_options *o, const char *text, bool add)
{
    struct nt_status status;
    struct sam_sid sid;
    struct sam *s;

    if (!parse_sid(&sid, text)) {
        daemon_log(DAEMON_ERROR, "%s: not a SID, such as S-1-5-21-1004336348-1177238915-682003330-512", text);
        return 2;
    }
    status = sam_open(&s, o->database, o->create);
    if (!nt_success(status)) {
        daemon_log_database(o->database, status);
        return 1;
    }
    status = add ? sam_alias_add_member(s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &sid)
                 : sam_alias_remove_member(s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &sid);
    sam_close(s);
    if (nt_success(status))
        return printf("%s is %s of Administrators.\n", text, add ? "a member" : "no longer a member") < 0;
    daemon_log(DAEMON_ERROR, "cannot make %s %s of Administrators: %s", text,
               add ? "a member" : "no longer a member", reason(status));
    return 1;
}
