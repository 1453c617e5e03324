#include "prof/line.h"

void line_begin(struct input *in)
{
    if (input_at_hand(in) >= 3 && memcmp(in->p, "\xEF\xBB\xBF", 3) == 0)
        in->p += 3;
}

int line_next(struct input *in, struct progress *progress, uint64_t number, struct slice *line,
              struct err *e)
{
    size_t seen = 0;
    int more = 1;
    while (more > 0) {
        size_t n = input_at_hand(in);
        const uint8_t *end = n > seen ? memchr(in->p + seen, '\n', n - seen) : NULL;
        if (end) {
            *line = slice_of(in->p, (size_t)(end - in->p));
            in->p = end + 1;
            return 1;
        }
        if (n > INPUT_HOLD_MAX)
            return err_set(e, ST_FAILED, "%s: line %llu: longer than %d bytes", in->name,
                           (unsigned long long)number, INPUT_HOLD_MAX);
        seen = n;
        more = input_more(in, e);
        progress_at(progress, in->consumed);
    }
    if (more < 0 || seen == 0 || in->damage[0])
        return more;
    *line = slice_of(in->p, seen);
    in->p = in->end;
    return 1;
}
