/* codec - decompression behind input
 *
 * Private to lib/io. A codec takes raw blocks from the input's descriptor and fills the window.
 */
#ifndef TRS_CODEC_H
#define TRS_CODEC_H

#include "io/input.h"

struct input_codec {
    /* Writes up to n > 0 decoded bytes to out. Returns their number, 0 at the end (perhaps with
     * in->damage set), -1 on an error. */
    ssize_t (*fill)(struct input *in, uint8_t *out, size_t n, struct err *e);
    void (*free)(struct input_codec *c);
};

/* Raw bytes between descriptor and codec. */
struct raw {
    uint8_t bytes[INPUT_BLOCK + 4]; /* the first block came through the window */
    size_t at, n;
    bool eof;
};

/* Refills an empty raw block; sets eof. -1 on a read error. */
int raw_fill(struct input *in, struct raw *r, struct err *e);

/* read(2) that goes on after a signal and counts into in->consumed. -1 too when a thread that reads
 * ahead is to end. */
ssize_t input_read(struct input *in, void *out, size_t n, struct err *e);

/* Where the next block goes: INPUT_BLOCK bytes of the input's own memory, right behind end. The
 * window moves there if it lies elsewhere; where there is no room it moves to the front or grows.
 */
uint8_t *input_room(struct input *in);

/* Up to n bytes for the window, as a codec's fill, which it calls if there is one. */
ssize_t input_fill(struct input *in, uint8_t *out, size_t n, struct err *e);

/* Each takes the first raw bytes, which told what they are. */
struct input_codec *codec_gzip(const uint8_t *first, size_t n);
struct input_codec *codec_zstd(const uint8_t *first, size_t n);

#endif
