#include "plan/requires.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
    void (*broken)(void *ctx, const char *what);
    void *ctx;
    struct buf line;
    size_t n;
};

static void tell(struct check *c)
{
    buf_addc(&c->line, '\0');
    c->broken(c->ctx, (const char *)c->line.p);
    c->line.n = 0;
    c->n++;
}

static void check_variable(struct check *c, const char *name, const char *wanted)
{
    const char *is = getenv(name);
    if (is && (!wanted || strcmp(is, wanted) == 0))
        return;
    buf_adds(&c->line, name);
    if (!is)
        buf_adds(&c->line, " is not set");
    else
        buf_addf(&c->line, " is '%s'", is);
    if (wanted)
        buf_addf(&c->line, ", and has to be '%s'", wanted);
    tell(c);
}

static void check_file(struct check *c, const char *path)
{
    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
        return;
    buf_addf(&c->line, "%s: %s", path, strerror(errno));
    tell(c);
}

size_t requires_check(const struct plan *p, void (*broken)(void *ctx, const char *what), void *ctx)
{
    struct check c = {.broken = broken, .ctx = ctx};
    const json_t *requires = run_member(p->root, "requires");
    const char *name;
    json_t *value;
    size_t i;
    json_object_foreach(run_member(requires, "env"), name, value)
    {
        check_variable(&c, name, json_string_value(value));
    }
    json_array_foreach(run_member(requires, "files"), i, value)
    {
        check_file(&c, json_string_value(value));
    }
    buf_free(&c.line);
    return c.n;
}
