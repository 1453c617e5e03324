#include "trace/sniff.h"

#include "format/record.h"

enum { KEYS_MAX = 12, KEY_SHOWN = 40 };

void sniff_key(struct sniff_keys *k, const char *key)
{
    if (k->seen.n < KEYS_MAX)
        strtab_intern(&k->seen, slice_str(key));
}

void sniff_free(struct sniff_keys *k)
{
    strtab_free(&k->seen);
}

static bool begins(const struct input *in, size_t off, const char *bytes, size_t n)
{
    return input_at_hand(in) >= off + n && memcmp(in->p + off, bytes, n) == 0;
}

bool sniff_is_marshal(const struct input *in)
{
    /* A dict, perhaps with FLAG_REF, whose first key is a tuple, or an empty one. */
    if (input_at_hand(in) < 2 || (in->p[0] != '{' && in->p[0] != 0xFB))
        return false;
    uint8_t key = in->p[1] & 0x7F;
    return key == ')' || key == '(' || (in->p[1] == '0' && input_at_hand(in) == 2);
}

/* Lines that end in a blank and a number, as flame graph tools write them. */
static bool is_folded(const struct input *in)
{
    const uint8_t *nl = memchr(in->p, '\n', input_at_hand(in));
    size_t n = nl ? (size_t)(nl - in->p) : input_at_hand(in), digits = 0;
    while (digits < n && in->p[n - 1 - digits] >= '0' && in->p[n - 1 - digits] <= '9')
        digits++;
    return digits > 0 && digits + 1 < n && in->p[n - 1 - digits] == ' ' &&
           memchr(in->p, ';', n) != NULL;
}

static bool is_text(const struct input *in)
{
    size_t n = input_at_hand(in) < 512 ? input_at_hand(in) : 512;
    for (size_t i = 0; i < n; i++)
        if (in->p[i] < 0x20 && in->p[i] != '\n' && in->p[i] != '\r' && in->p[i] != '\t')
            return false;
    return true;
}

const char *sniff_what(const struct input *in)
{
    static const struct {
        size_t off;
        const char *bytes;
        size_t n;
        const char *what;
    } magics[] = {
        {0, (const char *)frame_magic, 8, "a record stream already; it needs no trace-parse"},
        {0, "\x93tri\r\n\x1a\n", 8, "the index of a trace; give the trace itself"},
        {0, "\x89PNG", 4, "a PNG picture"},
        {0,
         "\x7f"
         "ELF",
         4, "an ELF program"},
        {0, "PK\x03\x04", 4, "a zip archive"},
        {0, "BZh", 3, "bzip2 data, which is not supported"},
        {0,
         "\xFD"
         "7zXZ",
         5, "xz data, which is not supported"},
        {0, "SQLite format 3", 15, "an SQLite database (nsys or rocpd), which is not supported"},
        {0, "%PDF", 4, "a PDF document"},
        {257, "ustar", 5, "a tar archive"},
        {0, "<!DOCTYPE", 9, "HTML"},
        {0, "<!doctype", 9, "HTML"},
        {0, "<html", 5, "HTML"},
        {0, "<?xml", 5, "XML"},
        {0, "# callgrind format", 18, "a callgrind profile"},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (begins(in, magics[i].off, magics[i].bytes, magics[i].n))
            return magics[i].what;
    if (sniff_is_marshal(in))
        return "a cProfile profile (marshal)";
    if (is_text(in))
        return is_folded(in) ? "folded stacks" : "text";
    return "binary data of an unknown kind";
}

int sniff_refuse(const struct input *in, struct err *e)
{
    return err_set(e, ST_FAILED, "%s: not a trace: this is %s", in->name, sniff_what(in));
}

static bool saw(const struct sniff_keys *k, const char *key)
{
    for (uint32_t id = 1; id <= k->seen.n; id++)
        if (slice_is(strtab_get(&k->seen, id), key))
            return true;
    return false;
}

static const char *what_object(const struct sniff_keys *k)
{
    if (saw(k, "nodes") && saw(k, "schema"))
        return "a PyTorch execution trace (ExecutionTraceObserver), which has no times";
    if (saw(k, "profiles") && saw(k, "shared"))
        return "a speedscope profile";
    if (saw(k, "nodes") && saw(k, "samples"))
        return "a V8 CPU profile";
    if (saw(k, "traceEvents"))
        return "a JSON object whose traceEvents is no array";
    return NULL;
}

int sniff_refuse_object(const struct input *in, const struct sniff_keys *k, struct err *e)
{
    struct buf keys = {0};
    const char *what = what_object(k);
    for (uint32_t id = 1; id <= k->seen.n && keys.n < 300; id++) {
        struct slice key = strtab_get(&k->seen, id);
        buf_adds(&keys, id > 1 ? ", " : " (its keys: ");
        buf_add(&keys, key.p, key.n < KEY_SHOWN ? key.n : KEY_SHOWN);
    }
    buf_adds(&keys, keys.n ? ")" : "");
    buf_addc(&keys, '\0');
    if (what)
        err_set(e, ST_FAILED, "%s: not a trace: this is %s", in->name, what);
    else
        err_set(e, ST_FAILED, "%s: not a trace: a JSON object without traceEvents%s", in->name,
                (char *)keys.p);
    buf_free(&keys);
    return -1;
}
