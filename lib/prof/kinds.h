/* kinds - which profiles are read, by which reader, and what tells them apart */
#ifndef TRS_KINDS_H
#define TRS_KINDS_H

#include "prof/intake.h"

struct prof_kind {
    const char *name;
    bool (*is)(const struct input *in); /* by what is at hand */
    int (*read)(struct intake *s, struct err *e);
};

/* NULL with e filled, naming all, if there is none; for "auto" too. */
const struct prof_kind *prof_kind_named(const char *name, struct err *e);

/* Reads the whole of s->in; kind NULL: by its content. */
int prof_read(struct intake *s, const struct prof_kind *kind, struct err *e);

#endif
