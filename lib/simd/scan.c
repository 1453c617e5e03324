#include "simd/scan.h"

#include <stdlib.h>

struct scan_ops scan;
const struct scan_ops *scan_variants[SCAN_VARIANTS + 1] = {&scan_scalar};

static const struct scan_ops *best(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt"))
        return &scan_avx2;
#elif defined(__aarch64__)
    return &scan_neon;
#endif
    return &scan_scalar;
}

/* Before main, so that no caller has to remember it and no thread can see it half done. */
__attribute__((constructor)) static void choose(void)
{
    const struct scan_ops *fast = best();
    const char *name = getenv("TRS_SIMD");
    if (fast != &scan_scalar)
        scan_variants[1] = fast;
    scan = !name || !*name || strcmp(name, fast->name) == 0 ? *fast : scan_scalar;
}
