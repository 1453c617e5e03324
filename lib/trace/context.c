#include "trace/context.h"

#include "base/mem.h"

enum { FIELDS = 6 }; /* ph cat pid tid device stream */

unsigned context_flags(const struct event *ev)
{
    return (ev->has_correlation ? TRACK_CORRELATION : 0u) | (ev->has_start ? 0u : TRACK_NO_START) |
           (ev->enclosing ? TRACK_ENCLOSING : 0u) |
           (ev->has_external_id ? CONTEXT_EXTERNAL_ID : 0u) | (ev->has_bytes ? CONTEXT_BYTES : 0u) |
           (ev->has_sequence ? CONTEXT_SEQUENCE : 0u) |
           (ev->has_fwd_thread ? CONTEXT_FWD_THREAD : 0u) | (ev->args.n ? CONTEXT_ARGS : 0u);
}

/* One field of a key: there or not, length, bytes. */
static void key_add(struct buf *key, struct slice s)
{
    uint8_t *p = buf_room(key, 5 + s.n);
    p[0] = s.p != NULL;
    put_u32(p + 1, (uint32_t)s.n);
    if (s.n)
        memcpy(p + 5, s.p, s.n);
    key->n += 5 + s.n;
}

static struct slice key_get(const uint8_t **p)
{
    struct slice s = {**p ? *p + 5 : NULL, get_u32(*p + 1)};
    *p += 5 + s.n;
    return s;
}

void context_key(struct buf *key, const struct event *ev)
{
    key->n = 0;
    buf_addc(key, (char)context_flags(ev));
    const struct slice *fields[FIELDS] = {&ev->ph,  &ev->cat,    &ev->pid,
                                          &ev->tid, &ev->device, &ev->stream};
    for (size_t i = 0; i < FIELDS; i++)
        key_add(key, *fields[i]);
}

struct context context_read(const struct selection *select, struct slice key)
{
    const uint8_t *p = key.p + 1;
    struct slice ph = key_get(&p), cat = key_get(&p);
    enum kind kind = kind_of(ph, cat);
    return (struct context){
        .kind = kind, .flags = key.p[0], .selected = selection_has(select, kind, cat)};
}

static struct context context_make(struct source *s, struct slice key)
{
    struct context c = context_read(s->select, key);
    const uint8_t *p = key.p + 1;
    uint32_t words[FIELDS];
    struct slice fields[FIELDS];
    for (size_t i = 0; i < FIELDS; i++)
        fields[i] = key_get(&p);
    c.tally = source_tally_of(s, c.kind, fields[1]);
    if (!c.selected)
        return c;
    for (size_t i = 0; i < FIELDS; i++)
        words[i] = fields[i].p ? writer_string(s->w, ROLE_WORD, fields[i]) : 0;
    struct track t = {words[0],
                      words[1],
                      words[2],
                      words[3],
                      words[4],
                      words[5],
                      c.flags & (TRACK_CORRELATION | TRACK_NO_START | TRACK_ENCLOSING)};
    c.track = writer_track(s->w, &t);
    return c;
}

const struct context *context_of(struct source *s, struct slice key)
{
    struct source_memo *m = &s->memo;
    if (m->epoch != s->w->epoch || m->keys.n > WRITER_IDS_MAX) {
        strtab_clear(&m->keys);
        m->epoch = s->w->epoch;
    }
    uint32_t before = m->keys.n, id = strtab_intern(&m->keys, key);
    if (id > before) {
        m->rows = mem_grow(m->rows, &m->cap, (size_t)id + 1, sizeof *m->rows);
        m->rows[id] = context_make(s, strtab_get(&m->keys, id));
    }
    return &m->rows[id];
}
