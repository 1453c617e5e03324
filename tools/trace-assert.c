/* trace-assert - whether claims about a table hold
 *   in: a table, tsv or csv with a header     out: nothing; exits 0, or 4 where one does not hold
 *   trace-parse big.json | kernel-classify | group-by-op | trace-assert 'op:GEMM.total_us<5000' */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "table/claim.h"

#include <stdlib.h>

static const struct tool tool = {"trace-assert",
                                 "[OPTION]... EXPR... [FILE]",
                                 "Check that what is said of a table holds.",
                                 {NULL}};

static struct claim *read_claims(int n, char **texts)
{
    struct claim *claims = mem_zalloc((size_t)n, sizeof *claims);
    if (opts_common.output)
        die(ST_USAGE, "-o: there is nothing to write");
    if (n == 0)
        die(ST_USAGE, "nothing to check; an expression is such as 'op:GEMM.total_us<5000'");
    for (int i = 0; i < n; i++) {
        const char *why = claim_read(&claims[i], texts[i]);
        if (why)
            die(ST_USAGE, "%s: %s", texts[i], why);
    }
    return claims;
}

static int read_rows(struct sheet *s, struct claim *claims, int n, struct err *e)
{
    int got;
    for (int i = 0; i < n; i++)
        claim_header(&claims[i], s);
    while ((got = sheet_next(s, e)) > 0)
        for (int i = 0; i < n; i++)
            claim_row(&claims[i], s);
    return got;
}

/* What cannot be told is worse than what does not hold. */
static int judge(const struct sheet *s, const struct claim *claims, int n)
{
    struct err e;
    int status = ST_WHOLE;
    for (int i = 0; i < n; i++) {
        if (claim_judge(&claims[i], s, &e) == 0) {
            msg_detail("%s holds", claims[i].text);
            continue;
        }
        msg_error("%s", e.text);
        if (status != ST_FAILED)
            status = e.status;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct sheet sheet;
    struct err e;
    int first = opts_parse(&tool, argc, argv), last = argc;
    if (last > first && !claim_like(argv[last - 1]))
        last--;
    int n = last - first;
    struct claim *claims = read_claims(n, argv + first);
    if (sheet_open(&sheet, last < argc ? argv[last] : NULL, &e) < 0 ||
        read_rows(&sheet, claims, n, &e) < 0)
        die_err(&e);
    int status = judge(&sheet, claims, n);
    for (int i = 0; i < n; i++)
        claim_free(&claims[i]);
    free(claims);
    if (sheet_close(&sheet, &e) < 0)
        die_err(&e);
    return status;
}
