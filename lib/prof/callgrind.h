/* callgrind - profiles in callgrind's format, of valgrind, YAPPI, Xdebug and others
 *
 *   events: Ticks
 *   fl=(4) copy.py
 *   fn=(4) deepcopy copy.py:128
 *   128 1413                 a line, and what it cost itself
 *   cfl=(7)
 *   cfn=(7)
 *   calls=51 0
 *   0 3392                   what these calls cost, inclusive
 *
 * Source: "Callgrind Format Specification" of valgrind's manual; _save_as_CALLGRIND of yappi.py.
 *
 * The first event is read. What it is in ns is told by YAPPI's name (its ticks are µs) or by a unit
 * in brackets, as in Xdebug's `Time_(10ns)`; any other event counts as samples do (`weight` in
 * FORMAT.md). Metadata `event` is its name.
 *
 * A function is called `file:0(name)`, as the format does not say where it begins, and by its name
 * where there is no file; YAPPI's `name file:line` becomes `file:line(name)`.
 *
 * Self cost is the sum of a function's lines. Cumulative cost is that and what its calls of others
 * cost, at most all there is: calls of itself are in these already, and where several functions
 * call each other in a circle the same cost may come twice. Calls are those that edges tell, and 1
 * for what nobody calls; primitive ones those by other functions. Self cost within an edge is not
 * known, and 0.
 */
#ifndef TRS_CALLGRIND_H
#define TRS_CALLGRIND_H

#include "prof/intake.h"

/* One of the first lines is of this format alone. */
bool callgrind_is(const struct input *in);
int callgrind_read(struct intake *s, struct err *e);

#endif
