/* SPDX-License-Identifier: MIT */
/* The table of krb5_library.h: all of it or nothing, filled once. The libraries stay loaded: contexts may
 * outlive whoever wanted them first. */
#define KRB5_LIBRARY_TABLES_ONLY
#include "auth/krb5_library.h"

#include <dlfcn.h>
#include <pthread.h>

struct krb5_library krb5_library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;

static void load(void)
{
    /* the second is a dependency of the first: whatever is looked up in the first finds both */
    void *library = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    bool complete = library != NULL;

#define X(name)                                               \
    if (complete) {                                           \
        *(void **)&krb5_library.name = dlsym(library, #name); \
        complete = krb5_library.name != NULL;                 \
    }
    KRB5_FUNCTION_TABLE(X)
    KRB5_OBJECT_TABLE(X)
#undef X
    loaded = complete;
}

bool krb5_library_load(void)
{
    pthread_once(&once, load);
    return loaded;
}
