/* SPDX-License-Identifier: MIT */
/*
 * Making a database file.
 *
 * Invariant: a database is made in memory and gets its name when all of it is on disk, so nobody ever sees a
 * part of it, whatever happens to its maker, and of several makers one wins. A file that is there stays.
 */
#include "sam/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The missing folders of the path, 0700. */
static struct nt_status make_folders(const char *path)
{
    char folder[PATH_MAX];
    size_t len = strlen(path);

    if (len >= sizeof(folder))
        return NT(STATUS_OBJECT_NAME_INVALID);
    for (size_t i = 1; i < len; i++) {
        if (path[i] != '/' || path[i - 1] == '/')
            continue;
        memcpy(folder, path, i);
        folder[i] = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return sam_sqlite_status_of_errno(errno);
    }
    return NT(STATUS_SUCCESS);
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return false;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool sync_folder_of(const char *name)
{
    char folder[PATH_MAX];
    size_t len = (size_t)(strrchr(name, '/') - name) + 1; /* a plain name has one */
    int fd;
    bool ok;

    if (len >= sizeof(folder))
        return false;
    memcpy(folder, name, len);
    folder[len] = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The file appears under its name when all of it is on disk, unless there is one already. It is closed
 * before: closing it later would drop the locks that other connections of this process have on it. */
static struct nt_status publish(const char *name, const uint8_t *data, size_t len)
{
    struct nt_status status = NT(STATUS_SUCCESS);
    char *temporary;
    int fd;
    bool ok;

    if (asprintf(&temporary, "%s-new.XXXXXX", name) < 0)
        return NT(STATUS_NO_MEMORY);
    fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        status = sam_sqlite_status_of_errno(errno);
        free(temporary);
        return status;
    }
    ok = write_all(fd, data, len) && fsync(fd) == 0;
    if (!ok)
        status = sam_sqlite_status_of_errno(errno);
    close(fd);
    if (ok && link(temporary, name) != 0 && errno != EEXIST)
        status = sam_sqlite_status_of_errno(errno);
    unlink(temporary);
    free(temporary);
    if (nt_success(status) && !sync_folder_of(name))
        status = sam_sqlite_status_of_errno(errno);
    return status;
}

static struct nt_status fill_memory(struct sqlite_store *s, struct nt_status (*fill)(struct sam_store *store))
{
    struct nt_status status =
        sam_sqlite_status(s->db, sqlite3_exec(s->db, "PRAGMA encoding='UTF-16le'", NULL, NULL, NULL));

    if (nt_success(status))
        status = s->base.ops->begin(&s->base, true);
    if (nt_success(status))
        status = sam_sqlite_status(s->db, sam_sqlite_create_schema(s->db));
    if (nt_success(status))
        status = fill(&s->base);
    return nt_success(status) ? s->base.ops->commit(&s->base) : status;
}

static struct nt_status make(const char *name, struct nt_status (*fill)(struct sam_store *store))
{
    struct sqlite_store *s;
    struct nt_status status = sam_sqlite_connect(&s, NULL);
    uint8_t *bytes = NULL;
    sqlite3_int64 len;

    if (nt_success(status))
        status = fill_memory(s, fill);
    if (nt_success(status)) {
        bytes = sqlite3_serialize(s->db, "main", &len, 0);
        status = bytes ? publish(name, bytes, (size_t)len) : NT(STATUS_NO_MEMORY);
    }
    sqlite3_free(bytes);
    if (s)
        s->base.ops->close(&s->base);
    return status;
}

struct nt_status sam_sqlite_create(const char *path, struct nt_status (*fill)(struct sam_store *store))
{
    struct nt_status status;
    char *name;

    if (!*path)
        return NT(STATUS_OBJECT_NAME_INVALID);
    if (access(path, F_OK) == 0)
        return NT(STATUS_SUCCESS);
    name = sam_sqlite_name(path);
    status = name ? make_folders(name) : NT(STATUS_NO_MEMORY);
    if (nt_success(status))
        status = make(name, fill);
    free(name);
    return status;
}
