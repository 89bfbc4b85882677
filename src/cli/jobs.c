/* SPDX-License-Identifier: MIT */
/*
 * A command on many servers: some threads, each taking the next server that nobody has taken. What a server's
 * job says and shows is kept until all servers before it in the list have been shown, so that output does not
 * depend on who answers first.
 */
#include "cli.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define JOBS_DEFAULT 32
#define JOBS_MAX 4096
#define STACK_LEN ((size_t)1 << 20)
#define FILES_WANTED 8192 /* descriptors: two for a server at most, and some idle connections */

struct queue {
    const struct command *command;
    const struct options *options;
    int argc;
    char **argv;
    const struct servers *servers;
    const struct names *names;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct outcome {
        bool done;
        int result;
        struct libscols_table *rows;
        char *messages;
        size_t messages_len;
    } * outcomes;
};

/* getopt has permuted argv, and commands do not change it: all jobs may read it. */
static int run_one(const struct command *command, struct job *job, int argc, char **argv)
{
    WCHAR *server = job->name ? text_to_wide(job->name) : NULL;
    int result = EXIT_FAILED;

    message_about(job);
    if (server || !job->name) {
        job->server = server;
        result = command->run(job, argc, argv);
    }
    message_about(NULL);
    free(server);
    return result;
}

static void run_queued(struct queue *q, size_t i)
{
    struct outcome *outcome = &q->outcomes[i];
    struct job job = {
        .options = q->options, .name = q->servers->names[i], .names = q->names, .one_of_many = true};
    int result;

    job.messages = must(open_memstream(&outcome->messages, &outcome->messages_len));
    result = run_one(q->command, &job, q->argc, q->argv);
    fclose(job.messages);
    pthread_mutex_lock(&q->lock);
    outcome->rows = job.rows;
    outcome->result = result;
    outcome->done = true;
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

static void *work(void *data)
{
    struct queue *q = data;
    size_t i;

    while (!atomic_load(&q->stop) && (i = atomic_fetch_add(&q->next, 1)) < q->servers->count)
        run_queued(q, i);
    return NULL;
}

/* As many threads as can be had, of those wanted. */
static size_t start(struct queue *q, pthread_t *threads, size_t count)
{
    pthread_attr_t attributes;
    size_t started = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_LEN);
    while (started < count && pthread_create(&threads[started], &attributes, work, q) == 0)
        started++;
    pthread_attr_destroy(&attributes);
    return started;
}

/* In the order of the servers. Arguments that make no sense make none for the other servers either. */
static int show(struct queue *q)
{
    struct libscols_table *all = NULL;
    int result = EXIT_OK;

    for (size_t i = 0; i < q->servers->count && result != EXIT_USAGE; i++) {
        struct outcome *o = &q->outcomes[i];

        pthread_mutex_lock(&q->lock);
        while (!o->done)
            pthread_cond_wait(&q->changed, &q->lock);
        pthread_mutex_unlock(&q->lock);
        if (o->result > result)
            result = o->result;
        if (o->rows)
            table_merge(&all, o->rows);
        o->rows = NULL;
        fflush(stdout);
        fwrite(o->messages, 1, o->messages_len, stderr);
    }
    if (all && scols_table_is_raw(all)) {
        scols_unref_table(all); /* its rows have been printed */
    } else if (all) {
        int printed = table_print(all);

        result = printed > result ? printed : result;
    }
    return result;
}

static void finish(struct queue *q)
{
    for (size_t i = 0; i < q->servers->count; i++) {
        if (q->outcomes[i].rows)
            scols_unref_table(q->outcomes[i].rows);
        free(q->outcomes[i].messages);
    }
    free(q->outcomes);
}

static void raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_WANTED) {
        limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int run_many(struct queue *q, size_t count)
{
    pthread_t *threads;
    size_t started;
    int result;

    if (count > q->servers->count)
        count = q->servers->count;
    q->outcomes = must(calloc(q->servers->count, sizeof(*q->outcomes)));
    threads = must(calloc(count, sizeof(*threads)));
    raise_files();
    scols_init_debug(0);
    started = start(q, threads, count);
    if (!started)
        work(q);
    result = show(q);
    atomic_store(&q->stop, true);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    finish(q);
    return result;
}

static bool read_count(const struct options *options, size_t *count)
{
    const char *text = options->value[OPTION_JOBS];
    char *end;

    *count = JOBS_DEFAULT;
    if (!options->given[OPTION_JOBS])
        return true;
    *count = strtoul(text, &end, 10);
    if (*text >= '1' && *text <= '9' && !*end && *count <= JOBS_MAX)
        return true;
    complain("--jobs is a number from 1 to %d, not \"%s\"", JOBS_MAX, text);
    return false;
}

/* Of commands that take names from the standard input; "-" is in the place of a name, not of what stands
 * before the names. */
static bool wants_stdin(const struct command *command, const struct options *options, int argc, char **argv)
{
    bool wanted = options->given[OPTION_STDIN];

    for (int i = command->min_arguments; i < argc && command->options & 1u << OPTION_STDIN; i++)
        wanted |= strcmp(argv[i], "-") == 0;
    return wanted;
}

/* `names` are read when several servers are to have the same. */
static int prepare(const struct command *command, const struct options *options, int argc, char **argv,
                   const struct servers *servers, struct names *names)
{
    bool wanted = wants_stdin(command, options, argc, argv);
    int result;

    if (wanted && servers->from_stdin) {
        complain("the standard input cannot hold both servers and names: put the servers into a file");
        return EXIT_USAGE;
    }
    result = logon_prepare(options, servers); /* the password may be the first line of the standard input */
    if (!result && wanted && servers->count > 1 && !names_read(names))
        result = EXIT_FAILED;
    return result;
}

int jobs_run(const struct command *command, const struct options *options, int argc, char **argv)
{
    struct servers servers;
    struct names names = {0};
    size_t count;
    int result;

    if (!read_count(options, &count) || !servers_read(&servers, options))
        return EXIT_USAGE;
    result = prepare(command, options, argc, argv, &servers, &names);
    if (!result && servers.count > 1) {
        struct queue q = {.command = command,
                          .options = options,
                          .argc = argc,
                          .argv = argv,
                          .servers = &servers,
                          .names = &names,
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .changed = PTHREAD_COND_INITIALIZER};

        result = run_many(&q, count);
        if (!result && names.failed)
            result = EXIT_FAILED;
    } else if (!result) {
        struct job job = {.options = options, .name = servers.count ? servers.names[0] : NULL};

        result = run_one(command, &job, argc, argv);
    }
    names_free(&names);
    servers_free(&servers);
    return result;
}
