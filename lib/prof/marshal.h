/* marshal - Python's binary form of data, as profilers write it: one dict
 *
 *   marshal_open(&m, &in, &e);
 *   while ((got = marshal_pair(&m, &key, &value, &e)) > 0)
 *       marshal_item(&m, &key, 0) ...
 *
 * Versions 2 to 5 of the format, as Python 3 writes them. Source: Python/marshal.c of CPython
 * (r_object, w_object, w_ref). There is str, int, float, tuple, dict, None, True and False; all
 * else is refused by its name. Nothing recurses and no length is believed: room is made as bytes
 * come. Errors name the byte.
 *
 * A type byte with FLAG_REF (0x80) gives its object the next number, before its items get theirs;
 * 'r' and a number stand for that object again. Objects that have a number are kept to the end,
 * others until the next pair; the bytes of all texts to the end.
 */
#ifndef TRS_MARSHAL_H
#define TRS_MARSHAL_H

#include "base/strtab.h"
#include "io/input.h"

enum {
    MARSHAL_DEPTH = 16,          /* containers within each other; a profile has 3 */
    MARSHAL_TUPLE_MAX = 4096,    /* items of a tuple; a profile has 5 */
    MARSHAL_VALUES_MAX = 1 << 25 /* values that are kept, and objects with a number */
};

enum marshal_type {
    MARSHAL_NONE,
    MARSHAL_INT, /* True and False too */
    MARSHAL_FLOAT,
    MARSHAL_STR,
    MARSHAL_TUPLE,
    MARSHAL_DICT,
    MARSHAL_REF /* private: an object that came before */
};

struct marshal_value {
    uint8_t type;
    bool kept;  /* private: where the items are */
    uint32_t n; /* items of a tuple; of a dict, where each key is followed by its value */
    union {
        int64_t i;
        double f;
        uint32_t string; /* private; of a reference, the number */
        struct {
            uint32_t first; /* private */
            uint32_t twin;  /* of a tuple or dict that may come again, 1, 2, ...; else 0 */
        };
    };
};

struct marshal {
    struct input *in;
    uint64_t at; /* byte at which the pair begins */

    /* private */
    struct strtab strings;
    struct marshal_values {
        struct marshal_value *rows;
        size_t n, cap;
    } items[2], pending,
        refs; /* of containers, [1] to the end; of those that are open; by number */
    uint32_t twins;
    bool dict_has_number; /* the dict that is the file */
    struct marshal_level {
        size_t begin, left, ref;
        bool is_dict, kept;
    } levels[MARSHAL_DEPTH];
    unsigned depth;
};

/* Reads the beginning of the dict. in stays the caller's. */
int marshal_open(struct marshal *m, struct input *in, struct err *e);

/* The next key and its value: 1, or 0 at the end of the dict, behind which in->p stands then, or
 * -1. They are valid until the next call. */
int marshal_pair(struct marshal *m, struct marshal_value *key, struct marshal_value *value,
                 struct err *e);

static inline struct marshal_value marshal_item(const struct marshal *m,
                                                const struct marshal_value *container, size_t i)
{
    struct marshal_value v = m->items[container->kept].rows[container->first + i];
    return v.type == MARSHAL_REF ? m->refs.rows[v.string] : v;
}

/* The bytes of a str: UTF-8, surrogates in their three-byte form. Borrowed until the next pair. */
static inline struct slice marshal_str(const struct marshal *m, const struct marshal_value *v)
{
    return strtab_get(&m->strings, v->string);
}

/* Begins to fetch an item that came before, for who looks at many of them. */
static inline void marshal_prefetch(const struct marshal *m, const struct marshal_value *container,
                                    size_t i)
{
    const struct marshal_value *v = &m->items[container->kept].rows[container->first + i];
    if (v->type == MARSHAL_REF)
        __builtin_prefetch(&m->refs.rows[v->string]);
}

/* What a value is, for messages: "a tuple". */
const char *marshal_type_name(const struct marshal_value *v);

void marshal_free(struct marshal *m);

#endif
