/* SPDX-License-Identifier: MIT */
/*
 * Work that may wait for a KDC, with a deadline. The Kerberos library asks its KDCs, DNS and plugins by
 * itself and knows no deadline, so the work is done in a thread of its own, which is left behind when it is
 * late.
 *
 * Invariant: a work belongs to its thread from krb5_wait_run() until that returns 0, and for good when it
 * does not: the thread touches nothing but the work, and nobody but the thread touches it. At most
 * KRB5_WAIT_MAX threads are there at once, those left behind included: they end when the library gives up.
 */
#ifndef AUTH_KRB5_WAIT_H
#define AUTH_KRB5_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define KRB5_WAIT_MAX 64

struct krb5_work {
    /* Set by the caller. */
    void (*run)(struct krb5_work *w);
    void (*free)(struct krb5_work *w);
    /* In a child, after fork() during run(): what it uses and others may use too may be locked for ever.
     * NULL: nothing is to be done. */
    void (*forked)(struct krb5_work *w);
    /* Of works with the same owner (NULL: none) one at a time runs, until it says krb5_wait_release(). */
    const void *owner;
    /* krb5_wait.c's own. */
    struct krb5_work *next;
    pthread_t thread;
    bool ran, left;
};

/* Run `w` by `deadline` (CLOCK_MONOTONIC, ns; 0: however long it takes, in this thread). 0: it was run.
 * -ETIMEDOUT, -ENOMEM (no thread): it is the caller's no more, and will be freed. */
int krb5_wait_run(struct krb5_work *w, int64_t deadline);
void krb5_wait_release(struct krb5_work *w);

unsigned krb5_wait_running(void); /* works; for tests */

#endif
