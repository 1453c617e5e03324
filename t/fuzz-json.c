/* fuzz-json - the JSON scanner and the trace readers
 *
 * Each input is read as a trace: with every variant of the scanner, by threads in small chunks, and
 * event by event without shapes. All have to give the same stream, the same counts and the same
 * message. The first byte chooses --gpu and --args and the size of the chunks.
 */
#include "readings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    const struct selection select = {.gpu = data[0] & 1, .args = data[0] & 2};
    readings_agree(data + 1, n - 1, &select, 16 + 8u * (data[0] >> 2));
    return 0;
}
