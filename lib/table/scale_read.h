/* scale_read - tables, each of a size, become points: which columns are key and metrics */
#ifndef TRS_SCALE_READ_H
#define TRS_SCALE_READ_H

#include "table/scale.h"
#include "table/sheet.h"

struct scale_table {
    const char *path; /* borrowed */
    struct sheet sheet;
    size_t key_at, *columns; /* where key and metrics stand in its rows */
};

struct scale_tables {
    struct scale_table *at; /* one for each size of `scale`, in the order of the command line */
    struct scale *scale;
    struct buf key; /* the name of the key column, with a NUL behind it */

    /* private */
    bool chosen;          /* metrics were asked for by name */
    bool *number, *odd;   /* for each metric: a cell that is a number, one that is neither that nor
                           * empty */
    uint32_t *last_table; /* for each key the table, from 1, that had it last */
    size_t last_table_cap;
};

/* Takes n operands SIZE=FILE; wrong ones are ST_USAGE. Nothing is opened. */
int scale_operands(struct scale_tables *t, struct scale *s, int n, char **operands, struct err *e);

/* Opens the tables and finds the key, the first column of the first table if it is NULL, and the
 * metrics, all other columns that the tables share and that are no shares if there are none. A
 * column that is not there is ST_USAGE. */
int scale_headers(struct scale_tables *t, const char *key, const struct strtab *metrics,
                  struct err *e);

/* Reads the rows and closes the tables. Columns that were not asked for by name are dropped if they
 * hold anything but numbers, or none; it is an error if there is no other. */
int scale_read(struct scale_tables *t, struct err *e);

void scale_tables_free(struct scale_tables *t);

#endif
