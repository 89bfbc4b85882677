/* SPDX-License-Identifier: MIT */
#include "base/writer.h"

#include <stdlib.h>

void writer_init(struct writer *w, size_t limit)
{
    *w = (struct writer){.limit = limit, .owned = true};
}

void writer_init_fixed(struct writer *w, void *data, size_t capacity)
{
    *w = (struct writer){.data = data, .capacity = capacity, .limit = capacity};
}

void writer_deinit(struct writer *w)
{
    if (w->owned)
        free(w->data);
    *w = (struct writer){.owned = w->owned, .limit = w->limit};
}

uint8_t *writer_steal(struct writer *w, size_t *len)
{
    uint8_t *data = w->failed || !w->owned ? NULL : w->data;

    *len = data ? w->len : 0;
    if (data)
        w->data = NULL;
    writer_deinit(w);
    return data;
}

bool writer_grow(struct writer *w, size_t len)
{
    size_t capacity = w->capacity ? w->capacity : 256;
    uint8_t *data;

    if (w->failed || !w->owned || len > w->limit - w->len) {
        w->failed = true;
        return false;
    }
    while (capacity < w->len + len)
        capacity = capacity > w->limit / 2 ? w->limit : capacity * 2;
    data = realloc(w->data, capacity);
    if (!data) {
        w->failed = true;
        return false;
    }
    w->data = data;
    w->capacity = capacity;
    return true;
}
