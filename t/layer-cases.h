/* layer-cases - answers cases that t/layer_cases.py makes, one a line, as that answers them with
 * the oracle; for t/43-layers.t
 *
 *   phase HEX                        hex of the phase, hex of the step, `-`: none
 *   repeat HEAVY[,HEAVY]... OP...    period, count, covered, then the layer of each activity
 *   module DUR:NAME;NAME... ...      the class; an activity without a launch is `DUR`
 */
#ifndef TRS_LAYER_CASES_H
#define TRS_LAYER_CASES_H

#include "base/mem.h"
#include "base/num.h"
#include "link/layer_class.h"
#include "link/layers.h"
#include "link/phase.h"

#include <stdio.h>
#include <stdlib.h>

enum { CASE_OPS = 64 };

static uint32_t case_number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

static void case_hex(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        printf("%02x", s.p[i]);
    fputs(s.n > 0 ? " " : "- ", stdout);
}

static void case_phase(const char *hex)
{
    static struct buf room;
    struct buf name = {0};
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_addc(&name, (char)byte);
    case_hex(phase_of(buf_slice(&name), &room));
    case_hex(phase_step(buf_slice(&name)));
    buf_free(&name);
}

static void case_repeat(char *heavy_ops)
{
    bool heavy[CASE_OPS] = {false};
    uint32_t *ops = NULL;
    size_t n = 0, cap = 0;
    for (char *p; (p = strtok(NULL, " ")); ops[n++] = case_number(p))
        ops = mem_grow(ops, &cap, n + 1, sizeof *ops);
    for (char *p = strtok(heavy_ops, ","); p; p = strtok(NULL, ","))
        heavy[case_number(p)] = true;
    uint32_t *layer = mem_alloc((n + 1) * sizeof *layer);
    struct layers found = layers_find(ops, n, heavy, layer);
    printf("%u %u %zu", found.period, found.count, found.covered);
    for (size_t i = 0; i < n; i++)
        printf(layer[i] == LAYER_NONE ? " -" : " %u", layer[i]);
    free(ops);
    free(layer);
}

struct case_modules {
    struct strtab names, classes;
    struct module_frame *frames;
    size_t n, cap;
    uint64_t linked_ns;
};

/* The frame at `depth` of the activity whose frames begin at first; its time counts once a class.
 */
static void case_frame(struct case_modules *m, size_t first, const char *name, uint32_t depth,
                       uint32_t parent, uint64_t dur_ns)
{
    struct module_frame f = {.depth = depth, .parent = parent, .time_ns = dur_ns};
    struct slice cls;
    if (!layer_class_split(slice_str(name), &cls, &f.number))
        return;
    f.cls = strtab_intern(&m->classes, cls);
    for (size_t i = first; i < m->n; i++)
        if (m->frames[i].cls == f.cls)
            f.time_ns = 0;
    m->frames = mem_grow(m->frames, &m->cap, m->n + 1, sizeof *m->frames);
    m->frames[m->n++] = f;
}

static void case_activity(struct case_modules *m, char *text)
{
    char *chain = strchr(text, ':'), *save;
    uint64_t dur_ns = strtoul(text, NULL, 10);
    uint32_t depth = 0, parent = 0;
    size_t first = m->n;
    if (!chain)
        return;
    m->linked_ns += dur_ns;
    for (char *p = strtok_r(chain + 1, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
        case_frame(m, first, p, depth++, parent, dur_ns);
        parent = strtab_intern(&m->names, slice_str(p));
    }
}

static void case_module(void)
{
    struct case_modules m = {.linked_ns = 0};
    for (char *p; (p = strtok(NULL, " "));)
        case_activity(&m, p);
    struct slice cls =
        strtab_get(&m.classes, layer_class_choose(m.frames, m.n, m.linked_ns, &m.classes));
    printf("%.*s", cls.n > 0 ? (int)cls.n : 1, cls.n > 0 ? (const char *)cls.p : "-");
    strtab_free(&m.names);
    strtab_free(&m.classes);
    free(m.frames);
}

/* Standard input to standard output. */
static inline int answer_cases(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0) {
        line[len - 1] = 0;
        const char *what = strtok(line, " ");
        if (strcmp(what, "phase") == 0)
            case_phase(strtok(NULL, " "));
        else if (strcmp(what, "repeat") == 0)
            case_repeat(strtok(NULL, " "));
        else
            case_module();
        putchar('\n');
    }
    free(line);
    return 0;
}

#endif
