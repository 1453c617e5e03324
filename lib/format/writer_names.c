#include "format/payload.h"
#include "format/sending.h"

/* How many of the strings or rows behind `sent` go into the next frame: at least one, if there is
 * one. */
static uint32_t next_to(const struct strtab *t, uint32_t sent)
{
    uint32_t to = sent < t->n ? sent + 1 : sent;
    while (to < t->n &&
           t->ends[to + 1] - t->ends[sent] + 4 * (uint64_t)(to + 1 - sent) <= SENDING_MAX)
        to++;
    return to;
}

static void send_strings(struct writer *w, unsigned role, bool resets)
{
    struct writer_role *r = &w->roles[role];
    while (r->sent < r->names.n || (resets && r->reset)) {
        struct buf b = {0};
        uint32_t to = next_to(&r->names, r->sent);
        payload_strings(&b, &r->names, r->sent, to);
        sending_frame(w, (struct frame){.type = FRAME_STRINGS,
                                        .sub = role,
                                        .flags = FRAME_KEEP | (r->reset ? FRAME_RESET : 0u),
                                        .rows = to - r->sent,
                                        .length = (uint32_t)b.n,
                                        .payload = b.p});
        buf_free(&b);
        r->sent = to;
        r->reset = false;
    }
}

static void send_rows(struct writer *w, unsigned type, struct writer_rows *t, bool resets)
{
    while (t->sent < t->rows.n || (resets && t->reset)) {
        uint32_t to = next_to(&t->rows, t->sent);
        uint64_t from = t->rows.ends[t->sent];
        sending_frame(w, (struct frame){.type = type,
                                        .flags = FRAME_KEEP | (t->reset ? FRAME_RESET : 0u),
                                        .rows = to - t->sent,
                                        .length = (uint32_t)(t->rows.ends[to] - from),
                                        .payload = t->rows.bytes.p + from});
        t->sent = to;
        t->reset = false;
    }
}

/* What the frames that follow may point to. A reset behind stacks and links would take them back:
 * it goes before them, though nothing of its own table may follow it yet. */
void sending_names(struct writer *w)
{
    bool links = w->stacks.sent < w->stacks.rows.n || w->links.sent < w->links.rows.n;
    for (unsigned role = 0; role < ROLES; role++)
        send_strings(w, role, links);
    send_rows(w, FRAME_TRACKS, &w->tracks, false);
    send_rows(w, FRAME_STACKS, &w->stacks, links);
    send_rows(w, FRAME_LINKS, &w->links, false);
}

static bool is_full(const struct strtab *t)
{
    return t->bytes.n > WRITER_STRINGS_MAX || t->n >= WRITER_IDS_MAX;
}

static void start_anew(struct writer *w, unsigned role)
{
    strtab_clear(&w->roles[role].names);
    w->roles[role].sent = 0;
    w->roles[role].reset = true;
}

static void start_rows_anew(struct writer_rows *t)
{
    strtab_clear(&t->rows);
    t->reset |= t->sent > 0;
    t->sent = 0;
}

void writer_restart(struct writer *w)
{
    writer_flush(w);
    for (unsigned role = 0; role < ROLES; role++)
        if (w->roles[role].sent > 0)
            start_anew(w, role);
    if (w->tracks.sent > 0)
        start_rows_anew(&w->tracks);
    if (w->links.sent > 0)
        start_rows_anew(&w->links);
    if (w->stacks.sent > 0)
        start_rows_anew(&w->stacks);
    w->full = false;
    w->epoch++;
}

void writer_renew(struct writer *w)
{
    unsigned full = 0;
    for (unsigned role = 0; role < ROLES; role++)
        full |= (unsigned)is_full(&w->roles[role].names) << role;
    writer_flush(w);
    for (unsigned role = 0; role < ROLES; role++)
        if (full >> role & 1)
            start_anew(w, role);
    if (is_full(&w->tracks.rows) || (full >> ROLE_WORD & 1))
        start_rows_anew(&w->tracks); /* tracks are made of words */
    if (is_full(&w->links.rows) || is_full(&w->stacks.rows) ||
        (full & (1u << ROLE_HOST | 1u << ROLE_WORD))) {
        start_rows_anew(&w->stacks); /* of host names, and links of all these */
        start_rows_anew(&w->links);
    }
    w->full = false;
    w->epoch++;
}

uint32_t writer_string(struct writer *w, enum role role, struct slice s)
{
    struct strtab *names = &w->roles[role].names;
    uint32_t id = strtab_intern(names, s);
    w->full |= is_full(names);
    return id;
}

static uint32_t intern_row(struct writer *w, struct writer_rows *t, const uint8_t *row, size_t n)
{
    uint32_t id = strtab_intern(&t->rows, slice_of(row, n));
    w->full |= is_full(&t->rows);
    return id;
}

uint32_t writer_track(struct writer *w, const struct track *t)
{
    uint8_t row[TRACK_BYTES];
    track_put(row, t);
    return intern_row(w, &w->tracks, row, sizeof row);
}

uint32_t writer_stack(struct writer *w, const struct stack_frame *f)
{
    uint8_t row[STACK_BYTES];
    stack_put(row, f);
    return intern_row(w, &w->stacks, row, sizeof row);
}

uint32_t writer_stack_new(struct writer *w, const struct stack_frame *f)
{
    uint8_t row[STACK_BYTES];
    stack_put(row, f);
    uint32_t id = strtab_add(&w->stacks.rows, slice_of(row, sizeof row));
    w->full |= is_full(&w->stacks.rows);
    return id;
}

uint32_t writer_link(struct writer *w, const struct link *l)
{
    uint8_t row[LINK_BYTES];
    link_put(row, l);
    return intern_row(w, &w->links, row, sizeof row);
}
