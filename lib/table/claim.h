/* claim - what somebody says of a table, and whether it holds
 *
 *   op:GEMM.total_us<5000        KEY:VALUE.COLUMN OPERATOR NUMBER
 *   func:deepcopy.calls==0       in columns func, caller and callee a function may be named as
 *                                prof/named.h has it
 *   name:"a.b".pct<=12.5         a value in quotes; a quote in it is written twice
 *   op:GEMM.mean_us<1.5ms        ns, us, ms, s where the column ends in _us
 *
 * It is about each row whose cell under KEY is VALUE. Numbers are compared as decimals, exactly.
 */
#ifndef TRS_CLAIM_H
#define TRS_CLAIM_H

#include "table/bound.h"
#include "table/sheet.h"

/* What came of the rows that it is about. */
struct claim_found {
    uint64_t rows, failed, unreadable;
    struct buf name, cell; /* of the first that fails or, if there is one, is unreadable */
};

struct claim {
    const char *text;
    struct slice key, column;
    struct buf value;
    enum bound_operator op;
    struct bound bound;

    /* private */
    size_t key_at, column_at;   /* SIZE_MAX: there is none */
    struct claim_found named;   /* rows that are called so, */
    struct claim_found globbed; /* and those that only fit it as a glob */
    struct decimal cell;
};

/* True if it has something of an operator in it. */
bool claim_like(const char *text);

/* Reads a claim, which points into the text. Returns what is wrong with it, or NULL. */
const char *claim_read(struct claim *c, const char *text);

void claim_header(struct claim *c, const struct sheet *s);
void claim_row(struct claim *c, const struct sheet *s);

/* When all rows are read. 0 if it holds; else -1 with e->status ST_CHECK if it does not hold, or
 * ST_FAILED if the table does not tell. */
int claim_judge(const struct claim *c, const struct sheet *s, struct err *e);

void claim_free(struct claim *c);

#endif
