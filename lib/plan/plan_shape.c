#include "plan/plan.h"

#include "base/strtab.h"

enum {
    TEXT = 1 << JSON_STRING,
    WHOLE = 1 << JSON_INTEGER,
    NUMBER = 1 << JSON_INTEGER | 1 << JSON_REAL,
    LIST = 1 << JSON_ARRAY,
    OBJECT = 1 << JSON_OBJECT
};

struct field {
    const char *name;
    unsigned types;
    const char *is;
};

static const struct field plan_fields[] = {{"name", TEXT, "text"},
                                           {"profiler", TEXT, "text"},
                                           {"requires", OBJECT, "an object"},
                                           {"runs", LIST, "an array"},
                                           {0}};

static const struct field requires_fields[] = {
    {"env", OBJECT, "an object"}, {"files", LIST, "an array"}, {0}};

static const struct field run_fields[] = {{"id", TEXT | WHOLE, "text or a whole number"},
                                          {"label", TEXT, "text"},
                                          {"phase", WHOLE, "a whole number"},
                                          {"size", TEXT | NUMBER, "a number or text"},
                                          {"command", TEXT | LIST, "text or an array of texts"},
                                          {"description", TEXT, "text"},
                                          {"status", TEXT, "text"},
                                          {"start", TEXT, "text"},
                                          {"end", TEXT, "text"},
                                          {"git", TEXT, "text"},
                                          {"results", OBJECT, "an object"},
                                          {0}};

/* The first field that is there and of another type, or NULL. */
static const struct field *odd_field(const json_t *object, const struct field *f)
{
    for (; f->name; f++) {
        const json_t *value = run_member(object, f->name);
        if (value && !(f->types & 1u << json_typeof(value)))
            return f;
    }
    return NULL;
}

/* True if value is no array, or one of texts alone. */
static bool texts_alone(const json_t *value)
{
    const json_t *text;
    size_t i;
    json_array_foreach(value, i, text)
    {
        if (!json_is_string(text))
            return false;
    }
    return true;
}

static int check_env(json_t *env, const char *name, struct err *e)
{
    const char *key;
    json_t *value;
    json_object_foreach(env, key, value)
    {
        if (*key == '\0' || strchr(key, '='))
            return err_set(e, ST_FAILED, "%s: requires.env: '%s' is no name of a variable", name,
                           key);
        if (!json_is_string(value) && !json_is_null(value))
            return err_set(e, ST_FAILED, "%s: requires.env: '%s' has to be text or null", name,
                           key);
    }
    return 0;
}

static int check_requires(const json_t *requires, const char *name, struct err *e)
{
    const struct field *odd = odd_field(requires, requires_fields);
    if (odd)
        return err_set(e, ST_FAILED, "%s: requires.%s has to be %s", name, odd->name, odd->is);
    if (!texts_alone(run_member(requires, "files")))
        return err_set(e, ST_FAILED, "%s: requires.files has to be an array of texts", name);
    return check_env(run_member(requires, "env"), name, e);
}

static int check_run(const json_t *run, size_t number, struct strtab *ids, const char *name,
                     struct err *e)
{
    if (!json_is_object(run))
        return err_set(e, ST_FAILED, "%s: run %zu is no object", name, number);
    if (!run_member(run, "id"))
        return err_set(e, ST_FAILED, "%s: run %zu has no id", name, number);
    struct run_id id = run_id(run);
    const struct field *odd = odd_field(run, run_fields);
    if (odd || !texts_alone(run_member(run, "command")))
        return err_set(e, ST_FAILED, "%s: run %zu: %s has to be %s", name, number,
                       odd ? odd->name : "command", odd ? odd->is : "text or an array of texts");
    if (!id.text[0])
        return err_set(e, ST_FAILED,
                       "%s: run %zu: id has to be 1 to %d of A-Z a-z 0-9 . _ -, without . or - in "
                       "front, or a whole number",
                       name, number, RUN_ID_MAX);
    if (run_status(run) == RUN_STATUSES)
        return err_set(e, ST_FAILED,
                       "%s: run '%s': status '%s' is none of pending running done error", name,
                       id.text, run_text(run, "status"));
    if (strtab_intern(ids, slice_str(id.text)) != number)
        return err_set(e, ST_FAILED, "%s: two runs have the id '%s'", name, id.text);
    return 0;
}

static int check_runs(const json_t *runs, const char *name, struct err *e)
{
    struct strtab ids = {0};
    const json_t *run;
    size_t i;
    int rc = 0;
    json_array_foreach(runs, i, run)
    {
        rc = check_run(run, i + 1, &ids, name, e);
        if (rc < 0)
            break;
    }
    strtab_free(&ids);
    return rc;
}

int plan_shape(const json_t *root, const char *name, struct err *e)
{
    if (!json_is_object(root))
        return err_set(e, ST_FAILED, "%s: not a plan: it is no object", name);
    const struct field *odd = odd_field(root, plan_fields);
    if (odd)
        return err_set(e, ST_FAILED, "%s: %s has to be %s", name, odd->name, odd->is);
    if (!run_member(root, "runs"))
        return err_set(e, ST_FAILED, "%s: not a plan: it has no runs", name);
    if (check_requires(run_member(root, "requires"), name, e) < 0)
        return -1;
    return check_runs(json_object_get(root, "runs"), name, e);
}
