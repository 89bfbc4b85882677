/* SPDX-License-Identifier: MIT */
/* Growth and ownership of writers; the appends themselves are inline in writer.h. */
#include "base/writer.h"

#include <stdlib.h>

#define FIRST_CAPACITY ((size_t)256)

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
    uint8_t *data = w->failed || !w->owned || !w->len ? NULL : w->data;

    *len = data ? w->len : 0;
    if (data)
        w->data = NULL;
    writer_deinit(w);
    return data;
}

void writer_expect(struct writer *w, size_t len)
{
    uint8_t *data;

    if (w->failed || !w->owned || len <= w->capacity - w->len || len > w->limit - w->len)
        return;
    data = realloc(w->data, w->len + len);
    if (!data)
        return;
    w->data = data;
    w->capacity = w->len + len;
}

bool writer_grow(struct writer *w, size_t len)
{
    size_t capacity = w->capacity ? w->capacity : FIRST_CAPACITY;
    uint8_t *data;

    if (w->failed)
        return false;
    if (w->data && len <= w->capacity - w->len)
        return true;
    if (!w->owned || len > w->limit - w->len) {
        w->failed = true;
        return false;
    }
    while (capacity < w->len + len)
        capacity = capacity > w->limit / 2 ? w->limit : capacity * 2;
    if (capacity > w->limit)
        capacity = w->limit;
    data = realloc(w->data, capacity ? capacity : 1);
    if (!data) {
        w->failed = true;
        return false;
    }
    w->data = data;
    w->capacity = capacity;
    return true;
}
