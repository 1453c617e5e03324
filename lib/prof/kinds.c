#include "prof/kinds.h"

#include "prof/cprofile.h"
#include "prof/folded_read.h"
#include "prof/line.h"
#include "prof/speedscope.h"
#include "trace/sniff.h"

/* In the order in which a file is asked. */
static const struct prof_kind kinds[] = {{"cprofile", sniff_is_marshal, cprofile_read},
                                         {"yappi-pstat", sniff_is_marshal, cprofile_read},
                                         {"speedscope", speedscope_is, speedscope_read},
                                         {"folded", folded_is, folded_read}};
enum { KINDS_KNOWN = sizeof kinds / sizeof *kinds };

const struct prof_kind *prof_kind_named(const char *name, struct err *e)
{
    struct buf names = {0};
    for (size_t i = 0; i < KINDS_KNOWN; i++) {
        if (slice_is(slice_str(name), kinds[i].name)) {
            buf_free(&names);
            return &kinds[i];
        }
        buf_addf(&names, ", %s", kinds[i].name);
    }
    err_set(e, ST_USAGE, "unknown --type '%s'; there are: auto%.*s", name, (int)names.n,
            (char *)names.p);
    buf_free(&names);
    return NULL;
}

static int refuse(const struct input *in, struct err *e)
{
    if (input_at_hand(in) && *in->p == '[')
        return err_set(e, ST_FAILED,
                       "%s: not a profile: this is JSON, an array; did you mean: trace-parse FILE "
                       "| ...",
                       in->name);
    return err_set(e, ST_FAILED, "%s: not a profile: this is %s", in->name,
                   input_at_hand(in) ? sniff_what(in) : "empty");
}

int prof_read(struct intake *s, const struct prof_kind *kind, struct err *e)
{
    line_begin(&s->in);
    for (size_t i = 0; !kind && i < KINDS_KNOWN; i++)
        if (kinds[i].is(&s->in))
            kind = &kinds[i];
    return kind ? kind->read(s, e) : refuse(&s->in, e);
}
