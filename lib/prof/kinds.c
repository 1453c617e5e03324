#include "prof/kinds.h"

#include "prof/callgrind.h"
#include "prof/cprofile.h"
#include "prof/folded_read.h"
#include "prof/line.h"
#include "prof/speedscope.h"
#include "prof/yappi_csv.h"
#include "trace/sniff.h"

/* In the order in which a file is asked. */
static const struct prof_kind kinds[] = {{"cprofile", sniff_is_marshal, cprofile_read},
                                         {"yappi-pstat", sniff_is_marshal, cprofile_read},
                                         {"yappi-csv", yappi_csv_is, yappi_csv_read},
                                         {"callgrind", callgrind_is, callgrind_read},
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

static bool has_commas(const struct input *in)
{
    int commas = 0;
    for (const uint8_t *p = in->p; p < in->end && *p != '\n'; p++)
        commas += *p == ',';
    return commas >= 3;
}

static int refuse(const struct input *in, struct err *e)
{
    const char *what = input_at_hand(in) ? sniff_what(in) : "empty", *hint = "";
    if (input_at_hand(in) && *in->p == '[')
        what = "JSON, an array", hint = "; did you mean: trace-parse FILE | ...";
    else if (strcmp(what, "text") == 0 && has_commas(in))
        hint = "; CSV of YAPPI has a header that names name, ncall, tsub and ttot";
    return err_set(e, ST_FAILED, "%s: not a profile: this is %s%s", in->name, what, hint);
}

int prof_read(struct intake *s, const struct prof_kind *kind, struct err *e)
{
    line_begin(&s->in);
    for (size_t i = 0; !kind && i < KINDS_KNOWN; i++)
        if (kinds[i].is(&s->in))
            kind = &kinds[i];
    return kind ? kind->read(s, e) : refuse(&s->in, e);
}
