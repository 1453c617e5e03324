#include "prof/folded_read.h"

#include "base/err.h"
#include "base/mem.h"
#include "prof/folded.h"

#include <stdlib.h>

enum { SAMPLE_NS = 1000, LINES_TRIED = 50 };

static bool is_stack(struct slice line)
{
    size_t n = line.n, digits = 0;
    while (n && (line.p[n - 1] == '\r' || line.p[n - 1] == ' ' || line.p[n - 1] == '\t'))
        n--;
    while (digits < n && ((line.p[n - 1 - digits] >= '0' && line.p[n - 1 - digits] <= '9') ||
                          line.p[n - 1 - digits] == '.'))
        digits++;
    bool number = digits > 0 && digits < n && line.p[n - digits] != '.';
    return number && (line.p[n - 1 - digits] == ' ' || line.p[n - 1 - digits] == '\t');
}

bool folded_is(const struct input *in)
{
    const uint8_t *p = in->p;
    int stacks = 0, others = 0;
    for (int i = 0; i < LINES_TRIED && p < in->end; i++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(in->end - p)), *end = nl ? nl : in->end;
        struct slice line = slice_of(p, (size_t)(end - p));
        if (memchr(p, '\0', line.n))
            return false;
        bool stack = is_stack(line);
        stacks += stack;
        others += !stack && line.n > 1;
        p = end + 1;
    }
    return stacks > 0 && stacks >= others;
}

struct frames {
    struct slice *rows;
    size_t n, cap;
};

static bool split(struct frames *f, struct slice rest)
{
    struct slice frame;
    for (f->n = 0; folded_frame(&rest, &frame);) {
        if (f->n == FOLDED_FRAMES_MAX)
            return false;
        f->rows = mem_grow(f->rows, &f->cap, f->n + 1, sizeof *f->rows);
        f->rows[f->n++] = frame;
    }
    return true;
}

/* Values are whole numbers of 10^-decimals. */
static bool weight_of(const struct folded *f, uint64_t *ns)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t unit = 1;
    for (unsigned i = 0; i < f->decimals; i++)
        unit *= 10;
    wide v = ((wide)f->values[0] * SAMPLE_NS + unit / 2) / unit;
    *ns = (uint64_t)v;
    return v <= INT64_MAX;
}

static void emit_line(struct intake *s, const struct folded *f, struct frames *frames)
{
    uint64_t ns;
    if (!split(frames, f->stack))
        intake_lose(s, "line", f->line, "more frames than a stack has");
    else if (!weight_of(f, &ns))
        intake_lose(s, "line", f->line, "a number that is too large");
    else
        emit_stack(&s->emit, frames->rows, frames->n, ns);
}

int folded_read(struct intake *s, struct err *e)
{
    struct folded f = {.in = s->in, .numbers = 1};
    struct frames frames = {0};
    int got = 0;
    intake_part(s, "folded", "samples");
    folded_begin(&f);
    while (!writer_stopped(s->w) && ((got = folded_next(&f, e)) > 0 || f.wrong))
        if (got > 0)
            emit_line(s, &f, &frames);
        else
            intake_lose(s, "line", f.line, f.wrong);
    progress_end(&f.progress);
    if (f.stacks && f.pairs == f.stacks)
        msg_note("%s: all lines end in two numbers; the second is taken, as if the first was part "
                 "of a name",
                 f.in.name);
    s->in = f.in;
    free(frames.rows);
    return got < 0 ? -1 : 0;
}
