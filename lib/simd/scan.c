#include "simd/scan.h"

#include <stdlib.h>

struct scan_ops scan;

static bool wanted(const char *name)
{
    const char *choice = getenv("TRS_SIMD");
    return !choice || !*choice || strcmp(choice, name) == 0;
}

/* Before main, so that no caller has to remember it and no thread can see it half done. */
__attribute__((constructor)) static void choose(void)
{
    scan = scan_scalar;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (wanted("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul"))
        scan = scan_avx2;
#else
    (void)wanted;
#endif
}
