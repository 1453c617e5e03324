#include "prof/marshal.h"

#include "base/mem.h"

#include <stdlib.h>

enum { FLAG_REF = 0x80, NO_REF = 0 };

static int fault(const struct marshal *m, const uint8_t *at, struct err *e, const char *what)
{
    return err_set(e, ST_FAILED, "%s: byte %llu: %s", m->in->name,
                   (unsigned long long)input_offset(m->in, at), what);
}

static void values_add(struct marshal_values *v, struct marshal_value row)
{
    v->rows = mem_grow(v->rows, &v->cap, v->n + 1, sizeof *v->rows);
    v->rows[v->n++] = row;
}

/* Bytes ---------------------------------------------------------------------------------------- */

/* Sees to it that n bytes are at hand. */
static int need(struct marshal *m, size_t n, struct err *e)
{
    struct input *in = m->in;
    while (input_at_hand(in) < n) {
        int more = input_more(in, e);
        if (more < 0)
            return -1;
        if (more == 0)
            return err_set(e, ST_FAILED, "%s: byte %llu: the profile is cut off%s%s", in->name,
                           (unsigned long long)input_offset(in, in->end), in->damage[0] ? ": " : "",
                           in->damage);
    }
    return 0;
}

static int take_u32(struct marshal *m, uint32_t *out, struct err *e)
{
    if (need(m, 4, e) < 0)
        return -1;
    *out = get_u32(m->in->p);
    m->in->p += 4;
    return 0;
}

/* Scalars -------------------------------------------------------------------------------------- */

static int read_str(struct marshal *m, bool is_short, struct marshal_value *v, struct err *e)
{
    uint32_t n;
    if (is_short && need(m, 1, e) < 0)
        return -1;
    if (is_short)
        n = *m->in->p++;
    else if (take_u32(m, &n, e) < 0)
        return -1;
    if (n > INPUT_HOLD_MAX)
        return err_set(e, ST_FAILED, "%s: byte %llu: a text of %lu bytes", m->in->name,
                       (unsigned long long)input_offset(m->in, m->in->p) - 4, (unsigned long)n);
    if (need(m, n, e) < 0)
        return -1;
    v->type = MARSHAL_STR;
    v->string = strtab_add(&m->strings, slice_of(m->in->p, n));
    m->in->p += n;
    return 0;
}

static int read_int(struct marshal *m, struct marshal_value *v, struct err *e)
{
    uint32_t n;
    if (take_u32(m, &n, e) < 0)
        return -1;
    v->type = MARSHAL_INT;
    v->i = (int32_t)n;
    return 0;
}

static int read_int64(struct marshal *m, struct marshal_value *v, struct err *e)
{
    if (need(m, 8, e) < 0)
        return -1;
    v->type = MARSHAL_INT;
    v->i = get_i64(m->in->p);
    m->in->p += 8;
    return 0;
}

/* 15 bits in each two bytes, the lowest first; how many there are, with the sign of the number. */
static int read_long(struct marshal *m, struct marshal_value *v, struct err *e)
{
    enum { DIGIT = 15, DIGITS_MAX = 5 };
    const uint8_t *begin;
    uint32_t size;
    uint64_t value = 0;
    if (take_u32(m, &size, e) < 0)
        return -1;
    bool negative = size >> 31;
    uint32_t n = negative ? -size : size;
    if (n > DIGITS_MAX)
        return fault(m, m->in->p - 4, e, "an int that does not fit 64 bits");
    if (need(m, 2 * n, e) < 0)
        return -1;
    begin = m->in->p;
    for (uint32_t i = n; i-- > 0;) {
        uint16_t digit = get_u16(begin + 2 * i);
        if (digit >> DIGIT)
            return fault(m, begin + 2 * i, e, "a digit of an int that is none");
        if (value >> (63 - DIGIT))
            return fault(m, begin - 4, e, "an int that does not fit 64 bits");
        value = value << DIGIT | digit;
    }
    m->in->p += 2 * n;
    v->type = MARSHAL_INT;
    v->i = negative ? -(int64_t)value : (int64_t)value;
    return 0;
}

static int read_float(struct marshal *m, struct marshal_value *v, struct err *e)
{
    if (need(m, 8, e) < 0)
        return -1;
    uint64_t bits = get_u64(m->in->p);
    m->in->p += 8;
    v->type = MARSHAL_FLOAT;
    memcpy(&v->f, &bits, sizeof v->f);
    return 0;
}

/* As versions below 2 have them: decimal text. */
static int read_float_text(struct marshal *m, struct marshal_value *v, struct err *e)
{
    char text[256];
    if (need(m, 1, e) < 0)
        return -1;
    size_t n = *m->in->p++;
    if (need(m, n, e) < 0)
        return -1;
    memcpy(text, m->in->p, n);
    text[n] = '\0';
    char *end = text;
    v->type = MARSHAL_FLOAT;
    v->f = strtod(text, &end);
    if (n == 0 || end != text + n || strspn(text, "+-.0123456789eEinfaINFA") != n)
        return fault(m, m->in->p, e, "a float that is no number");
    m->in->p += n;
    return 0;
}

/* The dict that is the file has number 0 if it has one; it is open to the end. */
static bool is_open(const struct marshal *m, uint32_t number)
{
    bool found = m->dict_has_number && number == 0;
    for (unsigned i = 0; i < m->depth; i++)
        found |= m->levels[i].ref == (size_t)number + 1;
    return found;
}

/* Looking at the object waits for memory; that is done when it is asked for. */
static int read_ref(struct marshal *m, struct marshal_value *v, struct err *e)
{
    uint32_t number;
    if (take_u32(m, &number, e) < 0)
        return -1;
    if (number >= m->refs.n)
        return fault(m, m->in->p - 4, e, "a reference to an object that did not come before it");
    if (is_open(m, number))
        return fault(m, m->in->p - 4, e, "an object within itself");
    *v = (struct marshal_value){.type = MARSHAL_REF, .string = number};
    return 0;
}

/* What is refused ------------------------------------------------------------------------------ */

static const char *foreign(uint8_t type)
{
    static const struct {
        char type;
        const char *name;
    } names[] = {{'c', "a code object"},  {'[', "a list"},
                 {'<', "a set"},          {'>', "a frozenset"},
                 {'x', "a complex"},      {'y', "a complex"},
                 {'s', "a byte string"},  {'R', "a string of Python 2"},
                 {'.', "an Ellipsis"},    {'S', "a StopIteration"},
                 {':', "a slice object"}, {'0', "an end"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((uint8_t)names[i].type == type)
            return names[i].name;
    return "an unknown type";
}

/* The module that `python3 -m profile` ran is a key of its profile. */
static int refuse(const struct marshal *m, uint8_t type, struct err *e)
{
    const struct input *in = m->in;
    type &= 0x7F;
    return err_set(e, ST_FAILED, "%s: byte %llu: %s (marshal type 0x%02x), which is not read%s",
                   in->name, (unsigned long long)input_offset(in, in->p) - 1, foreign(type), type,
                   type == 'c' ? "; python3 -m profile writes one, cProfile does not" : "");
}

const char *marshal_type_name(const struct marshal_value *v)
{
    static const char *const names[] = {"None", "an int", "a float", "a str", "a tuple", "a dict"};
    return names[v->type];
}

/* Containers ----------------------------------------------------------------------------------- */

/* Gives the object its number. NO_REF, or the number plus 1. */
static int number_object(struct marshal *m, uint8_t type, size_t *ref, struct err *e)
{
    *ref = NO_REF;
    if (!(type & FLAG_REF))
        return 0;
    if (m->refs.n >= MARSHAL_VALUES_MAX)
        return fault(m, m->in->p - 1, e, "too many objects");
    values_add(&m->refs, (struct marshal_value){0});
    *ref = m->refs.n;
    return 0;
}

static int open_level(struct marshal *m, bool is_dict, uint8_t type, size_t n, struct err *e)
{
    if (m->depth == MARSHAL_DEPTH)
        return fault(m, m->in->p, e, "containers nested deeper than in any profile");
    if (n > MARSHAL_TUPLE_MAX)
        return err_set(e, ST_FAILED, "%s: byte %llu: a tuple of %lu items, which no profile has",
                       m->in->name, (unsigned long long)input_offset(m->in, m->in->p) - 4,
                       (unsigned long)n);
    bool kept = type & FLAG_REF || (m->depth && m->levels[m->depth - 1].kept);
    struct marshal_level *l = &m->levels[m->depth++];
    *l = (struct marshal_level){.begin = m->pending.n, .left = n, .is_dict = is_dict, .kept = kept};
    return number_object(m, type, &l->ref, e);
}

/* The innermost container is whole. */
static struct marshal_value close_level(struct marshal *m)
{
    const struct marshal_level *l = &m->levels[--m->depth];
    struct marshal_values *items = &m->items[l->kept];
    struct marshal_value v = {.type = l->is_dict ? MARSHAL_DICT : MARSHAL_TUPLE,
                              .kept = l->kept,
                              .n = (uint32_t)(m->pending.n - l->begin),
                              .first = (uint32_t)items->n,
                              .twin = l->ref == NO_REF ? 0 : ++m->twins};
    for (size_t i = l->begin; i < m->pending.n; i++)
        values_add(items, m->pending.rows[i]);
    m->pending.n = l->begin;
    if (l->ref != NO_REF)
        m->refs.rows[l->ref - 1] = v;
    return v;
}

/* One object is read; 1 if it is all, 0 if it belongs to a container that is not yet whole. */
static int settle(struct marshal *m, struct marshal_value *v, struct err *e)
{
    while (m->depth) {
        struct marshal_level *l = &m->levels[m->depth - 1];
        if (m->pending.n + m->items[0].n + m->items[1].n >= MARSHAL_VALUES_MAX)
            return fault(m, m->in->p, e, "too many objects");
        values_add(&m->pending, *v);
        if (l->is_dict || --l->left > 0)
            return 0;
        *v = close_level(m);
    }
    return 1;
}

/* Objects -------------------------------------------------------------------------------------- */

static int read_scalar(struct marshal *m, uint8_t type, struct marshal_value *v, struct err *e)
{
    switch (type) {
    case 'z':
    case 'Z':
        return read_str(m, true, v, e);
    case 'a':
    case 'A':
    case 'u':
    case 't':
        return read_str(m, false, v, e);
    case 'i':
        return read_int(m, v, e);
    case 'I':
        return read_int64(m, v, e);
    case 'l':
        return read_long(m, v, e);
    case 'g':
        return read_float(m, v, e);
    case 'f':
        return read_float_text(m, v, e);
    default:
        return refuse(m, type, e);
    }
}

/* None, True, False and references have no number, whatever their flag says. */
static bool read_constant(uint8_t type, struct marshal_value *v)
{
    v->type = type == 'N' ? MARSHAL_NONE : MARSHAL_INT;
    v->i = type == 'T';
    return type == 'N' || type == 'T' || type == 'F';
}

static int read_plain(struct marshal *m, uint8_t type, struct marshal_value *v, struct err *e)
{
    size_t ref;
    if (read_constant(type & 0x7F, v))
        return 0;
    if ((type & 0x7F) == 'r')
        return read_ref(m, v, e);
    if (number_object(m, type, &ref, e) < 0 || read_scalar(m, type & 0x7F, v, e) < 0)
        return -1;
    if (ref != NO_REF)
        m->refs.rows[ref - 1] = *v;
    return 0;
}

/* The length of a tuple, and the tuple if it is empty. 1 if v is whole. */
static int read_tuple(struct marshal *m, uint8_t type, struct marshal_value *v, struct err *e)
{
    uint32_t n = 0;
    if ((type & 0x7F) == ')') {
        if (need(m, 1, e) < 0)
            return -1;
        n = *m->in->p++;
    } else if (take_u32(m, &n, e) < 0) {
        return -1;
    }
    if (open_level(m, false, type, n, e) < 0)
        return -1;
    if (n > 0)
        return 0;
    *v = close_level(m);
    return 1;
}

/* One object or one bracket. 1 if v is whole. */
static int read_piece(struct marshal *m, struct marshal_value *v, struct err *e)
{
    if (need(m, 1, e) < 0)
        return -1;
    uint8_t type = *m->in->p++;
    const struct marshal_level *l = m->depth ? &m->levels[m->depth - 1] : NULL;
    switch (type & 0x7F) {
    case '(':
    case ')':
        return read_tuple(m, type, v, e);
    case '{':
        return open_level(m, true, type, 0, e);
    case '0':
        if (!l || !l->is_dict || (m->pending.n - l->begin) % 2)
            return refuse(m, type, e);
        *v = close_level(m);
        return 1;
    default:
        return read_plain(m, type, v, e) < 0 ? -1 : 1;
    }
}

static int read_object(struct marshal *m, struct marshal_value *v, struct err *e)
{
    int whole = 0;
    while (whole == 0)
        if ((whole = read_piece(m, v, e)) > 0)
            whole = settle(m, v, e);
    return whole;
}

int marshal_open(struct marshal *m, struct input *in, struct err *e)
{
    size_t ref;
    *m = (struct marshal){.in = in};
    if (need(m, 1, e) < 0)
        return -1;
    uint8_t type = *in->p++;
    if ((type & 0x7F) != '{')
        return fault(m, in->p - 1, e, "no dict: this is no profile of Python");
    m->dict_has_number = type & FLAG_REF;
    return number_object(m, type, &ref, e);
}

static void resolve(const struct marshal *m, struct marshal_value *v)
{
    if (v->type == MARSHAL_REF)
        *v = m->refs.rows[v->string];
}

int marshal_pair(struct marshal *m, struct marshal_value *key, struct marshal_value *value,
                 struct err *e)
{
    m->items[false].n = 0;
    m->at = input_offset(m->in, m->in->p);
    if (need(m, 1, e) < 0)
        return -1;
    if ((*m->in->p & 0x7F) == '0') {
        m->in->p++;
        return 0;
    }
    if (read_object(m, key, e) < 0 || read_object(m, value, e) < 0)
        return -1;
    resolve(m, key);
    resolve(m, value);
    return 1;
}

void marshal_free(struct marshal *m)
{
    strtab_free(&m->strings);
    free(m->items[0].rows);
    free(m->items[1].rows);
    free(m->pending.rows);
    free(m->refs.rows);
    *m = (struct marshal){0};
}
