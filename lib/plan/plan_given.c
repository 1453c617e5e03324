#include "plan/plan_given.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

/* Values --------------------------------------------------------------------------------------- */

/* jansson would take blanks around it as well. */
static json_t *number_of(const char *text)
{
    static const char inside[] = "+-.0123456789Ee";
    if (!*text || text[strspn(text, inside)] != '\0')
        return NULL;
    return json_loads(text, JSON_DECODE_ANY, NULL);
}

static json_t *text_of(const char *text)
{
    struct buf valid = {0};
    text_add_valid(&valid, slice_str(text));
    buf_addc(&valid, '\0');
    json_t *value = json_string((const char *)valid.p);
    buf_free(&valid);
    return value;
}

static json_t *result_value(const char *key, const char *text, struct err *e)
{
    json_t *number = number_of(text);
    (void)key, (void)e; /* any will do */
    return number ? number : text_of(text);
}

static bool is_field(const char *key)
{
    static const char *const fields[] = {"id", "label", "phase", "size", "command", "description"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(key, fields[i]) == 0)
            return true;
    return false;
}

/* Bytes that are no UTF-8 would be another command, so they are refused. */
static json_t *run_value(const char *key, const char *text, struct err *e)
{
    bool phase = strcmp(key, "phase") == 0;
    json_t *value = phase || strcmp(key, "size") == 0 ? number_of(text) : NULL;
    if (!is_field(key))
        err_set(e, ST_USAGE,
                "unknown field '%s'; fields are id label phase size command description", key);
    else if (phase && !json_is_integer(value))
        err_set(e, ST_USAGE, "phase has to be a whole number, not '%s'", text);
    else if (strcmp(key, "id") == 0 && !run_id_valid(text))
        err_set(e, ST_USAGE,
                "'%s' is no id: that is 1 to %d of A-Z a-z 0-9 . _ -, without . or - in front",
                text, RUN_ID_MAX);
    else if (!value && !(value = json_string(text)))
        err_set(e, ST_USAGE, "%s is no UTF-8", key);
    else
        return value;
    json_decref(value);
    return NULL;
}

/* Pairs ---------------------------------------------------------------------------------------- */

typedef json_t *value_fn(const char *key, const char *text, struct err *e);

static int add_pair(json_t *object, const char *pair, value_fn *value_of, struct err *e)
{
    const char *sign = strchr(pair, '=');
    if (!sign || sign == pair)
        return err_set(e, ST_USAGE, "'%s' is not KEY=VALUE", pair);
    char *key = mem_dup(pair, (size_t)(sign - pair));
    json_t *value = NULL;
    int rc = -1;
    if (json_object_get(object, key))
        err_set(e, ST_USAGE, "%s is given twice", key);
    else if ((value = value_of(key, sign + 1, e)) != NULL) {
        rc = json_object_set_new(object, key, value);
        if (rc < 0)
            err_set(e, ST_USAGE, "'%s' is no UTF-8", key);
    }
    free(key);
    return rc;
}

static json_t *read_pairs(int n, char **pairs, value_fn *value_of, struct err *e)
{
    plan_memory();
    json_t *object = json_object();
    for (int i = 0; i < n; i++)
        if (add_pair(object, pairs[i], value_of, e) < 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

json_t *given_results(int n, char **pairs, struct err *e)
{
    return read_pairs(n, pairs, result_value, e);
}

json_t *given_error(const char *text)
{
    plan_memory();
    json_t *results = json_object();
    if (text)
        json_object_set_new(results, "error", text_of(text));
    return results;
}

json_t *given_run(int n, char **pairs, struct err *e)
{
    json_t *run = read_pairs(n, pairs, run_value, e);
    if (!run)
        return NULL;
    if (run_member(run, "id")) {
        json_object_set_new(run, "status", json_string(run_statuses[RUN_PENDING]));
        return run;
    }
    err_set(e, ST_USAGE, "a new run needs id=ID");
    json_decref(run);
    return NULL;
}
