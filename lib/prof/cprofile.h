/* cprofile - what Python's profilers dump: .prof files of cProfile, profile and YAPPI
 *
 *   {(file, line, name): (count, count, self s, cumulative s, {caller: (count, count, s, s)})}
 *
 * Sources: Lib/pstats.py (load_stats, func_std_string), Lib/profile.py (snapshot_stats),
 * Lib/cProfile.py (snapshot_stats) of CPython; convert2pstats of yappi.py.
 *
 * cProfile and profile write primitive calls before all calls, YAPPI the reverse, and of callers
 * all of them the reverse. There are never more primitive calls than calls, so the larger count is
 * that of all calls, in each row. A caller of `profile` has a count alone: primitive calls and
 * times of such an edge are not known, and are that count and 0.
 *
 * Names are those that pstats prints. A time below zero, as clocks that step back make it, is 0.
 */
#ifndef TRS_CPROFILE_H
#define TRS_CPROFILE_H

#include "prof/intake.h"

/* Reads the whole of s->in. A file that is cut or wrong anywhere is an error: nothing in it can
 * be found again behind a fault. */
int cprofile_read(struct intake *s, struct err *e);

#endif
