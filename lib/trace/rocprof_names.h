/* rocprof_names - what the records of a rocprofv3 file refer to by number */
#ifndef TRS_ROCPROF_NAMES_H
#define TRS_ROCPROF_NAMES_H

#include "trace/json.h"
#include "trace/source.h"

struct rocprof_names {
    struct buf metadata;  /* JSON text of the process's metadata */
    struct buf pid;       /* decimal text, empty if not known */
    struct strtab ids;    /* "k" + kernel id, "o" + kind + operation, as bytes */
    struct strtab names;  /* the name of ids[i] is names[i] */
    struct strtab agents; /* handles, as bytes */
    uint64_t *devices;    /* of agents[i] at i */
    size_t devices_cap;
    struct buf properties; /* deviceProperties as Kineto writes them, made of the GPU agents */
};

/* Pieces for pull(): ctx is the struct rocprof_names. They may run more than once on the same
 * bytes; only a complete run leaves a mark. */
bool rocprof_metadata_piece(struct json_cursor *c, void *ctx);
bool rocprof_strings_piece(struct json_cursor *c, void *ctx);
bool rocprof_symbol_piece(struct json_cursor *c, void *ctx);
bool rocprof_agent_piece(struct json_cursor *c, void *ctx);

/* The process id, p == NULL if not known. Borrowed. */
struct slice rocprof_pid(const struct rocprof_names *n);

/* The name of a kernel, or of an API call or copy; p == NULL if there is none. Borrowed. */
struct slice rocprof_kernel(const struct rocprof_names *n, uint64_t kernel);
struct slice rocprof_operation(const struct rocprof_names *n, uint64_t kind, uint64_t operation);

/* The GPU's index of an agent; for one that is not known, its handle. */
uint64_t rocprof_device(const struct rocprof_names *n, uint64_t agent);

/* Hands deviceProperties to the source. */
void rocprof_meta(const struct rocprof_names *n, struct source *s);

void rocprof_names_free(struct rocprof_names *n);

#endif
