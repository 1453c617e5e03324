#include "prof/kinds.h"

#include "prof/cprofile.h"
#include "trace/sniff.h"

static const struct prof_kind kinds[] = {{"cprofile", sniff_is_marshal, cprofile_read},
                                         {"yappi-pstat", sniff_is_marshal, cprofile_read}};
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

int prof_read(struct intake *s, const struct prof_kind *kind, struct err *e)
{
    for (size_t i = 0; !kind && i < KINDS_KNOWN; i++)
        if (kinds[i].is(&s->in))
            kind = &kinds[i];
    if (!kind)
        return sniff_refuse(&s->in, e);
    return kind->read(s, e);
}
