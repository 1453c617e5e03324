/* record - the words of the record stream (FORMAT.md) as C names
 *
 * A struct here is what a program works with; the bytes of the stream are read and written field
 * by field, never laid over by a struct.
 */
#ifndef TRS_RECORD_H
#define TRS_RECORD_H

#include "base/bytes.h"

enum frame_type {
    FRAME_STRINGS = 1,
    FRAME_TRACKS,
    FRAME_RECORDS,
    FRAME_COLUMN,
    FRAME_LABELS,
    FRAME_META,
    FRAME_KEYS,
    FRAME_CONTENTS,
    FRAME_END,
    /* 10 to 13: of an index alone */
    FRAME_STACKS = 14,
    FRAME_LINKS
};

enum frame_flag { FRAME_KEEP = 1, FRAME_RESET = 2 };

enum role { ROLE_GPU, ROLE_HOST, ROLE_WORD, ROLE_LABEL, ROLES };

enum kind {
    KIND_KERNEL = 1,
    KIND_MEMCPY,
    KIND_MEMSET,
    KIND_CPU_OP,
    KIND_PYTHON,
    KIND_RUNTIME,
    KIND_ANNOTATION,
    KIND_FLOW,
    KIND_COUNTER,
    KIND_INSTANT,
    KIND_META,
    KIND_OTHER,
    KIND_FUNCTION, /* of a profile: the totals of a function, */
    KIND_CALL,     /* those of the calls of one function by another, */
    KIND_STACK,    /* and a stack with its weight */
    KINDS          /* one more than the last */
};

/* Bit sets of kinds. */
#define KIND_BIT(k)   (1u << (k))
#define KINDS_GPU     (KIND_BIT(KIND_KERNEL) | KIND_BIT(KIND_MEMCPY) | KIND_BIT(KIND_MEMSET))
#define KINDS_PROFILE (KIND_BIT(KIND_FUNCTION) | KIND_BIT(KIND_CALL) | KIND_BIT(KIND_STACK))
#define KINDS_ALL     ((1u << KINDS) - 2u)

/* True if this kind, as somebody has written it, is one of them. Later versions have more kinds
 * than a set has bits. */
static inline bool kinds_have(unsigned kinds, uint32_t kind)
{
    return kind < KINDS && kinds & KIND_BIT(kind);
}

static inline enum role kind_role(unsigned kind)
{
    return kind <= KIND_MEMSET ? ROLE_GPU : ROLE_HOST;
}

const char *kind_name(unsigned kind); /* "kernel", ...; "unknown" for others */

enum column {
    COLUMN_EXTERNAL_ID = 1,
    COLUMN_BYTES,
    COLUMN_ARGS,
    COLUMN_SEQUENCE,   /* Kineto's `Sequence number` of a cpu_op */
    COLUMN_FWD_THREAD, /* and its `Fwd thread id` */
    COLUMN_LINK,       /* id of a link: what launched this GPU activity */
    COLUMN_INSTANCE,   /* which instance of its cpu_op that was */
    COLUMN_CALLS,      /* of functions and calls: all calls, */
    COLUMN_PRIM_CALLS, /* those that are no recursion, */
    COLUMN_CUM_NS,     /* and the cumulative time */
    COLUMN_STACK,      /* id of a stack: of a call caller and callee, of a stack all of it */
    COLUMNS            /* one more than the last */
};

static inline bool column_is_text(unsigned column)
{
    return column == COLUMN_ARGS || column >= 128;
}

enum track_flag {
    TRACK_CORRELATION = 1, /* the records have a correlation */
    TRACK_NO_START = 2,    /* the records have no start */
    TRACK_ENCLOSING = 4    /* flow event with "bp": "e" */
};

/* Words are ids of ROLE_WORD, 0 for none. */
struct track {
    uint32_t ph, cat, pid, tid, device, stream;
    uint32_t flags;
};

struct record {
    int64_t start_ns; /* the file's own clock */
    int64_t dur_ns;
    uint64_t correlation;
    uint32_t name; /* of kind_role(kind) */
    uint32_t track;
};

struct label {
    uint32_t name;                  /* ROLE_GPU */
    uint32_t op, category, library; /* ROLE_LABEL */
};

/* One frame of a call stack; stacks are a tree. */
struct stack_frame {
    uint32_t parent; /* id of the frame around it, less than its own; 0 for none */
    uint32_t name;   /* ROLE_HOST */
    uint32_t kind;   /* enum kind, of a host event */
};

/* What GPU activity belongs to, by the call that launched it: ids, 0 for none. */
struct link {
    uint32_t flags;                              /* enum link_flag */
    uint32_t launch, cpu_op, module, annotation; /* ROLE_HOST */
    uint32_t forward_op, forward_module;         /* ROLE_HOST */
    uint32_t stack;                              /* of the launch call itself */
    uint32_t phase, step, layer;                 /* ROLE_WORD */
};

enum link_flag {
    LINK_LAUNCHED = 1, /* a launch was found */
    LINK_TRACELENS = 2 /* TraceLens would find it too */
};

/* A row of CONTENTS and END. */
struct tally {
    uint32_t part, kind, cat;
    uint64_t events, lost;
};

enum {
    HEADER_BYTES = 16,
    HEAD_BYTES = 32,
    RECORD_BYTES = 32,
    TRACK_BYTES = 32,
    LABEL_BYTES = 16,
    TALLY_BYTES = 32,
    STACK_BYTES = 16,
    LINK_BYTES = 48,
    TOTALS_BYTES = 32,
    FRAME_VERSION = 1,
    PARTS_MAX = 65536,
    FRAME_LENGTH_MAX = 64 * 1024 * 1024
};

extern const uint8_t frame_magic[8];

static inline struct record record_get(const uint8_t *p)
{
    return (struct record){get_i64(p), get_i64(p + 8), get_u64(p + 16), get_u32(p + 24),
                           get_u32(p + 28)};
}

static inline void record_put(uint8_t *p, const struct record *r)
{
    put_i64(p, r->start_ns);
    put_i64(p + 8, r->dur_ns);
    put_u64(p + 16, r->correlation);
    put_u32(p + 24, r->name);
    put_u32(p + 28, r->track);
}

static inline struct track track_get(const uint8_t *p)
{
    return (struct track){get_u32(p),      get_u32(p + 4),  get_u32(p + 8), get_u32(p + 12),
                          get_u32(p + 16), get_u32(p + 20), get_u32(p + 24)};
}

static inline void track_put(uint8_t *p, const struct track *t)
{
    put_u32(p, t->ph);
    put_u32(p + 4, t->cat);
    put_u32(p + 8, t->pid);
    put_u32(p + 12, t->tid);
    put_u32(p + 16, t->device);
    put_u32(p + 20, t->stream);
    put_u32(p + 24, t->flags);
    put_u32(p + 28, 0);
}

static inline struct stack_frame stack_get(const uint8_t *p)
{
    return (struct stack_frame){get_u32(p), get_u32(p + 4), get_u32(p + 8)};
}

static inline void stack_put(uint8_t *p, const struct stack_frame *f)
{
    put_u32(p, f->parent);
    put_u32(p + 4, f->name);
    put_u32(p + 8, f->kind);
    put_u32(p + 12, 0);
}

static inline struct link link_get(const uint8_t *p)
{
    return (struct link){get_u32(p),      get_u32(p + 4),  get_u32(p + 8),  get_u32(p + 12),
                         get_u32(p + 16), get_u32(p + 20), get_u32(p + 24), get_u32(p + 28),
                         get_u32(p + 32), get_u32(p + 36), get_u32(p + 40)};
}

static inline void link_put(uint8_t *p, const struct link *l)
{
    const uint32_t fields[LINK_BYTES / 4] = {
        l->flags,          l->launch, l->cpu_op, l->module, l->annotation, l->forward_op,
        l->forward_module, l->stack,  l->phase,  l->step,   l->layer,      0};
    for (unsigned i = 0; i < LINK_BYTES / 4; i++)
        put_u32(p + 4 * (size_t)i, fields[i]);
}

#endif
