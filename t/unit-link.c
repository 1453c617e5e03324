/* unit-link - lib/link: events nested by time, against the definition taken at its word; events of
 * a thread gathered from several kinds */
#include "tap.h"

#include "base/mem.h"
#include "link/threads.h"

#include <stdlib.h>

static uint64_t seed = 12345;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % sides;
}

/* Events that begin and end at instants of a list, as numbers in the list. */
struct span {
    uint32_t from, to;
};

enum { EVENTS = 9, INSTANTS = 12 };

struct case_of {
    struct span spans[EVENTS];
    uint32_t n;
    int64_t instants[INSTANTS]; /* ascending */
};

/* The definition ------------------------------------------------------------------------------- */

/* a is opened before b: by start, longer first, then as they stand. */
static bool opens_before(const struct case_of *c, uint32_t a, uint32_t b)
{
    const struct span *x = &c->spans[a], *y = &c->spans[b];
    if (x->from != y->from)
        return x->from < y->from;
    return x->to != y->to ? x->to > y->to : a < b;
}

static bool is_open(const struct case_of *c, uint32_t a, uint32_t instant)
{
    return c->spans[a].from <= instant && instant < c->spans[a].to;
}

/* The last opened event that is open at an instant, of those opened before `before` if that is no
 * NEST_NONE. */
static uint32_t innermost(const struct case_of *c, uint32_t instant, uint32_t before)
{
    uint32_t last = NEST_NONE;
    for (uint32_t a = 0; a < c->n; a++)
        if (is_open(c, a, instant) && (before == NEST_NONE || opens_before(c, a, before)) &&
            (last == NEST_NONE || opens_before(c, last, a)))
            last = a;
    return last;
}

static uint64_t self_of(const struct case_of *c, uint32_t a)
{
    uint64_t self_ns = 0;
    for (uint32_t i = 0; i + 1 < INSTANTS; i++)
        if (innermost(c, i, NEST_NONE) == a)
            self_ns += (uint64_t)c->instants[i + 1] - (uint64_t)c->instants[i];
    return self_ns;
}

/* What nest_sort makes of it ------------------------------------------------------------------- */

static bool right(const struct case_of *c)
{
    struct nest_event v[EVENTS] = {{0}};
    bool good = true;
    for (uint32_t i = 0; i < c->n; i++)
        v[i] = (struct nest_event){c->instants[c->spans[i].from], c->instants[c->spans[i].to], 99,
                                   77, i};
    nest_sort(v, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t parent = innermost(c, c->spans[v[i].tag].from, v[i].tag);
        good &= i == 0 || opens_before(c, v[i - 1].tag, v[i].tag);
        good &= v[i].parent == NEST_NONE || v[i].parent < i;
        good &= parent == (v[i].parent == NEST_NONE ? NEST_NONE : v[v[i].parent].tag);
        good &= v[i].self_ns == self_of(c, v[i].tag);
    }
    return good;
}

static void show(const struct case_of *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        printf("# %lu to %lu\n", (unsigned long)c->spans[i].from, (unsigned long)c->spans[i].to);
}

static void test_random(const char *what, const int64_t *instants, uint32_t used)
{
    struct case_of c = {.n = 0};
    bool good = true;
    memcpy(c.instants, instants, sizeof c.instants);
    for (int round = 0; round < 20000 && good; round++) {
        c.n = dice(EVENTS + 1);
        for (uint32_t i = 0; i < c.n; i++) {
            uint32_t from = dice(used), more = dice(3) ? dice(used - from) : 0;
            c.spans[i] = (struct span){from, from + more};
        }
        good = right(&c);
    }
    if (!ok(good, "20000 times up to %d events, %s", EVENTS, what))
        show(&c);
}

static void test_definition(void)
{
    static const int64_t units[INSTANTS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const int64_t huge[INSTANTS] = {
        INT64_MIN,       INT64_MIN + 1, -4000000000000000000, -1,       0, 1, 2, 1LL << 53,
        (1LL << 53) + 1, INT64_MAX - 1, INT64_MAX - 1,        INT64_MAX};
    test_random("at every unit of time", units, INSTANTS);
    test_random("many of them alike", units, 4);
    test_random("up to the ends of time", huge, 10);
}

/* Small and large ------------------------------------------------------------------------------ */

static void test_few(void)
{
    struct nest_event v[2] = {{INT64_MIN, INT64_MAX, 5, 5, 8}, {3, 3, 5, 5, 9}};
    nest_sort(NULL, 0);
    nest_sort(v, 1);
    ok(v[0].parent == NEST_NONE && v[0].self_ns == UINT64_MAX, "one event of all time");
    nest_sort(v, 2);
    ok(v[1].parent == 0 && v[1].self_ns == 0 && v[0].self_ns == UINT64_MAX,
       "an event of no time takes none");
}

enum shape { SORTED, REVERSED, SAW, BLOCKS, RANDOM, EQUAL, SHAPES };

static int64_t start_at(enum shape shape, uint32_t i, uint32_t n)
{
    switch (shape) {
    case SORTED:
        return i;
    case REVERSED:
        return n - i;
    case SAW:
        return i % 100;
    case BLOCKS: /* each a little over the end of the one before */
        return i - i / 50 * 3;
    case RANDOM:
        return dice(n);
    default:
        return 7;
    }
}

/* In order, of equals in the order of the file; self times add up to what is covered. */
static bool whole(const struct nest_event *v, uint32_t n)
{
    int64_t until = INT64_MIN;
    uint64_t covered_ns = 0, self_ns = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t from = v[i].start_ns > until ? v[i].start_ns : until;
        if (v[i].end_ns > from) {
            covered_ns += (uint64_t)(v[i].end_ns - from);
            until = v[i].end_ns;
        }
        self_ns += v[i].self_ns;
        if (i == 0 || v[i - 1].start_ns < v[i].start_ns)
            continue;
        if (v[i - 1].start_ns > v[i].start_ns || v[i - 1].end_ns < v[i].end_ns ||
            (v[i - 1].end_ns == v[i].end_ns && v[i - 1].tag > v[i].tag))
            return false;
    }
    return covered_ns == self_ns;
}

static void test_shapes(void)
{
    static const char *const names[SHAPES] = {"sorted", "reversed", "a saw",
                                              "blocks", "random",   "all alike"};
    enum { MOST = 20000 };
    struct nest_event *v = mem_alloc(MOST * sizeof *v);
    for (enum shape shape = 0; shape < SHAPES; shape++) {
        bool good = true;
        for (uint32_t n = 2; n <= MOST; n = n * 3 + dice(7)) {
            for (uint32_t i = 0; i < n; i++) {
                int64_t start_ns = start_at(shape, i, n);
                int64_t dur_ns = shape == EQUAL ? 3 : dice(30);
                v[i] = (struct nest_event){start_ns, start_ns + dur_ns, 0, 0, i};
            }
            nest_sort(v, n);
            good &= whole(v, n);
        }
        ok(good, "up to %d events: %s", MOST, names[shape]);
    }
    free(v);
}

/* Kinds ---------------------------------------------------------------------------------------- */

static void add(struct thread *t, unsigned kind, int64_t start_ns, int64_t dur_ns, uint32_t tag)
{
    thread_add(t, kind, &(struct record){.start_ns = start_ns, .dur_ns = dur_ns}, tag);
}

static void test_thread(void)
{
    static struct thread t;
    static const unsigned kinds[] = {KIND_OTHER,   KIND_MEMSET, KIND_MEMCPY, KIND_KERNEL,
                                     KIND_RUNTIME, KIND_CPU_OP, KIND_PYTHON, KIND_ANNOTATION};
    enum { N = sizeof kinds / sizeof *kinds };
    bool good = true;
    size_t n;
    for (uint32_t i = 0; i < N; i++) {
        add(&t, kinds[i], 10, 5, 2 * (N - i));
        add(&t, kinds[i], 10, 5, 2 * (N - i) + 1);
    }
    struct nest_event *v = thread_nest(&t, &n);
    for (uint32_t i = 0; i < n; i++)
        good &= v[i].tag == i + 2;
    ok(n == 2 * N && good,
       "of events that start and end together the kinds that enclose come first");
    ok(v[n - 1].self_ns == 5 && v[n - 2].self_ns == 0, "and the time is that of the last");
    free(v);
    free(thread_nest(&t, &n));
    ok(n == 0, "a thread whose events were taken is empty");
    add(&t, KIND_CPU_OP, INT64_MAX - 2, INT64_MAX, 1);
    add(&t, KIND_CPU_OP, INT64_MIN, INT64_MAX, 2);
    v = thread_nest(&t, &n);
    ok(n == 2 && v[1].end_ns == INT64_MAX && v[1].self_ns == 2 && v[0].self_ns == INT64_MAX,
       "an event that ends after all time ends with it");
    free(v);
}

int main(void)
{
    test_definition();
    test_few();
    test_shapes();
    test_thread();
    return done_testing();
}
