#include "table/seen.h"

#include "base/mem.h"

#include <stdlib.h>

enum { SAID_MAX = 20, CAT_MAX = 60 };

void seen_add(struct seen *seen, const struct stream *s)
{
    for (uint32_t i = 0; i < s->totals.nrows; i++) {
        const struct tally *row = &s->totals.rows[i];
        if (row->events == 0)
            continue;
        uint32_t before = seen->cats.n;
        uint32_t id =
            strtab_intern(&seen->cats, row->cat ? stream_word(s, row->cat) : slice_str("(none)"));
        seen->events = mem_grow(seen->events, &seen->cap, id, sizeof *seen->events);
        if (id > before)
            seen->events[id - 1] = 0;
        seen->events[id - 1] += row->events;
    }
}

void seen_say(const struct seen *seen, struct buf *note)
{
    buf_adds(note, seen->cats.n ? "; categories seen:" : "; no events");
    for (uint32_t id = 1; id <= seen->cats.n && id <= SAID_MAX; id++) {
        struct slice cat = strtab_get(&seen->cats, id);
        buf_adds(note, id > 1 ? ", " : " ");
        buf_add(note, cat.p, cat.n < CAT_MAX ? cat.n : CAT_MAX);
        buf_addf(note, " %llu", (unsigned long long)seen->events[id - 1]);
    }
    if (seen->cats.n > SAID_MAX)
        buf_adds(note, ", ...");
    buf_addc(note, '\0');
}

void seen_free(struct seen *seen)
{
    strtab_free(&seen->cats);
    free(seen->events);
    *seen = (struct seen){0};
}
