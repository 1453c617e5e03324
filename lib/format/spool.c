#include "format/spool.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char standard[] = "standard input";

static int write_all(int fd, const uint8_t *p, size_t n, struct err *e)
{
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno != EINTR)
            return err_sys(e, ST_FAILED, "cannot write to a temporary file");
        p += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static int copy_all(struct input *in, int fd, struct err *e)
{
    int more = 1;
    while (more > 0) {
        if (write_all(fd, in->p, input_at_hand(in), e) < 0)
            return -1;
        in->p = in->end;
        more = input_more(in, e);
    }
    if (more == 0 && in->damage[0])
        return err_set(e, ST_FAILED, "%s: %s", in->name, in->damage);
    return more;
}

static bool is_regular(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int spool_open(struct spool *s, const char *path, struct output *out, struct err *e)
{
    struct input in;
    *s = (struct spool){.path = path && strcmp(path, "-") != 0 ? path : NULL, .fd = -1};
    if (is_regular(s->path))
        return 0;
    int rc = input_open_feeding(&in, s->path, out, e);
    if (rc == 0 && (s->fd = temp_file(e)) < 0)
        rc = -1;
    if (rc == 0)
        rc = copy_all(&in, s->fd, e);
    input_drop(&in);
    if (rc < 0)
        spool_close(s);
    return rc;
}

/* A temporary file is read as standard input; in messages it is what it was made of. */
static void name_in(const struct spool *s, struct err *e)
{
    size_t n = sizeof standard - 1;
    if (s->fd < 0 || !s->path || strncmp(e->text, standard, n) != 0)
        return;
    struct err copy = *e;
    (void)snprintf(e->text, sizeof e->text, "%s%.*s", s->path, (int)(sizeof copy.text - n),
                   copy.text + n);
}

static int rewind_temporary(const struct spool *s, struct err *e)
{
    if (dup2(s->fd, STDIN_FILENO) < 0 || lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
        return err_sys(e, ST_FAILED, "temporary file");
    return 0;
}

/* A file that another one takes the place of, or that is written to, between two runs. */
static int look(struct spool *s, struct err *e)
{
    struct stat now;
    if (stat(s->path, &now) < 0)
        return err_sys(e, ST_FAILED, "%s", s->path);
    if (s->begun &&
        (now.st_dev != s->first.st_dev || now.st_ino != s->first.st_ino ||
         now.st_size != s->first.st_size || now.st_mtim.tv_sec != s->first.st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != s->first.st_mtim.tv_nsec))
        return err_set(e, ST_FAILED, "%s: file changed while it was read", s->path);
    s->first = now;
    s->begun = true;
    return 0;
}

int spool_run(struct spool *s, const struct sink *sink, struct err *e)
{
    char *operands[] = {(char *)(uintptr_t)s->path};
    if ((s->fd >= 0 ? rewind_temporary(s, e) : look(s, e)) < 0)
        return -1;
    int status = sink_run(sink, s->fd < 0, operands, e);
    if (status < 0)
        name_in(s, e);
    return status;
}

void spool_close(struct spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
