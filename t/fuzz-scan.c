/* fuzz-scan - every variant of the scanner on the same bytes: cut anywhere, from each state,
 * against templates made of them
 *
 * The first bytes of an input choose the state, the pieces and the templates; the others end where
 * the page ends, with one behind it that may not be touched.
 */
#include "fuzz.h"

#include "scan-match.h"
#include "scan-trail.h"

enum { HEAD = 4, ROOM = 1 << 20 };

static uint8_t *room_end(void)
{
    static uint8_t *end;
    if (!end) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        uint8_t *p = mmap(NULL, ROOM + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED || mprotect(p, ROOM, PROT_READ | PROT_WRITE) < 0)
            abort();
        end = p + ROOM;
    }
    return end;
}

static void check_trails(const struct scan_ops *ops, struct scan_nest start, const uint8_t *p,
                         size_t n, struct pieces by)
{
    uint64_t nested = trail_nested(&scan_scalar, start, p, n, whole);
    uint64_t string = trail_string(&scan_scalar, p, n, whole);
    fuzz_check(trail_nested(ops, start, p, n, whole) == nested, "nested differs");
    fuzz_check(trail_nested(ops, start, p, n, by) == nested, "nested in pieces differs");
    fuzz_check(trail_string(ops, p, n, whole) == string, "string differs");
    fuzz_check(trail_string(ops, p, n, by) == string, "string in pieces differs");
}

static void check_match(const struct scan_ops *ops, uint8_t *p, size_t n, uint32_t seed)
{
    struct template t;
    unsigned matched = 0;
    uint8_t *at = p + seed % (n + 1);
    template_make(&t, seed, at, p + n);
    for (int i = 0; i < 8; i++) {
        fuzz_check(template_agrees(&t, ops, at, p + n, &matched), "match differs");
        template_change(&t, at, (size_t)(p + n - at));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD || size > ROOM)
        return 0;
    size_t n = size - HEAD;
    uint8_t *p = room_end() - n;
    struct scan_nest start = trail_states[data[0] % TRAIL_STATES];
    start.depth = data[1];
    for (const struct scan_ops **ops = scan_variants; *ops; ops++) {
        memcpy(p, data + HEAD, n);
        check_trails(*ops, start, p, n, (struct pieces){data[2], 1 + (size_t)data[3]});
        check_match(*ops, p, n, get_u32(data));
    }
    return 0;
}
