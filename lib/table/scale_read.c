#include "table/scale_read.h"

#include "base/mem.h"

#include <stdlib.h>

/* The command line ----------------------------------------------------------------------------- */

static int take_operand(struct scale_table *table, struct scale *s, const char *text, struct err *e)
{
    const char *equals = strchr(text, '=');
    if (!equals || !equals[1])
        return err_set(e, ST_USAGE, "'%.300s' is no SIZE=FILE", text);
    if (!scale_size(s, slice_of(text, (size_t)(equals - text))))
        return err_set(e, ST_USAGE, "'%.300s': a size is a number above 0", text);
    table->path = equals + 1;
    return 0;
}

int scale_operands(struct scale_tables *t, struct scale *s, int n, char **operands, struct err *e)
{
    unsigned standard = 0;
    *t = (struct scale_tables){.scale = s, .at = mem_zalloc((size_t)n, sizeof *t->at)};
    for (int i = 0; i < n; i++) {
        if (take_operand(&t->at[i], s, operands[i], e) < 0)
            return -1;
        standard += strcmp(t->at[i].path, "-") == 0;
    }
    if (n < 2)
        return err_set(e, ST_USAGE, "growth takes two tables or more: SIZE=FILE SIZE=FILE");
    if (!scale_sizes_differ(s))
        return err_set(e, ST_USAGE, "all sizes are the same: nothing grows");
    if (standard > 1)
        return err_set(e, ST_USAGE, "standard input can be one of the tables alone");
    return 0;
}

/* Columns -------------------------------------------------------------------------------------- */

static bool is_share(struct slice name)
{
    return slice_is(name, "pct") || (name.n > 4 && memcmp(name.p + name.n - 4, "_pct", 4) == 0);
}

static int find_key(struct scale_tables *t, const char *key, struct err *e)
{
    struct slice name = key ? slice_str(key) : strtab_get(&t->at[0].sheet.columns, 1);
    buf_add(&t->key, name.p, name.n);
    buf_addc(&t->key, '\0');
    if (memchr(name.p, 0, name.n))
        return err_set(e, ST_FAILED, "%s: a NUL in the name of the key column",
                       t->at[0].sheet.in.name);
    for (uint32_t i = 0; i < t->scale->nsizes; i++) {
        const struct sheet *sheet = &t->at[i].sheet;
        t->at[i].key_at = sheet_column(sheet, name);
        if (t->at[i].key_at == SIZE_MAX)
            return sheet_no_column(sheet, sheet->in.name, name, ST_USAGE, e);
    }
    return 0;
}

static bool in_all(const struct scale_tables *t, struct slice name)
{
    for (uint32_t i = 0; i < t->scale->nsizes; i++)
        if (sheet_column(&t->at[i].sheet, name) == SIZE_MAX)
            return false;
    return true;
}

static int take_asked(struct scale_tables *t, const struct strtab *metrics, struct err *e)
{
    for (uint32_t id = 1; id <= metrics->n; id++) {
        struct slice name = strtab_get(metrics, id);
        if (slice_is(name, (const char *)t->key.p))
            return err_set(e, ST_USAGE, "'%s' is the key and no metric", (const char *)t->key.p);
        for (uint32_t i = 0; i < t->scale->nsizes; i++) {
            const struct sheet *sheet = &t->at[i].sheet;
            if (sheet_column(sheet, name) == SIZE_MAX)
                return sheet_no_column(sheet, sheet->in.name, name, ST_USAGE, e);
        }
        scale_metric(t->scale, name);
    }
    return 0;
}

static void take_shared(struct scale_tables *t)
{
    const struct strtab *columns = &t->at[0].sheet.columns;
    for (uint32_t id = 1; id <= columns->n; id++) {
        struct slice name = strtab_get(columns, id);
        if (!slice_is(name, (const char *)t->key.p) && !is_share(name) && in_all(t, name))
            scale_metric(t->scale, name);
    }
}

static int no_metric(struct err *e)
{
    return err_set(e, ST_FAILED, "no column of numbers, shares aside, is in all tables");
}

int scale_headers(struct scale_tables *t, const char *key, const struct strtab *metrics,
                  struct err *e)
{
    struct scale *s = t->scale;
    for (uint32_t i = 0; i < s->nsizes; i++)
        if (sheet_open(&t->at[i].sheet, t->at[i].path, e) < 0)
            return -1;
    if (find_key(t, key, e) < 0 || take_asked(t, metrics, e) < 0)
        return -1;
    t->chosen = metrics->n > 0;
    if (!t->chosen)
        take_shared(t);
    if (s->metrics.n == 0)
        return no_metric(e);
    t->number = mem_zalloc(s->metrics.n, sizeof *t->number);
    t->odd = mem_zalloc(s->metrics.n, sizeof *t->odd);
    for (uint32_t i = 0; i < s->nsizes; i++) {
        t->at[i].columns = mem_alloc(s->metrics.n * sizeof *t->at[i].columns);
        for (uint32_t m = 0; m < s->metrics.n; m++)
            t->at[i].columns[m] = sheet_column(&t->at[i].sheet, strtab_get(&s->metrics, m + 1));
    }
    return 0;
}

/* Rows ----------------------------------------------------------------------------------------- */

/* One of them would be left out, or both would be one. */
static int twice(const struct scale_tables *t, const struct sheet *sheet, struct slice key,
                 struct err *e)
{
    return err_set(e, ST_FAILED, "%s: line %llu: %.100s '%.*s' stands twice", sheet->in.name,
                   (unsigned long long)sheet->line, (const char *)t->key.p,
                   key.n < 300 ? (int)key.n : 300, (const char *)key.p);
}

static int take_row(struct scale_tables *t, uint32_t size, struct err *e)
{
    const struct scale_table *table = &t->at[size];
    struct slice name = table->sheet.cells[table->key_at];
    bool known;
    uint32_t key = scale_key(t->scale, name, &known);
    t->last_table =
        mem_grow_zeroed(t->last_table, &t->last_table_cap, (size_t)key + 1, sizeof *t->last_table);
    if (known && t->last_table[key] == size + 1)
        return twice(t, &table->sheet, name, e);
    t->last_table[key] = size + 1;
    for (uint32_t m = 0; m < t->scale->metrics.n; m++) {
        struct slice cell = table->sheet.cells[table->columns[m]];
        bool number = scale_point(t->scale, key, size, m, cell) != SCALE_NO_NUMBER;
        t->number[m] |= number;
        t->odd[m] |= !number && cell.n;
    }
    return 0;
}

static int drop_others(struct scale_tables *t, struct err *e)
{
    uint32_t kept = 0;
    if (t->chosen || t->scale->keys.n == 0)
        return 0;
    for (uint32_t m = 0; m < t->scale->metrics.n; m++) {
        bool keep = t->number[m] && !t->odd[m];
        if (!keep)
            scale_drop(t->scale, m);
        kept += keep;
    }
    return kept ? 0 : no_metric(e);
}

int scale_read(struct scale_tables *t, struct err *e)
{
    for (uint32_t i = 0; i < t->scale->nsizes; i++) {
        int got;
        while ((got = sheet_next(&t->at[i].sheet, e)) > 0)
            if (take_row(t, i, e) < 0)
                return -1;
        if (got < 0 || sheet_close(&t->at[i].sheet, e) < 0)
            return -1;
    }
    return drop_others(t, e);
}

void scale_tables_free(struct scale_tables *t)
{
    for (uint32_t i = 0; i < t->scale->nsizes; i++)
        free(t->at[i].columns);
    free(t->at);
    free(t->number);
    free(t->odd);
    free(t->last_table);
    buf_free(&t->key);
    *t = (struct scale_tables){0};
}
