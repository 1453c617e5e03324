#include "plan/plan.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

const char *const run_statuses[RUN_STATUSES] = {"pending", "running", "done", "error"};

void plan_memory(void)
{
    json_set_alloc_funcs(mem_alloc, free);
}

int plan_parse(struct plan *p, struct slice text, const char *name, struct err *e)
{
    json_error_t why;
    *p = (struct plan){0};
    plan_memory();
    size_t mark = text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* of UTF-8 */
    p->root = json_loadb((const char *)text.p + mark, text.n - mark, JSON_REJECT_DUPLICATES, &why);
    if (!p->root)
        return err_set(e, ST_FAILED, "%s: line %d, column %d: %s", name, why.line, why.column,
                       why.text);
    if (plan_shape(p->root, name, e) < 0) {
        plan_free(p);
        return -1;
    }
    p->runs = json_object_get(p->root, "runs");
    return 0;
}

void plan_new(struct plan *p)
{
    plan_memory();
    p->root = json_object();
    p->runs = json_array();
    json_object_set_new(p->root, "runs", p->runs);
}

void plan_free(struct plan *p)
{
    json_decref(p->root);
    *p = (struct plan){0};
}

bool run_id_valid(const char *text)
{
    size_t n = strlen(text);
    static const char fits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return n > 0 && n <= RUN_ID_MAX && text[0] != '.' && text[0] != '-' && strspn(text, fits) == n;
}

struct run_id run_id(const json_t *run)
{
    struct run_id id = {""};
    const json_t *value = run_member(run, "id");
    if (json_is_string(value) && run_id_valid(json_string_value(value)))
        (void)snprintf(id.text, sizeof id.text, "%s", json_string_value(value));
    else if (json_is_integer(value) && json_integer_value(value) >= 0)
        (void)snprintf(id.text, sizeof id.text, "%lld", (long long)json_integer_value(value));
    return id;
}

enum run_status run_status(const json_t *run)
{
    const char *text = run_text(run, "status");
    for (unsigned i = 0; text && i < RUN_STATUSES; i++)
        if (strcmp(text, run_statuses[i]) == 0)
            return (enum run_status)i;
    return text ? RUN_STATUSES : RUN_PENDING;
}

json_int_t run_phase(const json_t *run)
{
    return json_integer_value(run_member(run, "phase"));
}

const char *run_text(const json_t *run, const char *field)
{
    return json_string_value(run_member(run, field));
}

json_t *run_member(const json_t *object, const char *field)
{
    json_t *value = json_object_get(object, field);
    return json_is_null(value) ? NULL : value;
}

json_t *plan_find(const struct plan *p, const char *id)
{
    json_t *run;
    size_t i;
    json_array_foreach(p->runs, i, run)
    {
        if (strcmp(run_id(run).text, id) == 0)
            return run;
    }
    return NULL;
}
