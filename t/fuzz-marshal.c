/* fuzz-marshal - files of Python's profilers
 *
 * The bytes are the file. Whatever they hold, what is read is a tree of known types within its
 * bounds, and the records end with a mark or not at all.
 */
#include "fuzz.h"

#include "prof/cprofile.h"
#include "prof/marshal.h"

enum { LOOKED_AT_MAX = 10000 };

/* Values may be shared, and shared again: not all are looked at. */
static void check_value(const struct marshal *m, const struct marshal_value *v, unsigned depth,
                        unsigned *left)
{
    fuzz_check(v->type < MARSHAL_REF, "a reference that was not followed");
    if (v->type == MARSHAL_STR)
        (void)marshal_str(m, v);
    if (v->type == MARSHAL_DICT)
        fuzz_check(v->n % 2 == 0, "a key without a value");
    if ((v->type != MARSHAL_TUPLE && v->type != MARSHAL_DICT) || depth == 1000)
        return;
    for (size_t i = 0; i<v->n && * left> 0; i++, --*left) {
        struct marshal_value item = marshal_item(m, v, i);
        check_value(m, &item, depth + 1, left);
    }
}

static void read_values(const char *path)
{
    struct input in;
    struct marshal m;
    struct marshal_value key, value;
    struct err e;
    unsigned left = LOOKED_AT_MAX;
    if (input_open(&in, path, &e) == 0) {
        if (marshal_open(&m, &in, &e) == 0)
            while (marshal_pair(&m, &key, &value, &e) > 0) {
                check_value(&m, &key, 0, &left);
                check_value(&m, &value, 0, &left);
            }
        marshal_free(&m);
    }
    input_drop(&in);
}

static void read_profile(const char *path)
{
    struct output out;
    struct writer w;
    struct intake s;
    struct totals t = {0};
    struct err e;
    int fd = fuzz_output(&out);
    writer_open(&w, &out);
    if (intake_open(&s, path, &w, &e) == 0 && cprofile_read(&s, &e) == 0 &&
        intake_end(&s, &t, &e) == 0) {
        t.events = w.events;
        fuzz_check(t.lost == 0, "a row is lost");
        fuzz_check(writer_end(&w, &t, &e) == 0, "no end mark");
    } else {
        input_drop(&s.in);
        writer_drop(&w);
    }
    intake_free(&s);
    output_drop(&out);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fuzz_file file = fuzz_file(data, n);
    msg_level(-1);
    read_values(file.path);
    read_profile(file.path);
    close(file.fd);
    return 0;
}
