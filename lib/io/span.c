#include "io/span.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Behind the limit there is at most the rest of one event. */
enum { BEHIND_LIMIT = 16 * 1024 };

void span_init(struct span *s, const struct input *in)
{
    *s = (struct span){
        .fd = in->fd, .file_off = in->file_off, .base = mem_alloc(SPAN_HOLD + INPUT_BLOCK)};
    s->p = s->end = s->base;
}

void span_seek(struct span *s, uint64_t off)
{
    s->p = s->end = s->base;
    s->end_off = off;
}

static ssize_t read_at(int fd, uint8_t *out, size_t n, uint64_t off)
{
    ssize_t got;
    do
        got = pread(fd, out, n, (off_t)off);
    while (got < 0 && errno == EINTR);
    return got;
}

bool span_more(struct span *s, uint64_t limit)
{
    size_t held = (size_t)(s->end - s->p);
    uint64_t want = limit > s->end_off ? limit - s->end_off : BEHIND_LIMIT;
    if (held > SPAN_HOLD)
        return false;
    if (held)
        memmove(s->base, s->p, held);
    s->p = s->base;
    s->end = s->base + held;
    ssize_t got = read_at(s->fd, s->base + held, want < INPUT_BLOCK ? (size_t)want : INPUT_BLOCK,
                          s->file_off + s->end_off);
    if (got <= 0)
        return false;
    s->end += got;
    s->end_off += (uint64_t)got;
    return true;
}

void span_free(struct span *s)
{
    free(s->base);
    *s = (struct span){.fd = -1};
}
