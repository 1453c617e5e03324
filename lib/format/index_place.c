#include "format/index_place.h"

#include "base/buf.h"
#include "base/mem.h"
#include "io/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    NAME_MAX_KEPT = 100, /* bytes of the trace's name that stay readable in a cache */
    USE_S = 3600         /* seconds in which one use is as good as another */
};

static char *text(struct buf *b)
{
    buf_addc(b, '\0');
    return (char *)b->p;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *beside(const char *trace)
{
    struct buf b = {0};
    buf_adds(&b, trace);
    buf_adds(&b, INDEX_SUFFIX);
    return text(&b);
}

/* Several traces have the same name; their paths tell them apart. */
static char *in_folder(const char *folder, const char *trace)
{
    struct buf b = {0};
    char *whole = realpath(trace, NULL);
    const char *path = whole ? whole : trace, *name = name_of(path);
    size_t n = strlen(name);
    buf_adds(&b, folder);
    buf_addc(&b, '/');
    buf_add(&b, name, n < NAME_MAX_KEPT ? n : NAME_MAX_KEPT);
    buf_addf(&b, ".%016llx%s", (unsigned long long)XXH3_64bits(path, strlen(path)), INDEX_SUFFIX);
    free(whole);
    return text(&b);
}

static bool is_ours(const char *trace)
{
    struct stat st;
    const char *name = name_of(trace);
    char *folder =
        name == trace ? mem_dup(".", 1) : mem_dup(trace, (size_t)(name - trace)); /* with its / */
    bool ours = stat(folder, &st) == 0 && st.st_uid == geteuid() &&
                faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) == 0;
    free(folder);
    return ours;
}

static char *from_environment(void)
{
    struct buf b = {0};
    const char *dir = getenv("TRS_INDEX_DIR"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    if (dir && *dir)
        return mem_dup(dir, strlen(dir));
    if (cache && *cache == '/') /* as the specification of the variable says */
        buf_addf(&b, "%s/trs", cache);
    else if (home && *home)
        buf_addf(&b, "%s/.cache/trs", home);
    else
        return NULL;
    return text(&b);
}

char *index_folder(const char *dir)
{
    return dir ? mem_dup(dir, strlen(dir)) : from_environment();
}

static void add(struct index_places *p, char *path, bool writable)
{
    p->paths[p->n++] = path;
    if (writable && !p->write)
        p->write = path;
}

void index_places(struct index_places *p, const char *trace, const char *dir)
{
    char *folder = from_environment();
    *p = (struct index_places){0};
    if (dir)
        add(p, in_folder(dir, trace), true);
    add(p, beside(trace), is_ours(trace));
    if (folder)
        add(p, in_folder(folder, trace), true);
    free(folder);
}

void index_places_free(struct index_places *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->paths[i]);
    *p = (struct index_places){0};
}

/* mkdir -p, for us alone. */
static int make_folder(char *path, struct err *e)
{
    for (char *p = path + 1;; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        if (!made && c == '\0')
            err_sys(e, ST_FAILED, "%s", path);
        *p = c;
        if (c == '\0')
            return made ? 0 : -1;
    }
}

int index_place_ready(const struct index_places *p, struct err *e)
{
    char *folder = mem_dup(p->write, strlen(p->write));
    folder[name_of(folder) - folder] = '\0';
    int rc = *folder ? make_folder(folder, e) : 0;
    free(folder);
    return rc;
}

/* What cannot be looked at may well be there. */
static bool is_gone(const char *path)
{
    struct stat st;
    return stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

char *index_trace(const char *index, const char *named)
{
    size_t n = strlen(index), tail = sizeof INDEX_SUFFIX - 1;
    char *path = NULL;
    if (n > tail && strcmp(index + n - tail, INDEX_SUFFIX) == 0)
        path = mem_dup(index, n - tail);
    if (path && !is_gone(path))
        return path;
    free(path);
    return *named && !is_gone(named) ? mem_dup(named, strlen(named)) : NULL;
}

int index_look(int folder, const char *name)
{
    int how = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = openat(folder, name, how | O_NOATIME);
    return fd < 0 && errno == EPERM ? openat(folder, name, how) : fd; /* it is not ours */
}

void index_use(int fd)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
    struct stat st;
    if (fstat(fd, &st) == 0 && index_used_ns(&st) / 1000000000 < time(NULL) - USE_S)
        (void)futimens(fd, times); /* root's, or on a medium that is only read: it stays */
}

int64_t index_used_ns(const struct stat *st)
{
    int64_t read_ns = identity_ns(st->st_atim), written_ns = identity_ns(st->st_mtim);
    return read_ns > written_ns ? read_ns : written_ns;
}
