/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target once on each file of the folders given, and on each of its truncations and bit flips
 * when the file is small: the corpus as part of the normal tests, with no fuzzer installed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUTATE_LEN 1024

static size_t runs;

static void run(const uint8_t *data, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees one byte too far */

    if (!exact)
        abort();
    memcpy(exact, data, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    runs++;
}

static void run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t len;

    if (!f) {
        perror(path);
        exit(1);
    }
    len = fread(data, 1, sizeof(data), f);
    fclose(f);
    run(data, len);
    if (len > MUTATE_LEN)
        return;
    for (size_t i = 0; i < len; i++)
        run(data, i);
    for (size_t bit = 0; bit < len * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run(data, len);
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(int argc, char **argv)
{
    size_t files = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        struct dirent *entry;

        if (!dir) {
            perror(argv[i]);
            return 1;
        }
        while ((entry = readdir(dir))) {
            char path[4096];

            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            run_file(path);
            files++;
        }
        closedir(dir);
    }
    printf("%zu files, %zu runs\n", files, runs);
    return files ? 0 : 1;
}
