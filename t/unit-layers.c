/* unit-layers - lib/link/phase, layers, layer_class: what names say, and layers from repetition and
 * from modules. With an argument it answers cases (layer-cases.h). */
#include "tap.h"

#include "layer-cases.h"

/* Phases --------------------------------------------------------------------------------------- */

static struct buf room;

static void is_slice(struct slice got, const char *want, struct slice name)
{
    ok(slice_is(got, want), "%.*s: '%s'", (int)(name.n < 60 ? name.n : 60), (const char *)name.p,
       want);
}

static void phase(const char *name, const char *want)
{
    is_slice(phase_of(slice_str(name), &room), want, slice_str(name));
}

static void test_phases(void)
{
    phase("execute_context_9(8155)_generation_37(37)", "mixed");
    phase("execute_8192_context_9(sq8155sk8430sqsq7475785sqsk7671310)_generation_37(sq37sk9)",
          "mixed");
    phase("execute_context_1(888_788544)_generation_0(0)", "prefill");
    phase("execute_context_0(0)_generation_3(3)", "decode");
    phase("execute_context_0(0)_generation_0(0)", "unknown");
    phase("execute_1_context_00(0)_generation_000()", "unknown");
    phase("step[EXTEND bs=15 toks=15360]", "prefill");
    phase("step[DECODE bs=32]", "decode");
    phase("step[MIXED bs=3]", "mixed");
    phase("step[TARGET_VERIFY bs=1]", "target_verify");
    phase("step[extend bs=1]", "extend");
    phase("prefill[bs=1]", "prefill");
    phase("decode[bs=1]", "decode");
    phase("capture_1_mode", "capture");
    phase("execute_diffusion_1_256x256", "diffusion");
}

static void test_no_phases(void)
{
    static const char *const names[] = {"",
                                        "ProfilerStep#3",
                                        " prefill[",
                                        "prefill",
                                        "capture",
                                        "execute_diffusion",
                                        "step",
                                        "step[",
                                        "step[]",
                                        "step[ EXTEND]",
                                        "Step[EXTEND]",
                                        "execute_",
                                        "execute_5_",
                                        "execute_context_",
                                        "execute_context_9",
                                        "execute_context_9(",
                                        "execute_context_9(8155",
                                        "execute_context_9(8155)",
                                        "execute_context_9(8155)_generation_37",
                                        "execute_context_9(8155)_generation_37(37",
                                        "execute_context_9((8155))_generation_37(37)",
                                        "execute_context_9(1)_generation_(37)",
                                        "execute_context_(1)_generation_1(37)",
                                        "execute_context_-1(1)_generation_1(37)",
                                        "execute_context_1.5(1)_generation_1(37)",
                                        "execute__context_1(1)_generation_1(1)",
                                        "execute_8_8_context_1(1)_generation_1(1)",
                                        "execute_8context_1(1)_generation_1(1)"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        phase(names[i], "");
}

static void test_hostile_phases(void)
{
    static const char nul[] = "execute_context_2(\0)_generation_0(\xff\n)\0";
    static const char cut[] = "step[MI\0XED]", before[] = "\0prefill[";
    is_slice(phase_of(slice_of(nul, sizeof nul - 1), &room), "prefill", slice_str("NUL inside"));
    is_slice(phase_of(slice_of(cut, sizeof cut - 1), &room), "mi", slice_str("NUL in a word"));
    is_slice(phase_of(slice_of(before, sizeof before - 1), &room), "", slice_str("NUL in front"));
    is_slice(phase_of(slice_of(NULL, 0), &room), "", slice_str("no bytes"));
    is_slice(phase_of(slice_of("prefill[", 7), &room), "", slice_str("cut before its end"));
    phase("execute_context_100000000000000000000000000000(1)_generation_0(0)", "prefill");
    phase("execute_context_0(1)_generation_000000000000000000000000000001(0)", "decode");
    phase("execute_100000000000000000000000000000_context_0(1)_generation_0(0)", "unknown");
    phase("step[\xc3\x84]", "");
    phase("step[MIXED", "mixed");
    phase("prefill[", "prefill");
}

static void step(const char *name, const char *want)
{
    is_slice(phase_step(slice_str(name)), want, slice_str(name));
}

static void test_steps(void)
{
    step("ProfilerStep#3", "3");
    step("ProfilerStep#0", "0");
    step("ProfilerStep#007", "007");
    step("ProfilerStep#100000000000000000000000000000", "100000000000000000000000000000");
    step("ProfilerStep#", "");
    step("ProfilerStep#3 ", "");
    step("ProfilerStep#-3", "");
    step("ProfilerStep#3a", "");
    step("profilerstep#3", "");
    step("ProfilerStep", "");
    step("", "");
    is_slice(phase_step(slice_of("ProfilerStep#3\0", 15)), "", slice_str("a NUL behind it"));
    is_slice(phase_step(slice_of("ProfilerStep#34", 14)), "3", slice_str("no byte too many"));
    is_slice(phase_step(slice_of(NULL, 0)), "", slice_str("no bytes"));
}

/* Repetition ----------------------------------------------------------------------------------- */

enum { LETTERS = 128 };

/* The layers of a text, one op a letter, capital ones heavy: as a text, a digit an activity. */
static void layers(const char *text, uint32_t period, const char *want, const char *what)
{
    bool heavy[LETTERS] = {false};
    uint32_t ops[200] = {0}, layer[200];
    char got[300];
    size_t n = strlen(text);
    for (char c = 'A'; c <= 'Z'; c++)
        heavy[(size_t)c] = true;
    for (size_t i = 0; i < n; i++)
        ops[i] = (uint32_t)text[i];
    struct layers found = layers_find(ops, n, heavy, layer);
    int used = snprintf(got, sizeof got, "%s ", text);
    for (size_t i = 0; i < n; i++)
        got[(size_t)used + i] = (char)(layer[i] == LAYER_NONE ? '.' : '0' + layer[i]);
    got[(size_t)used + n] = 0;
    if (!ok(strcmp(got + used, want) == 0 && found.period == period, "%s", what))
        printf("# %s\n# %*s%s, period %u\n", got, used, "", want, found.period);
}

static void test_repeats(void)
{
    layers("", 0, "", "nothing");
    layers("G", 0, ".", "one activity");
    layers("GG", 0, "..", "two repeats are no run");
    layers("GGG", 1, "012", "three are one");
    layers("aGbaGbaGb", 3, "000111222", "three layers");
    layers("aGbaGb", 0, "......", "two layers are none");
    layers("aGbcaGbcaG", 4, "0000111122", "half of the last layer may be missing");
    layers("aGbcaGbca", 0, ".........", "more may not");
    layers("agbagbagbagb", 0, "............", "nothing heavy in it");
    layers("aaaGaaaGaaaG", 4, "000011112222", "not the repeats in a layer");
    layers("aGaGbaGaGbaGaGb", 5, "000001111122222", "nor those of half a layer");
}

static void test_noise(void)
{
    layers("xyzaGbcaGbcaGbc", 4, "...000011112222", "noise in front");
    layers("aGbcaGbcaGbcxyz", 4, "000011112222...", "noise behind");
    layers("xyaGbcaGbcaGbcaz", 4, "..000011112222..", "a rest of less than half a layer");
    layers("meabcGabcGxabcGabcGhh", 0, ".....................", "two runs too short");
    layers("meabcGabcGabcGxabcGabcGabcGhh", 4, "..0000111122222333344445555..",
           "a few between belong to the layer before");
    layers("abcGabcGabcGxxxxxabcGabcGabcG", 4, "000011112222.....000011112222", "many begin anew");
    layers("abcGabcGabcGdeFdeFdeF", 3, "............000111222", "the smaller of two that are near");
    layers("abcdGabcdGabcdGeFeFeF", 5, "000001111122222......", "one period for all");
    layers("mabcDabcDabcDxabcDabcDabcDh", 4, ".0000111122222333344445555.", "as layers.h shows it");
}

static void test_incomplete(void)
{
    layers("abcdGhabcdefGhabcdefGhabcdefGh", 8, "000000111111112222222233333333",
           "two of the first layer are missing");
    layers("xGhabcdefGhabcdefGhabcdefGh", 8, ".000000001111111122222222..",
           "too few in front: a layer begins with the run");
    layers("abcdGhabcdefGhabcdefGhabcdefGhabcfGhabcdefGhabcdefGhabcdefGh", 8,
           "000000111111112222222233333333444444555555556666666677777777",
           "and two of one in the middle");
}

/* Cost ----------------------------------------------------------------------------------------- */

/* Finds the layers of n ops, 0 to kinds - 1, all of them heavy; comparisons for each. */
static uint64_t cost(uint32_t (*op)(size_t i), size_t n, size_t kinds, struct layers *found)
{
    uint32_t *ops = mem_alloc(n * sizeof *ops), *layer = mem_alloc(n * sizeof *layer);
    bool *heavy = mem_alloc(kinds);
    memset(heavy, true, kinds);
    for (size_t i = 0; i < n; i++)
        ops[i] = op(i);
    *found = layers_find(ops, n, heavy, layer);
    free(ops);
    free(layer);
    free(heavy);
    return found->compares / n;
}

static uint32_t random_bits(size_t i)
{
    uint64_t x = (i + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    return (uint32_t)(x >> 40);
}

/* 40 ops of 12 kinds a layer, with something else every 30 layers. */
static uint32_t model(size_t i)
{
    size_t k = i % (40 * 30 + 7);
    return k < 40 * 30 ? random_bits(k % 40) % 12 : 12;
}

static uint32_t one_op(size_t i)
{
    return i == SIZE_MAX;
}

static uint32_t two_ops(size_t i)
{
    return random_bits(i) % 2;
}

/* Half of it is covered by any period: no period is good enough to stop at. */
static uint32_t half_one_op(size_t i)
{
    return i / 4096 % 2 ? 2 + (uint32_t)i : 0;
}

/* The same up to a change every 1000 ops. */
static uint32_t near_repeats(size_t i)
{
    return i % 1000 ? (uint32_t)(i % 3) : 3 + random_bits(i) % 5;
}

static void test_cost(void)
{
    static const struct {
        const char *name;
        uint32_t (*op)(size_t i);
        uint64_t most; /* comparisons for each op */
    } cases[] = {{"layers as in a model", model, 40},
                 {"one op alone", one_op, 8},
                 {"two ops at random", two_ops, 1200},
                 {"half of one op", half_one_op, 1200},
                 {"nearly all repeats", near_repeats, 1200}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t n = 20000; n <= 80000; n *= 4) {
            struct layers found;
            uint64_t each = cost(cases[i].op, n, n + 10, &found);
            ok(each <= cases[i].most, "%s: %llu comparisons for each of %zu", cases[i].name,
               (unsigned long long)each, n);
        }
    }
}

/* Sums ----------------------------------------------------------------------------------------- */

static void test_heavy(void)
{
    ok(layers_heavy(slice_str("GEMM")) && layers_heavy(slice_str("SSM")), "heavy categories");
    ok(!layers_heavy(slice_str("Memory")) && !layers_heavy(slice_str("")) &&
           !layers_heavy(slice_of("GEMM\0", 5)),
       "others");
}

static void test_sure(void)
{
    struct layers none = {0}, half = {.covered = 5};
    ok(!layers_sure(&none, 0) && !layers_sure(&none, 9), "nothing is not sure");
    ok(layers_sure(&half, 10) && !layers_sure(&half, 11), "half is");
}

static void test_commonest(void)
{
    uint32_t counts[] = {7, 3, 9, 3, 7, 1};
    ok(layers_commonest(counts, 6) == 7, "of the commonest counts the largest");
    ok(layers_commonest(NULL, 0) == 0, "of none 0");
}

/* Modules -------------------------------------------------------------------------------------- */

static void split(const char *name, const char *cls, uint32_t number)
{
    struct slice got = {NULL, 0};
    uint32_t n = 0;
    bool splits = layer_class_split(slice_str(name), &got, &n);
    ok(splits == (cls != NULL) && (!cls || (slice_is(got, cls) && n == number)), "split %s", name);
}

static void test_split(void)
{
    split("Block_17", "Block", 17);
    split("Block_017", "Block", 17);
    split("Block_1_2", "Block_1", 2);
    split("_3", "", 3);
    split("Block_4294967294", "Block", 4294967294u);
    split("Block_4294967295", NULL, 0);
    split("Block_100000000000000000000000000000", NULL, 0);
    split("Block_", NULL, 0);
    split("Block17", NULL, 0);
    split("17", NULL, 0);
    split("", NULL, 0);
    split("Block_17 ", NULL, 0);
}

enum { MODEL = 1, BLOCK, LINEAR, ATTENTION };

static struct strtab classes;

static void chosen(const struct module_frame *frames, size_t n, uint64_t linked_ns, uint32_t want,
                   const char *what)
{
    ok(layer_class_choose(frames, n, linked_ns, &classes) == want, "%s", what);
}

static void test_classes(void)
{
    static const char *const names[] = {"Model", "Block", "Linear", "Attention"};
    const struct module_frame frames[] = {
        {MODEL, 0, 0, 0, 100},  {BLOCK, 0, 1, 1, 30},     {LINEAR, 0, 2, 2, 30},
        {BLOCK, 1, 1, 1, 30},   {LINEAR, 1, 2, 3, 10},    {LINEAR, 2, 2, 3, 50},
        {BLOCK, 1, 1, 1, 10},   {ATTENTION, 3, 2, 3, 45}, {ATTENTION, 4, 2, 3, 45},
        {MODEL, 1, 0, 9, 1000},
    };
    for (size_t i = 0; i < 4; i++)
        strtab_intern(&classes, slice_str(names[i]));
    chosen(frames, 0, 100, 0, "no frames");
    chosen(frames, 1, 100, 0, "one instance is none");
    chosen(frames, 3, 100, 0, "nor is one of each class");
    chosen(frames, 4, 121, 0, "less than half of the time");
    chosen(frames, 4, 120, BLOCK, "half of it");
    chosen(frames, 4, 119, BLOCK, "half of an odd time");
    chosen(frames, 4, 0, 0, "no time at all");
    chosen(frames, 9, 100, BLOCK, "the outermost class, though others have more time");
    chosen(frames, 10, 100, BLOCK, "what has no parent has no siblings");
    chosen(frames + 4, 5, 100, ATTENTION, "the one with most time at one depth");
}

static void test_class_ties(void)
{
    const struct module_frame frames[] = {{LINEAR, 0, 1, 1, UINT64_MAX},
                                          {LINEAR, 1, 1, 1, UINT64_MAX},
                                          {BLOCK, 0, 1, 1, UINT64_MAX},
                                          {BLOCK, 1, 1, 1, UINT64_MAX}};
    chosen(frames, 4, UINT64_MAX, BLOCK, "the first by name; sums do not wrap");
    chosen(frames, 2, UINT64_MAX, LINEAR, "times of 2^64 - 1");
    strtab_free(&classes);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return answer_cases();
    test_phases();
    test_no_phases();
    test_hostile_phases();
    test_steps();
    test_repeats();
    test_noise();
    test_incomplete();
    test_cost();
    test_heavy();
    test_sure();
    test_commonest();
    test_split();
    test_classes();
    test_class_ties();
    buf_free(&room);
    return done_testing();
}
