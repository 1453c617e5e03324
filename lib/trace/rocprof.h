/* rocprof - the JSON of rocprofv3 (rocprofiler-sdk)
 *
 *   {"rocprofiler-sdk-tool": [{metadata, agents, strings, kernel_symbols, …,
 *                              buffer_records: {kernel_dispatch: […], hip_api: […], …}}, …]}
 *
 * Records have nanosecond integers and no names: a kernel's name is the formatted_kernel_name of
 * the symbol with its kernel_id, an API call's that of its kind and operation in strings. Where
 * these come after the records, the records wait in an unlinked temporary file.
 *
 *   kernel_dispatch → cat kernel, memory_copy → gpu_memcpy, hip_api → cuda_runtime, marker_api →
 *   user_annotation, any other buffer → its own name; correlation_id.internal → correlation,
 *   agent → device (gpu_index), queue → stream.
 */
#ifndef TRS_ROCPROF_H
#define TRS_ROCPROF_H

#include "trace/pull.h"

/* From behind the `[` to behind its `]`. Anything but PULL_OK: cut or damaged, in.p where. */
enum pull rocprof_read(struct source *s, struct pull_fault *fault, struct err *e);

#endif
