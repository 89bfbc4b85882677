/* SPDX-License-Identifier: MIT */
/*
 * idlc: the command line. An output file is either what it was before or complete: each is written beside its
 * place and renamed, and none is renamed before both are whole.
 */
#include "idlc/idlc.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_LIMIT ((size_t)1 << 30)

struct options {
    const char *output, *depfile;
    const char **folders, **secrets;
    size_t folder_count, secret_count;
};

static const char help[] =
    "Usage: idlc [OPTION]... FILE.idl...\n"
    "Compile interface definitions (MIDL) to C: for each FILE.idl, FILE.h with types and\n"
    "parameters, and FILE.c with the tables that the netmgmt runtime interprets.\n"
    "\n"
    "  -o, --output DIR    write into DIR instead of the current folder\n"
    "  -I, --include DIR   look for imported files in DIR too, after the importing file's folder\n"
    "      --secret NAME   mask members, parameters and types of this name where values are printed,\n"
    "                      as [secret] in the text does\n"
    "      --depfile FILE  write a rule for make and ninja that names all files that were read\n"
    "      --help          show this and exit\n"
    "      --version       show the version and exit\n"
    "\n"
    "Exit status: 0 when all files were compiled, 1 when one has errors, 2 for wrong usage.\n"
    "The language and what is refused: idlc(1).\n";

static char *read_all(FILE *f, struct arena *arena, size_t *len)
{
    char *text;
    long end;

    if (fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0 || (size_t)end > IDLC_MAX_TEXT || fseek(f, 0, SEEK_SET))
        return NULL;
    text = arena_alloc(arena, (size_t)end + 1, 1);
    if (!text || fread(text, 1, (size_t)end, f) != (size_t)end)
        return NULL;
    *len = (size_t)end;
    return text;
}

static bool try(struct arena *arena, const char *folder, size_t folder_len, const char *name,
                const char **path, const char **text, size_t *len)
{
    size_t size = folder_len + strlen(name) + 2;
    char *full = arena_alloc(arena, size, 1);
    FILE *f;

    if (!full)
        return false;
    if (folder_len)
        snprintf(full, size, "%.*s/%s", (int)folder_len, folder, name);
    else
        snprintf(full, size, "%s", name);
    f = fopen(full, "rb");
    if (!f)
        return false;
    *text = read_all(f, arena, len);
    fclose(f);
    *path = full;
    return *text != NULL;
}

/* Beside the importing file, then in the folders of -I, then among our own. */
static bool load(void *context, const struct idlc_file *from, const char *name, struct arena *arena,
                 const char **path, const char **text, size_t *len)
{
    const struct options *o = context;
    const char *slash = from ? strrchr(from->path, '/') : NULL;

    if (!from || name[0] == '/')
        return try(arena, "", 0, name, path, text, len);
    if (try(arena, from->path, slash ? (size_t)(slash - from->path) : 0, name, path, text, len))
        return true;
    for (size_t i = 0; i < o->folder_count; i++)
        if (try(arena, o->folders[i], strlen(o->folders[i]), name, path, text, len))
            return true;
    return try(arena, IDLC_FOLDER, strlen(IDLC_FOLDER), name, path, text, len);
}

struct output {
    char path[PATH_MAX], temporary[PATH_MAX + 16];
    FILE *file;
};

static bool open_output(struct output *out, const char *folder, const char *base, const char *suffix)
{
    int len = snprintf(out->path, sizeof(out->path), "%s/%s%s", folder, base, suffix);

    out->file = NULL;
    if (len < 0 || (size_t)len >= sizeof(out->path)) {
        fprintf(stderr, "idlc: the name of the output folder is too long\n");
        return false;
    }
    snprintf(out->temporary, sizeof(out->temporary), "%s.%ld.tmp", out->path, (long)getpid());
    out->file = fopen(out->temporary, "wb");
    if (!out->file)
        fprintf(stderr, "idlc: cannot write %s: %s\n", out->temporary, strerror(errno));
    return out->file != NULL;
}

static bool finish_output(struct output *out)
{
    bool failed = ferror(out->file) != 0;

    failed = fclose(out->file) != 0 || failed;
    out->file = NULL;
    if (failed)
        fprintf(stderr, "idlc: cannot write %s: %s\n", out->temporary, strerror(errno));
    return !failed;
}

static bool place_output(struct output *out)
{
    if (rename(out->temporary, out->path) == 0) {
        out->temporary[0] = '\0';
        return true;
    }
    fprintf(stderr, "idlc: cannot rename %s to %s: %s\n", out->temporary, out->path, strerror(errno));
    return false;
}

static void drop_output(struct output *out)
{
    if (out->file)
        fclose(out->file);
    if (out->temporary[0])
        unlink(out->temporary);
}

static void write_rule_name(const char *name, FILE *out)
{
    for (; *name; name++) {
        if (strchr(" #\\", *name))
            fputc('\\', out);
        if (*name == '$')
            fputc('$', out);
        fputc(*name, out);
    }
}

static void write_rule(const struct idlc *c, const char *header, const char *tables, FILE *out)
{
    write_rule_name(header, out);
    fputc(' ', out);
    write_rule_name(tables, out);
    fputc(':', out);
    for (const struct idlc_file *f = c->files; f; f = f->next) {
        fputs(" \\\n  ", out);
        write_rule_name(f->path, out);
    }
    fputc('\n', out);
}

/* "samr" of "idl/samr.idl". */
static void base_of(const char *name, char base[PATH_MAX])
{
    const char *slash = strrchr(name, '/'), *start = slash ? slash + 1 : name, *dot = strrchr(start, '.');

    snprintf(base, PATH_MAX, "%.*s", dot && dot != start ? (int)(dot - start) : (int)strlen(start), start);
}

static bool compile(const struct options *o, const char *name, FILE *rules)
{
    struct arena arena;
    struct idlc c;
    struct output header = {.temporary = ""}, tables = {.temporary = ""};
    const struct idlc_settings settings = {
        .load = load, .load_context = (void *)o, .secrets = o->secrets, .secret_count = o->secret_count};
    char base[PATH_MAX];
    bool ok;

    base_of(name, base);
    arena_init(&arena, MEMORY_LIMIT);
    ok = open_output(&header, o->output, base, ".h") && open_output(&tables, o->output, base, ".c") &&
         idlc_compile(&c, &arena, stderr, &settings, name, header.file, tables.file) &&
         finish_output(&header) && finish_output(&tables) && place_output(&header) && place_output(&tables);
    if (ok && rules)
        write_rule(&c, header.path, tables.path, rules);
    drop_output(&header);
    drop_output(&tables);
    arena_deinit(&arena);
    return ok;
}

static int usage(void)
{
    fputs("Try: idlc --help\n", stderr);
    return 2;
}

/* -1: go on; else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"include", required_argument, NULL, 'I'},
        {"depfile", required_argument, NULL, 'd'},
        {"secret", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "o:I:hV", options, NULL)) != -1)
        switch (option) {
        case 'o':
            o->output = optarg;
            break;
        case 'I':
            o->folders[o->folder_count++] = optarg;
            break;
        case 's':
            o->secrets[o->secret_count++] = optarg;
            break;
        case 'd':
            o->depfile = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return fflush(stdout) ? 1 : 0;
        case 'V':
            printf("idlc %s\n", IDLC_VERSION);
            return fflush(stdout) ? 1 : 0;
        default:
            return usage();
        }
    if (optind == argc) {
        fputs("idlc: which file? Name an .idl file\n", stderr);
        return usage();
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options o = {.output = "."};
    struct output rules = {.temporary = ""};
    int status;
    bool ok = true;

    o.folders = calloc(2 * (size_t)argc, sizeof(*o.folders));
    if (!o.folders)
        return 1;
    o.secrets = o.folders + argc;
    status = parse_options(argc, argv, &o);
    if (status < 0 && o.depfile) {
        snprintf(rules.path, sizeof(rules.path), "%s", o.depfile);
        snprintf(rules.temporary, sizeof(rules.temporary), "%s.%ld.tmp", rules.path, (long)getpid());
        rules.file = fopen(rules.temporary, "wb");
        if (!rules.file) {
            fprintf(stderr, "idlc: cannot write %s: %s\n", rules.temporary, strerror(errno));
            rules.temporary[0] = '\0';
            status = 1;
        }
    }
    if (status < 0) {
        for (int i = optind; i < argc; i++)
            ok &= compile(&o, argv[i], rules.file);
        if (ok && rules.file)
            ok = finish_output(&rules) && place_output(&rules);
        status = ok ? 0 : 1;
    }
    drop_output(&rules);
    free(o.folders);
    return status;
}
