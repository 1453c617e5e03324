#include "format/reader.h"

enum { SIP = 4096 };

/* At least n bytes behind offset `at` of the window: 1, 0 if the bytes end before, -1. */
static int need(struct reader *r, size_t at, size_t n, struct err *e)
{
    while (input_at_hand(&r->in) < at + n) {
        size_t missing = at + n - input_at_hand(&r->in), sip = missing > SIP ? missing : SIP;
        int more = input_some(&r->in, r->sips ? sip : INPUT_BLOCK, e);
        if (more <= 0)
            return more;
    }
    return 1;
}

static int not_a_stream(const struct reader *r, struct err *e)
{
    const struct input *in = &r->in;
    size_t n = input_at_hand(in), i = 0;
    const char *name = in->name, *file = strcmp(name, "standard input") == 0 ? "FILE" : name;
    if (n == 0)
        return err_set(e, ST_FAILED, "%s: empty: the program before this one wrote nothing", name);
    if (n >= 4 && memcmp(in->p, "\xEF\xBB\xBF", 3) == 0)
        i = 3;
    while (i < n && (in->p[i] == ' ' || in->p[i] == '\n' || in->p[i] == '\r' || in->p[i] == '\t'))
        i++;
    if (n - i >= 8 && (!memcmp(in->p + i, "{\"meta\":", 8) || !memcmp(in->p + i, "{\"ph\":\"", 7)))
        return err_set(e, ST_FAILED,
                       "%s: this is the text of trace-dump, not a record stream; did you mean: "
                       "trace-load %s | %s",
                       name, file, msg_program());
    if (n >= 2 && (in->p[0] & 0x7F) == '{' && (in->p[1] & 0x7E) == '(') /* marshal: {(file, line */
        return err_set(e, ST_FAILED,
                       "%s: this is a profile of Python, not a record stream; did you mean: "
                       "prof-parse %s | %s",
                       name, file, msg_program());
    if (i < n && (in->p[i] == '{' || in->p[i] == '['))
        return err_set(e, ST_FAILED,
                       "%s: this is JSON, not a record stream; did you mean: trace-parse %s | %s",
                       name, file, msg_program());
    return err_set(e, ST_FAILED,
                   "%s: not a record stream (text or another format); a profiler's file goes "
                   "through trace-parse first: trace-parse %s | %s",
                   name, file, msg_program());
}

int reader_open(struct reader *r, const char *path, struct output *out, struct err *e)
{
    *r = (struct reader){0};
    if (input_open_feeding(&r->in, path, out, e) < 0)
        return -1;
    int got = need(r, 0, HEADER_BYTES, e);
    size_t n = input_at_hand(&r->in);
    if (got < 0)
        return -1;
    if (n < 8 || memcmp(r->in.p, frame_magic, 8) != 0)
        return not_a_stream(r, e);
    struct err why;
    if (!got)
        return err_set(e, ST_FAILED, "%s: record stream cut in its header", r->in.name);
    if (header_check(r->in.p, &why) < 0)
        return err_set(e, ST_FAILED, "%s: %s", r->in.name, why.text);
    r->taken = HEADER_BYTES;
    return 0;
}

static int cut(const struct reader *r, struct err *e)
{
    return err_set(e, ST_FAILED,
                   "%s: byte %llu: the stream ends without its end mark: the program before "
                   "this one failed, or the file was cut",
                   r->in.name, (unsigned long long)input_offset(&r->in, r->in.end));
}

/* The head at offset `at` of the window. 1, 0 if the bytes end exactly there, -1. */
static int head_at(struct reader *r, size_t at, struct frame *f, struct err *e)
{
    struct err why;
    int got = need(r, at, HEAD_BYTES, e);
    if (got < 0 || (got == 0 && input_at_hand(&r->in) == at))
        return got;
    if (got == 0)
        return cut(r, e);
    if (frame_get(r->in.p + at, f, &why) < 0)
        return err_set(e, ST_FAILED, "%s: byte %llu: %s", r->in.name,
                       (unsigned long long)input_offset(&r->in, r->in.p + at), why.text);
    f->payload = NULL;
    return 1;
}

/* Bytes that need not be seen: of n that are not at hand, how many went by or on. */
static size_t unseen(struct reader *r, struct writer *w, size_t n)
{
    uint64_t off = input_offset(&r->in, r->in.end) + n;
    struct err e;
    size_t moved = 0;
    if (r->sees)
        return 0;
    if (w)
        moved = writer_splice(w, &r->in, n);
    else if (input_reaches(&r->in, off))
        moved = input_pass(&r->in, off, &e) < 0 ? 0 : n;
    r->sips = moved == n;
    r->sees = !r->sips;
    return moved;
}

static int hand_on(struct writer *w, const uint8_t *p, size_t n, struct err *e)
{
    writer_raw(w, p, n);
    if (!writer_stopped(w))
        return 0;
    *e = w->err;
    return -1;
}

/* Goes over the frame at hand; hands it on if there is a writer. */
static int go_over(struct reader *r, struct writer *w, struct err *e)
{
    struct input *in = &r->in;
    size_t todo = r->taken + r->left;
    r->taken = r->left = 0;
    for (;;) {
        size_t n = todo < input_at_hand(in) ? todo : input_at_hand(in);
        if (w && hand_on(w, in->p, n, e) < 0)
            return -1;
        in->p += n;
        todo -= n;
        if (todo)
            todo -= unseen(r, w, todo);
        if (todo == 0)
            return 0;
        int more = input_more(in, e);
        if (more <= 0)
            return more < 0 ? -1 : cut(r, e);
    }
}

static int check_nothing_follows(struct reader *r, struct err *e)
{
    int got = need(r, 0, 1, e);
    if (got > 0 || (got == 0 && r->in.damage[0]))
        return err_set(e, ST_FAILED, "%s: byte %llu: bytes after the end mark", r->in.name,
                       (unsigned long long)input_offset(&r->in, r->in.p));
    return got;
}

int reader_next(struct reader *r, struct frame *f, struct err *e)
{
    if (go_over(r, NULL, e) < 0)
        return -1;
    if (r->ended)
        return check_nothing_follows(r, e);
    int got = head_at(r, 0, f, e);
    if (got <= 0)
        return got < 0 ? -1 : cut(r, e);
    r->taken = HEAD_BYTES;
    r->left = f->length;
    r->ended = f->type == FRAME_END;
    return 1;
}

static int get_payload(struct reader *r, struct frame *f, struct err *e)
{
    int got = need(r, r->taken, r->left, e);
    if (got <= 0)
        return got < 0 ? -1 : cut(r, e);
    f->payload = r->in.p + r->taken;
    r->taken += r->left;
    r->left = 0;
    return 0;
}

int reader_payload(struct reader *r, struct frame *f, struct err *e)
{
    struct err why;
    if (get_payload(r, f, e) < 0)
        return -1;
    if (frame_verify(f, &why) < 0)
        return err_set(e, ST_FAILED, "%s: byte %llu: %s", r->in.name,
                       (unsigned long long)input_offset(&r->in, r->in.p), why.text);
    return 0;
}

int reader_next_column(struct reader *r, struct frame *f, struct err *e)
{
    int got = head_at(r, r->taken, f, e);
    if (got <= 0 || f->type != FRAME_COLUMN)
        return got < 0 ? -1 : 0;
    r->taken += HEAD_BYTES;
    r->left = f->length;
    return get_payload(r, f, e) < 0 ? -1 : 1;
}

int reader_pass(struct reader *r, struct writer *w, struct err *e)
{
    return go_over(r, w, e);
}

uint64_t reader_offset(const struct reader *r)
{
    return input_offset(&r->in, r->in.p) + r->taken + r->left;
}

struct slice reader_raw(const struct reader *r)
{
    return slice_of(r->in.p, r->taken);
}

int reader_close(struct reader *r, struct err *e)
{
    return input_close(&r->in, e);
}

void reader_drop(struct reader *r)
{
    input_drop(&r->in);
}
