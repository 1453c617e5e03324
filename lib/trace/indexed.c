#include "trace/indexed.h"

#include "base/mem.h"
#include "format/index_place.h"
#include "trace/index_check.h"
#include "trace/reader_id.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int open_trace(struct indexed *x, const char *path, struct err *e)
{
    x->open = indexes_may(path, e) == 0 && input_open(&x->in, path, e) == 0;
    return x->open ? 0 : -1;
}

static bool is_index(const char *path)
{
    uint8_t magic[HEADER_BYTES];
    struct stat st;
    int fd = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? index_look(AT_FDCWD, path) : -1;
    ssize_t n = fd < 0 ? 0 : pread(fd, magic, sizeof magic, 0);
    if (fd >= 0)
        close(fd);
    return n > 0 && index_head_is(magic, (size_t)n);
}

/* By its index --------------------------------------------------------------------------------- */

static int match(struct indexed *x, const char *path)
{
    if (!x->trace)
        return err_set(&x->why, ST_FAILED, "%s: its trace is gone: %s", path, x->ix.head.trace);
    if (open_trace(x, x->trace, &x->why) < 0)
        return -1;
    return index_match(&x->ix, input_fd(&x->in), x->trace, reader_id, &x->why);
}

static int open_index(struct indexed *x, const char *path, struct err *e)
{
    bool there;
    if (index_open(&x->ix, path, &there, e) < 0)
        return -1;
    free(x->trace);
    x->trace = index_trace(path, x->ix.head.trace);
    x->valid = match(x, path) == 0;
    return 0;
}

/* By its trace --------------------------------------------------------------------------------- */

/* Keeps the index at a path if it is valid, or the first that can be read. */
static void try_place(struct indexed *x, const char *path, bool *there, struct err *e)
{
    struct index ix;
    if (index_open(&ix, path, there, e) < 0)
        return;
    x->valid = index_match(&ix, input_fd(&x->in), x->trace, reader_id, e) == 0;
    if (!x->valid && x->ix.fd >= 0) {
        index_close(&ix);
        return;
    }
    index_close(&x->ix);
    x->ix = ix;
    x->why = *e;
}

/* e has the reason of the first that is there. */
static int find_any(struct indexed *x, const char *dir, struct err *e)
{
    struct index_places places;
    struct err why;
    bool there, any = false;
    err_set(e, ST_FAILED, "%s: there is no index", x->trace);
    index_places(&places, x->trace, dir);
    for (int i = 0; i < places.n && !x->valid; i++) {
        try_place(x, places.paths[i], &there, &why);
        if (there && !any)
            *e = why;
        any |= there;
    }
    index_places_free(&places);
    return x->ix.fd >= 0 ? 0 : -1;
}

static int open_of_trace(struct indexed *x, const char *path, const char *dir, struct err *e)
{
    x->trace = mem_dup(path, strlen(path));
    if (open_trace(x, path, e) < 0)
        return -1;
    if (index_head_is(x->in.p, input_at_hand(&x->in))) /* is_index saw a link, or no file yet */
        return err_set(e, ST_FAILED, "%s: an index is not believed through a link", path);
    return find_any(x, dir, e);
}

int indexed_open(struct indexed *x, const char *file, const char *dir, struct err *e)
{
    *x = (struct indexed){.ix = {.fd = -1}};
    int rc = is_index(file) ? open_index(x, file, e) : open_of_trace(x, file, dir, e);
    if (rc < 0)
        indexed_close(x);
    return rc;
}

int indexed_check(struct indexed *x, struct err *e)
{
    uint8_t whole[IDENTITY_HASH];
    if (!x->valid) {
        *e = x->why;
        return -1;
    }
    if (index_check(&x->ix, e) < 0)
        return -1;
    if (!x->ix.head.has_whole)
        return 0;
    if (identity_whole(input_fd(&x->in), x->trace, whole, e) < 0)
        return -1;
    if (memcmp(whole, x->ix.head.whole, sizeof whole) != 0)
        return err_set(e, ST_FAILED, "%s: of other bytes than the trace has", x->ix.path);
    return 0;
}

void indexed_close(struct indexed *x)
{
    if (x->open)
        input_drop(&x->in);
    index_close(&x->ix);
    free(x->trace);
    *x = (struct indexed){.ix = {.fd = -1}};
}
