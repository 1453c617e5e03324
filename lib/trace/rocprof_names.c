#include "trace/rocprof_names.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#include <stdlib.h>

/* A key of `ids`: what kind of number, then the numbers. */
static struct slice id_key(char what, uint64_t a, uint64_t b, uint8_t out[17])
{
    out[0] = (uint8_t)what;
    put_u64(out + 1, a);
    put_u64(out + 9, b);
    return slice_of(out, 17);
}

/* The first name for a number stays. */
static void add_name(struct rocprof_names *n, struct slice key, struct json_string name)
{
    struct buf scratch = {0};
    uint32_t before = n->ids.n;
    if (strtab_intern(&n->ids, key) > before)
        strtab_add(&n->names, json_bytes(name, &scratch));
    buf_free(&scratch);
}

static struct slice find_name(const struct rocprof_names *n, struct slice key)
{
    return strtab_get(&n->names, strtab_find(&n->ids, key));
}

static bool take_u64(struct json_cursor *c, uint64_t *out)
{
    struct json_value v;
    if (!json_value(c, &v))
        return false;
    if (v.type == JSON_WORD)
        return num_u64(v.text.raw, out);
    if (v.type != JSON_STRING)
        json_skip(c);
    return false;
}

static bool take_text(struct json_cursor *c, struct json_string *out)
{
    struct json_value v;
    if (!json_value(c, &v))
        return false;
    if (v.type == JSON_STRING) {
        *out = v.text;
        return true;
    }
    if (v.type != JSON_WORD)
        json_skip(c);
    return false;
}

bool rocprof_metadata_piece(struct json_cursor *c, void *ctx)
{
    struct rocprof_names *n = ctx;
    struct json_cursor copy = *c;
    struct json_string key;
    uint64_t pid;
    n->metadata.n = n->pid.n = 0;
    for (json_enter(c); json_member(c, &key);)
        if (!slice_is(key.raw, "pid"))
            json_skip(c);
        else if (take_u64(c, &pid))
            buf_addf(&n->pid, "%llu", (unsigned long long)pid);
    return !c->fault && json_copy(&copy, &n->metadata);
}

/* {"kind": "HIP_RUNTIME_API", "operations": ["hipMalloc", …]}, the kind-th of its array. */
static void read_operations(struct json_cursor *c, struct rocprof_names *n, uint64_t kind)
{
    struct json_string key, name;
    uint8_t id[17];
    for (json_enter(c); json_member(c, &key);) {
        if (!slice_is(key.raw, "operations") || *c->p != '[') {
            json_skip(c);
            continue;
        }
        uint64_t operation = 0;
        for (json_enter(c); json_element(c); operation++)
            if (take_text(c, &name))
                add_name(n, id_key('o', kind, operation, id), name);
    }
}

bool rocprof_strings_piece(struct json_cursor *c, void *ctx)
{
    struct rocprof_names *n = ctx;
    struct json_string key;
    for (json_enter(c); json_member(c, &key);) {
        if (!slice_is(key.raw, "buffer_records") || *c->p != '[') {
            json_skip(c);
            continue;
        }
        uint64_t kind = 0;
        for (json_enter(c); json_element(c); kind++)
            if (*c->p == '{')
                read_operations(c, n, kind);
            else
                json_skip(c);
    }
    return !c->fault;
}

bool rocprof_symbol_piece(struct json_cursor *c, void *ctx)
{
    struct rocprof_names *n = ctx;
    struct json_string key, name = {{0}, false}, plain = {{0}, false};
    uint64_t kernel = 0;
    uint8_t id[17];
    if (*c->p != '{')
        return json_skip(c);
    for (json_enter(c); json_member(c, &key);)
        if (slice_is(key.raw, "kernel_id"))
            (void)take_u64(c, &kernel);
        else if (slice_is(key.raw, "formatted_kernel_name"))
            (void)take_text(c, &name);
        else if (slice_is(key.raw, "kernel_name"))
            (void)take_text(c, &plain);
        else
            json_skip(c);
    if (c->fault)
        return false;
    if (name.raw.n || plain.raw.n)
        add_name(n, id_key('k', kernel, 0, id), name.raw.n ? name : plain);
    return true;
}

struct agent {
    uint64_t handle, type, node, logical, gpu, wave;
    bool has_gpu, has_logical;
    struct json_string name, product;
};

static void agent_field(struct json_cursor *c, struct slice key, struct agent *a)
{
    struct json_string inner;
    if (slice_is(key, "id") && *c->p == '{') {
        for (json_enter(c); json_member(c, &inner);)
            if (slice_is(inner.raw, "handle"))
                (void)take_u64(c, &a->handle);
            else
                json_skip(c);
    } else if (slice_is(key, "type")) {
        (void)take_u64(c, &a->type);
    } else if (slice_is(key, "node_id")) {
        (void)take_u64(c, &a->node);
    } else if (slice_is(key, "logical_node_type_id")) {
        a->has_logical = take_u64(c, &a->logical);
    } else if (slice_is(key, "gpu_index")) {
        a->has_gpu = take_u64(c, &a->gpu);
    } else if (slice_is(key, "wave_front_size")) {
        (void)take_u64(c, &a->wave);
    } else if (slice_is(key, "name")) {
        (void)take_text(c, &a->name);
    } else if (slice_is(key, "product_name")) {
        (void)take_text(c, &a->product);
    } else {
        json_skip(c);
    }
}

/* The GPU in the words of Kineto, so that later programs know one form only. */
static void add_properties(struct rocprof_names *n, const struct agent *a, uint64_t device)
{
    struct buf scratch = {0};
    struct json_string name = a->product.raw.n ? a->product : a->name;
    buf_adds(&n->properties, n->properties.n ? ", " : "[");
    buf_addf(&n->properties, "{\"id\": %llu, \"name\": ", (unsigned long long)device);
    text_add_json(&n->properties, json_bytes(name, &scratch), TEXT_BYTES);
    buf_addf(&n->properties, ", \"warpSize\": %llu}", (unsigned long long)a->wave);
    buf_free(&scratch);
}

bool rocprof_agent_piece(struct json_cursor *c, void *ctx)
{
    enum { TYPE_GPU = 2 };
    struct rocprof_names *n = ctx;
    struct json_string key;
    struct agent a = {0};
    uint8_t handle[8];
    if (*c->p != '{')
        return json_skip(c);
    for (json_enter(c); json_member(c, &key);)
        agent_field(c, key.raw, &a);
    if (c->fault)
        return false;
    uint64_t device = a.has_gpu ? a.gpu : a.type == TYPE_GPU && a.has_logical ? a.logical : a.node;
    put_u64(handle, a.handle);
    uint32_t before = n->agents.n, id = strtab_intern(&n->agents, slice_of(handle, 8));
    n->devices = mem_grow(n->devices, &n->devices_cap, (size_t)id + 1, sizeof *n->devices);
    n->devices[id] = device;
    if (id > before && a.type == TYPE_GPU)
        add_properties(n, &a, device);
    return true;
}

struct slice rocprof_pid(const struct rocprof_names *n)
{
    return n->pid.n ? buf_slice(&n->pid) : slice_of(NULL, 0);
}

struct slice rocprof_kernel(const struct rocprof_names *n, uint64_t kernel)
{
    uint8_t id[17];
    return find_name(n, id_key('k', kernel, 0, id));
}

struct slice rocprof_operation(const struct rocprof_names *n, uint64_t kind, uint64_t operation)
{
    uint8_t id[17];
    return find_name(n, id_key('o', kind, operation, id));
}

uint64_t rocprof_device(const struct rocprof_names *n, uint64_t agent)
{
    uint8_t handle[8];
    put_u64(handle, agent);
    uint32_t id = strtab_find(&n->agents, slice_of(handle, 8));
    return id ? n->devices[id] : agent;
}

void rocprof_meta(const struct rocprof_names *n, struct source *s)
{
    struct buf json = {0};
    if (n->properties.n) {
        buf_add(&json, n->properties.p, n->properties.n);
        buf_addc(&json, ']');
        source_meta(s, "deviceProperties", buf_slice(&json));
    }
    buf_free(&json);
}

void rocprof_names_free(struct rocprof_names *n)
{
    buf_free(&n->metadata);
    buf_free(&n->pid);
    strtab_free(&n->ids);
    strtab_free(&n->names);
    strtab_free(&n->agents);
    free(n->devices);
    buf_free(&n->properties);
}
