#include "format/record.h"

const uint8_t frame_magic[8] = {0x93, 't', 'r', 's', '\r', '\n', 0x1A, '\n'};

const char *kind_name(unsigned kind)
{
    static const char *const names[KINDS] = {
        [KIND_KERNEL] = "kernel",         [KIND_MEMCPY] = "memcpy", [KIND_MEMSET] = "memset",
        [KIND_CPU_OP] = "cpu_op",         [KIND_PYTHON] = "python", [KIND_RUNTIME] = "runtime",
        [KIND_ANNOTATION] = "annotation", [KIND_FLOW] = "flow",     [KIND_COUNTER] = "counter",
        [KIND_INSTANT] = "instant",       [KIND_META] = "meta",     [KIND_OTHER] = "other",
        [KIND_FUNCTION] = "function",     [KIND_CALL] = "call",     [KIND_STACK] = "stack"};
    return kind < KINDS && names[kind] ? names[kind] : "unknown";
}
