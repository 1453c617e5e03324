/* phase - what the name of an annotation says (DEFINITIONS of the project, "Phases, steps, layers")
 *
 * Servers of language models put their batches into the names of `user_annotation` events. Only the
 * beginning of a name counts:
 *
 *   execute_context_N(T)_generation_M(U)      vLLM: N > 0, M = 0: prefill; N = 0, M > 0: decode;
 *   execute_B_context_N(sq..)_generation_M(sq..)    both > 0: mixed; both 0: unknown
 *   step[WORD ..                              SGLang: EXTEND is prefill; MIXED, DECODE and any
 *                                             other word of letters, digits and _ in lower case
 *   prefill[  decode[  capture_  execute_diffusion_   prefill, decode, capture, diffusion
 *
 * B, N and M are digits, as many as there are; between parentheses stands anything but
 * parentheses. A name that gives `unknown` names a phase all the same: it hides those around it.
 */
#ifndef TRS_PHASE_H
#define TRS_PHASE_H

#include "base/buf.h"

/* The phase that name names; an empty slice if it names none. Borrowed: from `room`, which is the
 * caller's and lives from call to call, until the next call with it. */
struct slice phase_of(struct slice name, struct buf *room);

/* N of `ProfilerStep#N`, where nothing follows the digits; else an empty slice. Within name. */
struct slice phase_step(struct slice name);

#endif
