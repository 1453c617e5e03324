#include "io/symlink.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A relative target counts from the link's folder. */
char *symlink_end(const char *path)
{
    enum { LINKS_MAX = 40 };
    char *at = mem_dup(path, strlen(path)), target[4096];
    for (int i = 0; i < LINKS_MAX; i++) {
        ssize_t n = readlink(at, target, sizeof target);
        if (n <= 0 || (size_t)n == sizeof target)
            break;
        const char *slash = target[0] == '/' ? NULL : strrchr(at, '/');
        size_t folder = slash ? (size_t)(slash - at) + 1 : 0;
        char *next = mem_alloc(folder + (size_t)n + 1);
        memcpy(next, at, folder);
        memcpy(next + folder, target, (size_t)n);
        next[folder + (size_t)n] = '\0';
        free(at);
        at = next;
    }
    return at;
}
