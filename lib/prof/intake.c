#include "prof/intake.h"

#include "base/mem.h"
#include "base/opts.h"
#include "prof/line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int intake_open(struct intake *s, const char *path, struct writer *w, struct err *e)
{
    *s = (struct intake){.w = w};
    if (input_open(&s->in, path, e) < 0)
        return -1;
    progress_begin(&s->progress, s->in.name, s->in.size);
    return 0;
}

int intake_more(struct intake *s, struct err *e)
{
    int more = input_more(&s->in, e);
    progress_at(&s->progress, s->in.consumed);
    return more;
}

int intake_line(struct intake *s, struct slice *line, struct err *e)
{
    int got = line_next(&s->in, &s->progress, s->line + 1, line, e);
    s->line += got > 0;
    return got;
}

/* Parts ---------------------------------------------------------------------------------------- */

static void end_part(struct intake *s)
{
    struct tally rows[3];
    if (!s->in_part)
        return;
    uint32_t n = emit_tally(&s->emit, rows);
    s->tally = mem_grow(s->tally, &s->tally_cap, s->ntally + n, sizeof *s->tally);
    for (uint32_t i = 0; i < n; i++) {
        s->tally[s->ntally++] = rows[i];
        s->kept += rows[i].events;
    }
    emit_close(&s->emit);
    s->in_part = false;
}

void intake_part(struct intake *s, const char *format, const char *weight)
{
    end_part(s);
    emit_open(&s->emit, s->w, s->parts++, format, weight);
    s->in_part = true;
}

/* Damage --------------------------------------------------------------------------------------- */

void intake_damage(struct intake *s, const char *unit, uint64_t at, const char *why)
{
    if (!s->damaged)
        (void)snprintf(s->damage, sizeof s->damage, "%s %llu: %s", unit, (unsigned long long)at,
                       why);
    s->damaged = true;
}

void intake_lose(struct intake *s, const char *unit, uint64_t at, const char *why)
{
    intake_damage(s, unit, at, why);
    s->lost++;
}

/* Losses are of no kind: a row of the file may have been a function and its calls. */
static void add_lost(struct intake *s)
{
    if (s->lost == 0)
        return;
    s->tally = mem_grow(s->tally, &s->tally_cap, s->ntally + 1, sizeof *s->tally);
    s->tally[s->ntally++] = (struct tally){.part = s->parts ? s->parts - 1 : 0, .lost = s->lost};
}

static int say_lost(struct intake *s, int *status, struct err *e)
{
    if (s->in.damage[0])
        intake_damage(s, "byte", input_offset(&s->in, s->in.end), s->in.damage);
    if (s->clipped)
        msg_note("%s: %llu times below zero are taken as 0", s->in.name,
                 (unsigned long long)s->clipped);
    msg_detail("%s: %llu records, %llu lost", s->in.name, (unsigned long long)s->kept,
               (unsigned long long)s->lost);
    if (s->damaged && s->kept == 0)
        return err_set(e, ST_FAILED, "%s: %s; nothing else is there", s->in.name, s->damage);
    if (s->damaged)
        msg_error("%s: %s; %llu records kept, %llu lost", s->in.name, s->damage,
                  (unsigned long long)s->kept, (unsigned long long)s->lost);
    *status = opts_settle(s->damaged ? ST_INCOMPLETE : ST_WHOLE, s->in.name, e);
    return *status < 0 ? -1 : 0;
}

int intake_end(struct intake *s, struct totals *t, struct err *e)
{
    end_part(s);
    add_lost(s);
    progress_end(&s->progress);
    if (say_lost(s, &t->status, e) < 0)
        return -1;
    t->rows = s->tally;
    t->nrows = s->ntally;
    t->lost = s->lost;
    return input_close(&s->in, e);
}

void intake_free(struct intake *s)
{
    emit_close(&s->emit);
    free(s->tally);
    s->tally = NULL;
}

/* Times ---------------------------------------------------------------------------------------- */

/* A double is m * 2^e with m below 2^53, and m * 10^9 fits 128 bits. */
bool intake_seconds(struct intake *s, double seconds, uint64_t *ns)
{
    int exponent;
    *ns = 0;
    if (!isfinite(seconds) || seconds >= 9223372036.0)
        return false;
    if (seconds < 0) {
        s->clipped += seconds <= -0.5e-9;
        return true;
    }
    uint64_t m = (uint64_t)ldexp(frexp(seconds, &exponent), 53);
    unsigned shift = (unsigned)(53 - exponent); /* at least 19, as exponent is at most 34 */
    __extension__ typedef unsigned __int128 wide;
    if (shift < 100)
        *ns = (uint64_t)(((wide)m * 1000000000u + ((wide)1 << (shift - 1))) >> shift);
    return true;
}
