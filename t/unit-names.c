/* Names of C++: short, and demangled; those that would take all time, memory or stack */
#include "base/mem.h"
#include "tap.h"
#include "trace/demangle.h"
#include "trace/short.h"

#include <stdlib.h>

static const struct {
    const char *name, *is;
} shorts[] = {
    {"void at::native::vectorized_elementwise_kernel<4, at::native::AddFunctor<float>, "
     "at::detail::Array<char*, 3> >(int, at::native::AddFunctor<float>, at::detail::Array<char*, "
     "3>)",
     "at::native::vectorized_elementwise_kernel"},
    {"void at::native::(anonymous namespace)::CatArrayBatchedCopy<long, 2>(long*)",
     "at::native::(anonymous namespace)::CatArrayBatchedCopy"},
    {"void (anonymous namespace)::softmax_warp_forward<float, 9>(float*, int)",
     "(anonymous namespace)::softmax_warp_forward"},
    {"void at::native::<unnamed>::fill<int>(int)", "at::native::<unnamed>::fill"},
    {"std::enable_if<(((8)>(0)))&&vllm::_typeConvert<c10::BFloat16>::exists, void>::type "
     "vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*, long)",
     "vllm::fused_add_rms_norm_kernel"},
    {"std::enable_if<!T7, void>::type internal::gemvx::kernel<int, int, float, (bool)1>(P<int>)",
     "internal::gemvx::kernel"},
    {"f<(a < b)>(int)", "f"},
    {"f<(1 << 3), (x >= 2), (p->*q)>(int)", "f"},
    {"unsigned long* f<int>(int)", "f"},
    {"f(int)", "f"},
    {"f()", "f"},
    {"N::f<int>", "N::f"},
    {"ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
     "ncclDevKernel_AllReduce_Sum_bf16_RING_LL"},
    {"bool operator< <int>(X<int> const&, X<int> const&)", "operator<"},
    {"S& N::operator<< <char>(S&, char)", "N::operator<<"},
    {"bool operator><int>(int)", "operator>"},
    {"auto N::operator<=><int>(int)", "N::operator<=>"},
    {"F::operator()(int) const", "F::operator()"},
    {"void F::operator()<int>(int) const &", "F::operator()"},
    {"F::operator ()(int)", "F::operator ()"},
    {"X<int>::operator->() const", "X::operator->"},
    {"X<int>::operator[](int)", "X::operator[]"},
    {"X<int>::operator unsigned int() const", "X::operator unsigned int"},
    {"operator new(unsigned long)", "operator new"},
    {"my_operator<int>(int)", "my_operator"},
    {"operators<int>(int)", "operators"},
    {"auto f<int>(int)::{lambda(int, X<int>)#1}::operator()(int) const",
     "f::{lambda#1}::operator()"},
    {"f(int) const::{lambda()#2}::operator()() const", "f::{lambda#2}::operator()"},
    {"void k<f(int)::{lambda(float)#1}>(int)", "k"},
    {"void k<X::operator()(int) const::{lambda()#1}, &X::operator< >(int)", "k"},
    {"void k<int>(int) [clone .kd]", "k"},
    {"k(int) volatile const", "k"},
    {"std::string[abi:cxx11] f[abi:cxx11]<int>(int)", "f[abi:cxx11]"},
    {"void k<(char)60>(int)", "k"},

    /* These stay. */
    {"", NULL},
    {"plain", NULL},
    {"two words", NULL},
    {"Memcpy DtoD (Device -> Device)", NULL},
    {"Memset (Device)", NULL},
    {"_ZN2at6nativeE", NULL},
    {"void f<int", NULL},
    {"void f<int>(int", NULL},
    {"f)int(", NULL},
    {"f<int>>", NULL},
    {"bool N::operator<<int>(int)", NULL}, /* as nobody writes operator< <int> */
    {"f(<int)>", NULL},
    {"void (*f<int>(int))(float)", NULL},
    {"f(int)(float)", NULL},
    {"f(int) x", NULL},
    {"torch/nn/module.py(1501): _call_impl", NULL},
    {"<lambda>", NULL},
    {"(anonymous namespace)", NULL},
    {"()", NULL},
    {"<>", NULL},
    {"<", NULL},
    {">", NULL},
    {"operator<", NULL},
    {"operator", NULL},
    {"a -> b", NULL},
};

static void test_short(void)
{
    struct shortener s = {0};
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++) {
        const char *is = shorts[i].is ? shorts[i].is : shorts[i].name;
        struct slice got = short_name(&s, slice_str(shorts[i].name));
        ok(slice_is(got, is), "%s: %.*s", shorts[i].name, (int)got.n, (const char *)got.p);
    }
    short_free(&s);
}

/* No name of brackets and words breaks it, and what comes out is no longer than what went in. */
static void test_short_any(void)
{
    static const char *const words[] = {"<",         ">",     "(",
                                        ")",         "[",     "]",
                                        "{",         "}",     " ",
                                        "::",        "a",     "operator",
                                        "operator<", "->",    "(anonymous namespace)",
                                        " const",    "lambda"};
    struct shortener s = {0};
    uint64_t random = 1;
    bool longer = false;
    for (unsigned round = 0; round < 200000; round++) {
        struct buf name = {0};
        for (unsigned n = round % 17; n > 0; n--) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            buf_adds(&name, words[(random >> 33) % (sizeof words / sizeof *words)]);
        }
        longer |= short_name(&s, buf_slice(&name)).n > name.n;
        buf_free(&name);
    }
    ok(!longer, "any brackets");
    for (const char *p = "<([{"; *p; p++) {
        char *deep = mem_alloc(SHORT_MAX);
        memset(deep, *p, SHORT_MAX);
        ok(short_name(&s, slice_of(deep, SHORT_MAX)).n == SHORT_MAX, "a million of %c", *p);
        free(deep);
    }
    short_free(&s);
}

static void becomes(struct demangler *d, struct slice name, const char *is, const char *what)
{
    struct slice got = demangle_name(d, name);
    ok(is ? slice_is(got, is) : slice_eq(got, name), "%s: %.*s", what, got.n < 60 ? (int)got.n : 60,
       (const char *)got.p);
}

/* Each argument has the one before twice. */
static void add_doubling(struct buf *name, unsigned n)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    buf_adds(name, "_Z1f1PIiiE");
    for (unsigned i = 0; i < n; i++)
        buf_addf(name, "S_IS%c_S%c_E", digits[i], digits[i]);
}

static void test_demangle(void)
{
    struct demangler d;
    struct buf deep = {0}, doubling = {0}, some = {0};
    struct err e;
    ok(demangle_open(&d, &e) == 0, "a process to demangle in");
    becomes(&d, slice_str("_Z1fi"), "f(int)", "a function");
    becomes(&d, slice_str("_ZN2at6native4copyIfEEvPT_i"),
            "void at::native::copy<float>(float*, int)", "a template");
    becomes(&d, slice_str("_ZN12_GLOBAL__N_11kEi.kd"), "(anonymous namespace)::k(int) [clone .kd]",
            "a kernel descriptor");
    becomes(&d, slice_str("main"), NULL, "no mangled name");
    becomes(&d, slice_str("_Z"), NULL, "nothing but the mark");
    becomes(&d, slice_str("_Z!x"), NULL, "none behind the mark");
    becomes(&d, slice_str("i"), NULL, "a type");
    becomes(&d, slice_of("_Z1fi\0x", 7), NULL, "a NUL");
    becomes(&d, slice_of(NULL, 0), NULL, "nothing");
    add_doubling(&some, 6);
    ok(demangle_name(&d, buf_slice(&some)).n > 1000, "a name that grows");
    add_doubling(&doubling, 34);
    becomes(&d, buf_slice(&doubling), NULL, "a name that grows beyond all bounds");
    becomes(&d, slice_str("_Z1gi"), "g(int)", "the next one");
    buf_adds(&deep, "_Z1f");
    for (size_t i = 0; i < DEMANGLE_MAX - 5; i++)
        buf_addc(&deep, 'P');
    buf_addc(&deep, 'i');
    becomes(&d, buf_slice(&deep), NULL, "pointers to pointers");
    buf_addc(&deep, 'i');
    becomes(&d, buf_slice(&deep), NULL, "too long a name");
    becomes(&d, slice_str("_Z1gi"), "g(int)", "the next one");
    for (unsigned i = 0; i < DEMANGLE_DEATHS_MAX; i++)
        (void)demangle_name(&d, buf_slice(&doubling));
    becomes(&d, slice_str("_Z1gi"), NULL, "after many of those");
    demangle_close(&d);
    buf_free(&deep);
    buf_free(&doubling);
    buf_free(&some);
}

int main(void)
{
    test_short();
    test_short_any();
    test_demangle();
    return done_testing();
}
