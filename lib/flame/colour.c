#include "flame/colour.h"

#include "base/strtab.h"
#include "table/wide.h"

/* Looks ---------------------------------------------------------------------------------------- */

/* Hue in degrees, saturation in percent. Neighbours in a stack differ most. */
static const struct {
    const char *name;
    unsigned hue, saturation;
} looks[CATEGORIES] = {
    [CAT_ALL] = {"all", 220, 8},
    [CAT_PYTHON] = {"Python", 212, 72},
    [CAT_MODULE] = {"nn.Module", 265, 68},
    [CAT_ANNOTATION] = {"annotation", 30, 22},
    [CAT_OPERATOR] = {"operator", 20, 88},
    [CAT_RUNTIME] = {"runtime call", 48, 88},
    [CAT_GPU_GEMM] = {"GPU: GEMM, convolution", 128, 50},
    [CAT_GPU_ATTENTION] = {"GPU: attention", 168, 58},
    [CAT_GPU_COMM] = {"GPU: communication", 322, 72},
    [CAT_GPU_MEMORY] = {"GPU: memory", 188, 68},
    [CAT_GPU_REDUCTION] = {"GPU: reduction", 64, 62},
    [CAT_GPU_ELEMENTWISE] = {"GPU: elementwise", 90, 58},
    [CAT_GPU_OTHER] = {"GPU: other", 110, 28},
    [CAT_KERNEL] = {"OS kernel", 28, 92},
    [CAT_JIT] = {"JIT", 105, 58},
    [CAT_INLINED] = {"inlined", 178, 52},
    [CAT_CXX] = {"C++", 50, 84},
    [CAT_NATIVE] = {"native", 6, 86},
};

const char *colour_category_name(enum category c)
{
    return looks[c].name;
}

/* Patterns ------------------------------------------------------------------------------------- */

/* ^ at the front: the name begins so; $ at the end: it ends so; else it stands anywhere. Upper and
 * lower case of ASCII are the same. The first that fits counts. */
struct pattern {
    enum category category;
    const char *text;
};

static const struct pattern any_frame[] = {{CAT_KERNEL, "_[k]$"},
                                           {CAT_JIT, "_[j]$"},
                                           {CAT_INLINED, "_[i]$"},
                                           {CAT_MODULE, "^nn.Module"},
                                           {CAT_PYTHON, ".py("},
                                           {CAT_PYTHON, ".py:"},
                                           {CAT_PYTHON, "<built-in "},
                                           {CAT_PYTHON, "<frozen "},
                                           {CAT_PYTHON, "<string>"},
                                           {CAT_PYTHON, "<module>"},
                                           {CAT_PYTHON, "<eval_with_key>"},
                                           {CAT_PYTHON, "^~:0("},
                                           {CAT_PYTHON, "^py::"},
                                           {CAT_ANNOTATION, "^ProfilerStep#"},
                                           {CAT_ANNOTATION, "^Optimizer."},
                                           {CAT_ANNOTATION, "^## "},
                                           {CAT_ANNOTATION, "^execute_"},
                                           {CAT_ANNOTATION, "^step["},
                                           {CAT_GPU_COMM, "^nccl:"},
                                           {CAT_GPU_COMM, "^record_param_comms"},
                                           {CAT_OPERATOR, "^aten::"},
                                           {CAT_OPERATOR, "^torch::"},
                                           {CAT_OPERATOR, "^c10d::"},
                                           {CAT_OPERATOR, "^prim::"},
                                           {CAT_OPERATOR, "^autograd::"},
                                           {CAT_OPERATOR, "^torchvision::"},
                                           {CAT_OPERATOR, "Backward0$"},
                                           {CAT_OPERATOR, "^vllm::"},
                                           {CAT_OPERATOR, "^_C::"},
                                           {CAT_OPERATOR, "^TorchDynamo"},
                                           {CAT_OPERATOR, "^Torch-Compiled"},
                                           {CAT_OPERATOR, "CompiledFunction"},
                                           {CATEGORIES, NULL}};

/* Calls of a GPU's runtime: one of these, then a capital letter. */
static const char *const runtimes[] = {"cuda", "cu", "hip", NULL};

/* Names that only a kernel of a GPU has, wherever it stands. */
static const char *const gpu_names[] = {"^void at::native::",
                                        "^void at_cuda_detail::",
                                        "^void cutlass",
                                        "^void cublas",
                                        "^void flash",
                                        "^ncclDevKernel",
                                        "^ncclKernel",
                                        "^nvjet_",
                                        "^Cijk_",
                                        "^triton_",
                                        "^sm80_",
                                        "^sm90_",
                                        "^sm100_",
                                        "^ampere_",
                                        "^volta_",
                                        "^Memcpy HtoD",
                                        "^Memcpy DtoH",
                                        "^Memcpy DtoD",
                                        "^Memcpy PtoP",
                                        "^Memset (",
                                        "^void vllm::",
                                        "cutlass::Kernel",
                                        "flash_fwd_",
                                        "flash_bwd_",
                                        "^fmha_",
                                        "^void cudnn",
                                        "^_ZN2at6native",
                                        "^void ck_tile::",
                                        NULL};

/* What such a kernel does; kernel-classify tells it much finer. */
static const struct pattern gpu_kernels[] = {{CAT_GPU_COMM, "nccl"},
                                             {CAT_GPU_COMM, "rccl"},
                                             {CAT_GPU_COMM, "allreduce"},
                                             {CAT_GPU_COMM, "all_reduce"},
                                             {CAT_GPU_COMM, "cross_device_reduce"},
                                             {CAT_GPU_COMM, "allgather"},
                                             {CAT_GPU_COMM, "reducescatter"},
                                             {CAT_GPU_ATTENTION, "flash_"},
                                             {CAT_GPU_ATTENTION, "fmha"},
                                             {CAT_GPU_ATTENTION, "attention"},
                                             {CAT_GPU_ATTENTION, "attn"},
                                             {CAT_GPU_GEMM, "gemm"},
                                             {CAT_GPU_GEMM, "gemv"},
                                             {CAT_GPU_GEMM, "^bmm_"},
                                             {CAT_GPU_GEMM, "nvjet"},
                                             {CAT_GPU_GEMM, "cijk_"},
                                             {CAT_GPU_GEMM, "cutlass"},
                                             {CAT_GPU_GEMM, "matmul"},
                                             {CAT_GPU_GEMM, "xmma"},
                                             {CAT_GPU_GEMM, "splitk"},
                                             {CAT_GPU_GEMM, "conv"},
                                             {CAT_GPU_GEMM, "wgrad"},
                                             {CAT_GPU_GEMM, "dgrad"},
                                             {CAT_GPU_GEMM, "winograd"},
                                             {CAT_GPU_GEMM, "scudnn"},
                                             {CAT_GPU_MEMORY, "memcpy"},
                                             {CAT_GPU_MEMORY, "memset"},
                                             {CAT_GPU_MEMORY, "copy_kernel"},
                                             {CAT_GPU_MEMORY, "catarray"},
                                             {CAT_GPU_MEMORY, "fillfunctor"},
                                             {CAT_GPU_MEMORY, "cache"},
                                             {CAT_GPU_REDUCTION, "norm"},
                                             {CAT_GPU_REDUCTION, "::bn_"},
                                             {CAT_GPU_REDUCTION, "softmax"},
                                             {CAT_GPU_REDUCTION, "reduce"},
                                             {CAT_GPU_REDUCTION, "triton_red"},
                                             {CAT_GPU_REDUCTION, "triton_per"},
                                             {CAT_GPU_ELEMENTWISE, "elementwise"},
                                             {CAT_GPU_ELEMENTWISE, "pointwise"},
                                             {CAT_GPU_ELEMENTWISE, "triton_poi"},
                                             {CAT_GPU_ELEMENTWISE, "multi_tensor_apply"},
                                             {CAT_GPU_ELEMENTWISE, "act_and_mul"},
                                             {CAT_GPU_ELEMENTWISE, "rotary"},
                                             {CATEGORIES, NULL}};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_at(struct slice name, size_t at, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (lower(name.p[at + i]) != lower((uint8_t)text[i]))
            return false;
    return true;
}

static bool fits(struct slice name, const char *text)
{
    bool begins = *text == '^';
    text += begins;
    size_t n = strlen(text);
    bool ends = text[n - 1] == '$';
    n -= ends;
    if (n > name.n)
        return false;
    if (begins)
        return is_at(name, 0, text, n);
    for (size_t at = ends ? name.n - n : 0; at + n <= name.n; at++)
        if (is_at(name, at, text, n))
            return true;
    return false;
}

static enum category first_fit(struct slice name, const struct pattern *list)
{
    while (list->text && !fits(name, list->text))
        list++;
    return list->category;
}

static bool is_runtime_call(struct slice name)
{
    for (const char *const *list = runtimes; *list; list++) {
        size_t n = strlen(*list);
        if (name.n > n && memcmp(name.p, *list, n) == 0 && name.p[n] >= 'A' && name.p[n] <= 'Z')
            return true;
    }
    return false;
}

/* vllm::unified_attention: nothing but two words, as operators are registered. */
static bool is_operator(struct slice name)
{
    size_t colons = 0;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = lower(name.p[i]);
        colons += c == ':';
        if (c != ':' && c != '_' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return false;
    }
    return colons == 2 && fits(name, "::");
}

static bool is_gpu_name(struct slice name)
{
    const char *const *list = gpu_names;
    while (*list && !fits(name, *list))
        list++;
    return *list != NULL;
}

enum category colour_category(struct slice name, enum category below)
{
    enum category c = first_fit(name, any_frame);
    if (c != CATEGORIES)
        return c;
    if (is_runtime_call(name))
        return CAT_RUNTIME;
    if ((below == CAT_PYTHON || below == CAT_MODULE || below == CAT_OPERATOR) && is_operator(name))
        return CAT_OPERATOR;
    if (below == CAT_RUNTIME || below == CAT_OPERATOR || is_gpu_name(name)) {
        c = first_fit(name, gpu_kernels);
        return c != CATEGORIES ? c : CAT_GPU_OTHER;
    }
    return fits(name, "::") ? CAT_CXX : CAT_NATIVE;
}

/* Colours -------------------------------------------------------------------------------------- */

/* One channel of a colour given by hue, saturation and lightness, after the formula of CSS Color:
 * n is 0, 8 and 4 for red, green and blue. All in thousandths but the hue. */
static uint32_t channel(unsigned hue, unsigned saturation, unsigned light, unsigned n)
{
    unsigned k = (n * 1000 + hue * 1000 / 30) % 12000;
    unsigned chroma = saturation * (light < 1000 - light ? light : 1000 - light) / 1000;
    int m = k < 6000 ? (int)k - 3000 : 9000 - (int)k;
    m = m > 1000 ? 1000 : m < -1000 ? -1000 : m;
    return (uint32_t)(((int)light - (int)chroma * m / 1000) * 255 / 1000);
}

static uint32_t shade(unsigned hue, unsigned saturation, unsigned light)
{
    return channel(hue, saturation, light, 0) << 16 | channel(hue, saturation, light, 8) << 8 |
           channel(hue, saturation, light, 4);
}

uint32_t colour_of(enum category c, struct slice name)
{
    uint32_t h = strtab_hash(name);
    if (c == CAT_ALL)
        return colour_plain(c);
    return shade((looks[c].hue + 360 - 9 + h % 19) % 360, looks[c].saturation * 10,
                 690 + (h >> 8) % 120);
}

uint32_t colour_plain(enum category c)
{
    return shade(looks[c].hue, looks[c].saturation * 10, c == CAT_ALL ? 840 : 740);
}

uint32_t colour_of_change(uint64_t before, uint64_t now, uint64_t largest)
{
    uint64_t change = now > before ? now - before : before - now;
    if (change == 0)
        return 0xEEEEEE;
    if (change > largest)
        change = largest;
    uint32_t rest = 225 - (uint32_t)wide_ratio((wide)change, (wide)largest, 105);
    return now > before ? 0xFF0000u | rest << 8 | rest : rest << 16 | rest << 8 | 0xFFu;
}
