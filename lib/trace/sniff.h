/* sniff - saying what a file is when it is no trace */
#ifndef TRS_SNIFF_H
#define TRS_SNIFF_H

#include "base/strtab.h"
#include "io/input.h"

/* Top-level keys of a JSON object, as many as a message can show. */
struct sniff_keys {
    struct strtab seen;
};

void sniff_key(struct sniff_keys *k, const char *key);
void sniff_free(struct sniff_keys *k);

/* True for bytes that begin like JSON but are a cProfile file: marshal writes a dict as `{` too. */
bool sniff_is_marshal(const struct input *in);

/* What the beginning of a file tells, for messages: "text". */
const char *sniff_what(const struct input *in);

/* Each fills e with one line that says what the file is, and returns -1. */
int sniff_refuse(const struct input *in, struct err *e);
int sniff_refuse_object(const struct input *in, const struct sniff_keys *k, struct err *e);

#endif
