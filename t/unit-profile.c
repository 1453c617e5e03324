/* unit-profile - lib/prof/profile and chains: stacks with recursion and equal functions, totals and
 * edges of several streams, ids that lose their meaning, stacks of 1,000,000 frames; globs and
 * bare names */
#include "tap.h"

#include "base/mem.h"
#include "prof/chains.h"
#include "prof/emit.h"
#include "prof/named.h"

#include <stdlib.h>
#include <unistd.h>

enum { DEEP = 1000000, NAMES = WRITER_IDS_MAX + 1000 };

static char path[300];
static struct output out;
static struct writer w;
static struct emit emit;

static void begin(void)
{
    struct err e;
    if (output_open(&out, path, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    emit_open(&emit, &w, 0, "test", NULL);
}

static void end(void)
{
    struct err e;
    struct tally rows[3];
    struct totals t = {.events = w.events, .rows = rows};
    t.nrows = emit_tally(&emit, rows);
    if (writer_end(&w, &t, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    return profile_records(ctx, s, b, e);
}

static void on_forget(void *ctx, struct stream *s)
{
    (void)s;
    profile_forget(ctx);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    (void)e;
    on_forget(ctx, s);
    return 0;
}

/* What was written last, so many times. */
static void read_back(struct profile *p, int times)
{
    struct err e;
    char *operands[] = {path, path};
    const struct sink sink = {.ctx = p,
                              .kinds = KINDS_PROFILE,
                              .columns = true,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    *p = (struct profile){0};
    if (sink_run(&sink, times, operands, &e) < 0)
        die_err(&e);
    profile_settle(p);
}

static void put_stack(const char *folded, uint64_t ns)
{
    struct slice frames[20];
    size_t n = 0;
    for (const char *p = folded; *p; p += strcspn(p, ";") + (p[strcspn(p, ";")] == ';'))
        frames[n++] = slice_of(p, strcspn(p, ";"));
    emit_stack(&emit, frames, n, ns);
}

static uint32_t function(const struct profile *p, const char *name)
{
    return strtab_find(&p->names, slice_str(name)) - 1;
}

static void is_totals(const struct profile_totals *t, uint64_t calls, uint64_t prim, uint64_t self,
                      uint64_t cum, const char *what)
{
    if (!ok(t->calls == calls && t->prim_calls == prim && t->self_ns == self && t->cum_ns == cum,
            "%s", what))
        printf("# %llu %llu %llu %llu\n", (unsigned long long)t->calls,
               (unsigned long long)t->prim_calls, (unsigned long long)t->self_ns,
               (unsigned long long)t->cum_ns);
}

static void is_function(const struct profile *p, const char *name, uint64_t self, uint64_t cum)
{
    is_totals(&p->functions[function(p, name)], 0, 0, self, cum, name);
}

static void is_edge(const struct profile *p, const char *caller, const char *callee, uint64_t self,
                    uint64_t cum)
{
    size_t n;
    char what[100];
    const struct profile_edge *edges = profile_callers(p, function(p, callee), &n);
    static const struct profile_totals none;
    const struct profile_totals *found = &none;
    for (size_t i = 0; i < n; i++)
        if (edges[i].caller == function(p, caller))
            found = &edges[i].totals;
    (void)snprintf(what, sizeof what, "%s to %s", caller, callee);
    is_totals(found, 0, 0, self, cum, what);
}

static void test_stacks(void)
{
    struct profile p;
    begin();
    put_stack("main;f;g", 10);
    put_stack("main;f;g;f;g;f", 5); /* f and g once each */
    put_stack("main;f", 3);
    put_stack("g;g;g", 2);
    put_stack("main;f;g", 1);
    put_stack("other;f", 0);
    end();
    read_back(&p, 1);
    is_function(&p, "main", 0, 19);
    is_function(&p, "f", 8, 19);
    is_function(&p, "g", 13, 18);
    is_edge(&p, "main", "f", 3, 19);
    is_edge(&p, "f", "g", 11, 16);
    is_edge(&p, "g", "f", 5, 5);
    is_edge(&p, "g", "g", 2, 2);
    ok(p.has_stacks && !p.has_calls, "there are stacks, and no calls");
    ok(p.known[function(&p, "other")], "a stack without weight has functions too");
    is_function(&p, "other", 0, 0);
    is_edge(&p, "other", "f", 0, 0);
    profile_free(&p);
    read_back(&p, 2);
    is_function(&p, "g", 26, 36);
    is_edge(&p, "g", "g", 4, 4);
    profile_free(&p);
}

static void test_calls(void)
{
    struct profile p;
    const struct emit_totals f = {10, 2, 300, 400}, main_f = {2, 2, 100, 400},
                             f_f = {8, 1, 200, 90}, large = {UINT64_MAX, 1, UINT64_MAX, UINT64_MAX};
    begin();
    emit_function(&emit, slice_str("f"), &f);
    emit_call(&emit, slice_str("main"), slice_str("f"), &main_f);
    emit_call(&emit, slice_str("f"), slice_str("f"), &f_f);
    emit_function(&emit, slice_str("large"), &large);
    end();
    read_back(&p, 2);
    is_totals(&p.functions[function(&p, "f")], 20, 4, 600, 800, "two streams add up");
    is_totals(&p.functions[function(&p, "large")], UINT64_MAX, 2, UINT64_MAX - 1, UINT64_MAX,
              "sums stop at the largest number; a record has at most 2^63 - 1 ns");
    ok(p.known[function(&p, "f")] && !p.known[function(&p, "main")], "main is only named");
    ok(p.nedges == 2 && p.names.n == 3, "two pairs, three names");
    size_t n;
    const struct profile_edge *edges = profile_callers(&p, function(&p, "f"), &n);
    ok(n == 2, "f has two callers");
    is_totals(&edges[edges[0].caller == function(&p, "f")].totals, 4, 4, 200, 800, "main to f");
    (void)profile_callers(&p, function(&p, "main"), &n);
    ok(n == 0, "main has none");
    profile_free(&p);
}

/* The same few pairs again and again: they become few before all have come. */
static void test_many_calls(void)
{
    enum { CALLS = 3 << 20 };
    struct profile p;
    char names[3][2] = {"a", "b", "c"};
    const struct emit_totals one = {2, 1, 3, 4};
    begin();
    for (uint32_t i = 0; i < CALLS; i++)
        emit_call(&emit, slice_str(names[i % 3]), slice_str(names[i % 2]), &one);
    end();
    read_back(&p, 1);
    size_t n;
    const struct profile_edge *edges = profile_callers(&p, function(&p, "a"), &n);
    uint64_t calls = 0;
    for (size_t i = 0; i < n; i++)
        calls += edges[i].totals.calls;
    ok(p.nedges == 6 && n == 3 && calls == CALLS, "six pairs, three callers, all calls");
    ok(p.edges_cap < CALLS, "room for fewer than came");
    profile_free(&p);
}

/* More names than a stream keeps ids for. */
static void test_resets(void)
{
    struct profile p;
    char names[2][32];
    const struct emit_totals one = {1, 1, 1, 1};
    uint64_t calls = 0;
    begin();
    for (uint32_t i = 0; i < NAMES; i++) {
        (void)snprintf(names[0], sizeof names[0], "f%lu", (unsigned long)i);
        (void)snprintf(names[1], sizeof names[1], "f%lu", (unsigned long)(i / 2));
        emit_function(&emit, slice_str(names[0]), &one);
        emit_call(&emit, slice_str(names[1]), slice_str(names[0]), &one);
        put_stack("main;f7", 1);
    }
    end();
    read_back(&p, 1);
    ok(p.names.n == NAMES + 1 && p.nedges == NAMES + 1,
       "names and pairs, however often ids start anew");
    for (uint32_t i = 0; i < p.names.n; i++)
        calls += p.functions[i].calls;
    ok(calls == NAMES, "each is counted once");
    is_totals(&p.functions[function(&p, "f7")], 1, 1, NAMES + 1, NAMES + 1, "and so are stacks");
    profile_free(&p);
}

static void test_deep(void)
{
    struct profile p;
    struct chains c;
    struct slice *frames = mem_alloc(DEEP * sizeof *frames);
    for (size_t i = 0; i < DEEP; i++)
        frames[i] = slice_str(i % 2 ? "pong" : i == DEEP - 2 ? "last" : "ping");
    begin();
    emit_stack(&emit, frames, DEEP, 7);
    emit_stack(&emit, frames, DEEP / 2, 2);
    end();
    free(frames);
    read_back(&p, 1);
    is_function(&p, "ping", 0, 9);
    is_function(&p, "pong", 9, 9);
    is_edge(&p, "pong", "ping", 0, 9);
    is_edge(&p, "ping", "pong", 2, 9);
    is_edge(&p, "last", "pong", 7, 7);
    bool targets[3] = {false};
    targets[function(&p, "last")] = true;
    chains_of_stacks(&c, &p, targets);
    buf_addc(&c.text, '\0');
    ok(c.nrows == 1 && c.cum_ns == 7 && c.rows[0].shares[BY_TIME] == CHAINS_ONE,
       "one chain, all of it");
    is_text((const char *)c.text.p, "ping*;pong*;last", "functions stand in it once");
    chains_free(&c);
    profile_free(&p);
}

/* One function in a row of functions of their own, each with some weight: chains are many. */
static void test_many_chains(void)
{
    struct profile p;
    struct chains c;
    char name[32];
    begin();
    for (uint32_t i = 0; i < 3000; i++) {
        (void)snprintf(name, sizeof name, "f%lu;copy", (unsigned long)i);
        put_stack(name, i < 10 ? 1000 : 1);
    }
    end();
    read_back(&p, 1);
    bool *targets = mem_zalloc(p.names.n, sizeof *targets);
    targets[function(&p, "copy")] = true;
    chains_of_stacks(&c, &p, targets);
    uint64_t sum = c.other[BY_TIME];
    for (size_t i = 0; i < c.nrows; i++)
        sum += c.rows[i].shares[BY_TIME];
    ok(c.nrows == 10 && c.other[BY_TIME] > 0, "small chains are one sum");
    ok(sum == CHAINS_ONE, "shares add up to all of it");
    chains_free(&c);
    free(targets);
    profile_free(&p);
}

static void is_bare(const char *text, const char *want)
{
    struct slice bare = named_bare(slice_str(text));
    if (!ok(slice_is(bare, want), "'%s' is '%s'", text, want))
        printf("# %.*s\n", (int)bare.n, (const char *)bare.p);
}

static void test_names(void)
{
    static const char *const bare[][2] = {{"/usr/lib/copy.py:128(deepcopy)", "deepcopy"},
                                          {"/a (1)/c.py:7(<lambda>)", "<lambda>"},
                                          {":0(len)", "len"},
                                          {"x.cc:9(f(int, char))", "f(int, char)"},
                                          {"{built-in method builtins.len}", "builtins.len"},
                                          {"{method 'append' of 'list' objects}", "append"},
                                          {"{method 'x", "{method 'x"},
                                          {"{method 'x}", "x}"},
                                          {"{built-in method }", ""},
                                          {"{}", "{}"},
                                          {"deepcopy (copy.py:128)", "deepcopy"},
                                          {"main", "main"},
                                          {" (x)", " (x)"},
                                          {"f()", "f()"},
                                          {"", ""},
                                          {"(", "("},
                                          {":1()", ""}};
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        is_bare(bare[i][0], bare[i][1]);
}

static void test_globs(void)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {{"", "", true},
                 {"", "a", false},
                 {"*", "", true},
                 {"*", "abc", true},
                 {"a*c", "abc", true},
                 {"a*c", "abcd", false},
                 {"a*b*c", "axbxbc", true},
                 {"?", "", false},
                 {"?b", "ab", true},
                 {"[a-c]x", "bx", true},
                 {"[a-c]x", "dx", false},
                 {"[!a-c]x", "dx", true},
                 {"[]]", "]", true},
                 {"[", "[", true},
                 {"[a", "[a", true},
                 {"*[0-9]", "f7", true},
                 {"Abc", "abc", false},
                 {"**a", "bba", true},
                 {"abc", "ab", false},
                 {"ab", "abc", false},
                 {"*.py:*", "a.py:1(f)", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(named_glob(slice_str(cases[i].pattern), slice_str(cases[i].text)) == cases[i].fits,
           "'%s' and '%s'", cases[i].pattern, cases[i].text);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    msg_init("unit-profile");
    (void)snprintf(path, sizeof path, "%s/trs-unit-profile.%ld", tmp ? tmp : "/tmp",
                   (long)getpid());
    test_stacks();
    test_calls();
    test_many_calls();
    test_resets();
    test_deep();
    test_many_chains();
    test_names();
    test_globs();
    (void)unlink(path);
    return done_testing();
}
