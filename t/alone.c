/* alone - a fuzz target without libFuzzer, for machines that have none
 *
 *   fuzz-scan SECONDS FAULT SEED...    changes the seeds at random for so long
 *   fuzz-scan 0 FAULT SEED...          runs them as they are
 *
 * The input that is being run stands in the file FAULT, where it stays if the target ends the
 * program.
 */
#include "fuzz.h"

#include <string.h>
#include <time.h>

enum { MOST = 20000 };

static uint64_t seed;

static size_t below(size_t n)
{
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (size_t)(seed >> 33) % (n ? n : 1);
}

struct sample {
    uint8_t *p;
    size_t n;
};

static struct sample sample_read(const char *path)
{
    struct sample s = {malloc(MOST), 0};
    FILE *f = fopen(path, "rb");
    if (!f || !s.p) {
        perror(path);
        exit(2);
    }
    s.n = fread(s.p, 1, MOST, f);
    fclose(f);
    return s;
}

/* Puts n bytes in at `at`, as many as there is room for. */
static void put_in(struct sample *s, size_t at, const uint8_t *p, size_t n)
{
    n = n < MOST - s->n ? n : MOST - s->n;
    memmove(s->p + at + n, s->p + at, s->n - at);
    memmove(s->p + at, p, n);
    s->n += n;
}

static void take_out(struct sample *s, size_t at, size_t n)
{
    n = n < s->n - at ? n : s->n - at;
    memmove(s->p + at, s->p + at + n, s->n - at - n);
    s->n -= n;
}

static void change(struct sample *s, const struct sample *other)
{
    static const char counts[] = "\"\\{}[],: \n0-.eu\xff";
    size_t at = below(s->n + 1), from = below(other->n + 1);
    uint8_t one = (uint8_t)counts[below(sizeof counts)];
    switch (below(5)) {
    case 0:
        if (at < s->n)
            s->p[at] ^= (uint8_t)(1 << below(8));
        break;
    case 1:
        if (at < s->n)
            s->p[at] = one;
        break;
    case 2:
        put_in(s, at, &one, 1);
        break;
    case 3:
        take_out(s, at, 1 + below(below(100)));
        break;
    default:
        put_in(s, at, other->p + from, below(below(other->n - from) + 1));
    }
}

static void run_one(const struct sample *s, uint8_t *fault, int fd)
{
    if (ftruncate(fd, (off_t)s->n) < 0)
        abort();
    memcpy(fault, s->p, s->n);
    LLVMFuzzerTestOneInput(s->p, s->n);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s SECONDS FAULT SEED...\n", argv[0]);
        return 2;
    }
    time_t end = time(NULL) + atoi(argv[1]);
    seed = (uint64_t)end;
    size_t n = (size_t)argc - 3, done = 0;
    struct sample *seeds = calloc(n, sizeof *seeds), now = {malloc(MOST), 0};
    int fd = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0666);
    uint8_t *fault = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (!seeds || !now.p || fault == MAP_FAILED)
        abort();
    for (size_t i = 0; i < n; i++) {
        seeds[i] = sample_read(argv[3 + i]);
        run_one(&seeds[i], fault, fd);
    }
    for (; time(NULL) < end; done++) {
        const struct sample *from = &seeds[below(n)];
        memcpy(now.p, from->p, now.n = from->n);
        for (size_t changes = below(8); changes-- > 0;)
            change(&now, &seeds[below(n)]);
        run_one(&now, fault, fd);
    }
    printf("%zu seeds and %zu changed ones\n", n, done);
    return unlink(argv[2]) < 0;
}
