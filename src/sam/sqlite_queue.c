/* SPDX-License-Identifier: MIT */
/*
 * The queue of writers: who comes first writes first. SQLite's own lock has no order: whoever happens to look
 * when it is free has it, so one that writes again and again leaves nothing to the others, and many that look
 * often leave no time to the one that writes.
 *
 * The file "-queue" beside the database is made when two writers meet. Its content is the number of the next
 * ticket. A writer holds a lock on the byte of its ticket from when it comes until it has SQLite's lock; its
 * turn is when nobody holds an earlier byte. Byte 0 is locked while a ticket is taken. Nothing here waits.
 *
 * Invariant: only the order depends on the queue, never what is written. Locks go with their holder, so one
 * that is killed has left the queue; where the file cannot be used, writers wait without order. The locks
 * belong to the open file, not to the process: each connection of a process stands in the queue for itself.
 */
#include "sam/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX "-queue"
#define LAST_TICKET (INT64_C(1) << 62)

#ifdef F_OFD_SETLK

static bool set(int fd, short type, int64_t byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* How far ahead in the queue somebody stands before `ticket` (0: anybody at all); 0: nobody. */
static uint32_t ahead(int fd, int64_t ticket)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = ticket ? ticket - 1 : 0};
    int64_t far;

    if (ticket == 1 || fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
        return 0;
    far = ticket ? ticket - lock.l_start : 1;
    return far < UINT32_MAX ? (uint32_t)far : UINT32_MAX;
}

/* Like the database: whoever may write there may stand in the queue, also when root was the first. */
static int make_file(const char *database, const char *name)
{
    struct stat st;
    int fd;

    if (stat(database, &st) != 0)
        return -1;
    fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST ? open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
    if ((geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0) || fchmod(fd, st.st_mode & 0666) != 0) {
        unlink(name);
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_open(struct sqlite_queue *q, const char *database, bool make)
{
    char name[PATH_MAX];

    if (q->fd >= 0)
        return true;
    if (!database || !*database || snprintf(name, sizeof(name), "%s" SUFFIX, database) >= (int)sizeof(name))
        return false;
    q->fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (q->fd < 0 && errno == ENOENT && make)
        q->fd = make_file(database, name);
    return q->fd >= 0;
}

static void take_ticket(struct sqlite_queue *q)
{
    int64_t next, after;

    if (pread(q->fd, &next, sizeof(next), 0) != sizeof(next) || next < 1 || next >= LAST_TICKET)
        next = 1;
    after = next + 1;
    if (!set(q->fd, F_WRLCK, next))
        return;
    if (pwrite(q->fd, &after, sizeof(after), 0) == sizeof(after))
        q->ticket = next;
    else
        set(q->fd, F_UNLCK, next);
}

void sam_sqlite_queue_enter(struct sqlite_queue *q, const char *database)
{
    if (q->ticket || !is_open(q, database, true) || !set(q->fd, F_WRLCK, 0))
        return; /* without a ticket: next time, perhaps */
    take_ticket(q);
    set(q->fd, F_UNLCK, 0);
}

uint32_t sam_sqlite_queue_ahead(struct sqlite_queue *q, const char *database)
{
    return is_open(q, database, false) ? ahead(q->fd, q->ticket) : 0;
}

void sam_sqlite_queue_leave(struct sqlite_queue *q)
{
    if (q->ticket)
        set(q->fd, F_UNLCK, q->ticket);
    q->ticket = 0;
}

#else

void sam_sqlite_queue_enter(struct sqlite_queue *q, const char *database)
{
    (void)q, (void)database;
}

uint32_t sam_sqlite_queue_ahead(struct sqlite_queue *q, const char *database)
{
    (void)q, (void)database;
    return 0;
}

void sam_sqlite_queue_leave(struct sqlite_queue *q)
{
    (void)q;
}

#endif

void sam_sqlite_queue_close(struct sqlite_queue *q)
{
    if (q->fd >= 0)
        close(q->fd); /* and leave it */
    *q = (struct sqlite_queue){.fd = -1};
}
