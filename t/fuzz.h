/* fuzz.h - what the fuzz targets share: bytes as a file, a file as bytes */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/buf.h"
#include "io/output.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct fuzz_file {
    int fd;
    char path[40];
};

/* An anonymous file with these bytes, to be opened by path. */
static inline struct fuzz_file fuzz_file(const uint8_t *data, size_t n)
{
    struct fuzz_file f;
    f.fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (f.fd < 0 || write(f.fd, data, n) != (ssize_t)n)
        abort();
    (void)snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

/* An output that goes to an anonymous file. */
static inline int fuzz_output(struct output *o)
{
    struct err e;
    if (output_open(o, NULL, &e) < 0 || (o->fd = memfd_create("out", MFD_CLOEXEC)) < 0)
        abort();
    return dup(o->fd);
}

/* All bytes of the file, which is closed. */
static inline struct buf fuzz_read(int fd)
{
    struct buf b = {0};
    if (lseek(fd, 0, SEEK_SET) < 0)
        abort();
    for (ssize_t n; (n = read(fd, buf_room(&b, 65536), 65536)) > 0; b.n += (size_t)n)
        ;
    close(fd);
    return b;
}

static inline void fuzz_check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

#endif
