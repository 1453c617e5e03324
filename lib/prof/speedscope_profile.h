/* speedscope_profile - one profile of a speedscope file; private to speedscope.c */
#ifndef TRS_SPEEDSCOPE_PROFILE_H
#define TRS_SPEEDSCOPE_PROFILE_H

#include "prof/intake.h"
#include "prof/paths.h"
#include "trace/pull.h"

struct speedscope_profile {
    struct buf name, unit;
    struct paths paths;

    /* evented */
    struct speedscope_open {
        uint32_t *nodes; /* the stack at hand */
        size_t n, cap;
    } open;
    struct strtab seen; /* frames, as bytes */
    uint32_t *times;    /* by id of these: how often the frame is open */
    size_t times_cap;
    paths_weight last, end;
    bool has_last, has_end;

    /* sampled */
    uint32_t *samples; /* nodes */
    paths_weight *weights;
    size_t nsamples, samples_cap, nweights, weights_cap;
};

/* A file that is being read. */
struct speedscope {
    struct intake *s;
    struct source json; /* has the input meanwhile */
    struct strtab frames;
    struct speedscope_profile *profiles;
    size_t nprofiles, profiles_cap;
    struct buf key;
    struct pull_fault fault;
    struct err *e;
};

/* Passes an array, with piece for each element and then take; a value that is none is skipped.
 * Private to the two, as is all else here. */
enum pull speedscope_array(struct speedscope *f, pull_piece *piece, void *element,
                           void (*take)(struct speedscope *f, struct speedscope_profile *p,
                                        void *element),
                           struct speedscope_profile *p);

/* Passes an object, with member for each key, which passes the value. */
enum pull speedscope_object(struct speedscope *f,
                            enum pull (*member)(struct speedscope *f, struct speedscope_profile *p),
                            struct speedscope_profile *p);

/* A number in units of 10^-9, as exact as an int64 of the most decimals that fit; false if it is
 * none. */
bool speedscope_number(struct slice text, paths_weight *out);

/* Reads the profile at the window, an object. */
enum pull speedscope_profile_read(struct speedscope *f, struct speedscope_profile *p);

/* When it is read, or as much as there is: samples get their weights. */
void speedscope_profile_settle(struct speedscope *f, struct speedscope_profile *p);
void speedscope_profile_free(struct speedscope_profile *p);

#endif
