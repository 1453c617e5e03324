/* zstd: any number of frames one behind the other, skippable ones skipped. */
#include "base/mem.h"
#include "io/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct zstd {
    struct input_codec codec;
    ZSTD_DStream *stream;
    struct raw raw;
    uint64_t out;
    bool in_frame;
};

/* What the library says when the next frame does not begin with a magic number. */
static bool is_garbage(const struct zstd *z, size_t got, size_t code)
{
    return !z->in_frame && ZSTD_getErrorCode(code) == ZSTD_error_prefix_unknown && z->out + got > 0;
}

static ssize_t zstd_fill(struct input *in, uint8_t *out, size_t n, struct err *e)
{
    struct zstd *z = (struct zstd *)in->codec;
    ZSTD_outBuffer o = {out, n, 0};
    while (o.pos < n) {
        if (raw_fill(in, &z->raw, e) < 0)
            return -1;
        if (z->raw.eof && !z->in_frame)
            break;
        ZSTD_inBuffer i = {z->raw.bytes, z->raw.n, z->raw.at};
        size_t before = o.pos, rc = ZSTD_decompressStream(z->stream, &o, &i);
        z->raw.at = i.pos;
        if (ZSTD_isError(rc) && is_garbage(z, o.pos, rc)) {
            (void)snprintf(in->damage, sizeof in->damage, "garbage after the end of the zstd data");
            z->raw.at = z->raw.n;
            z->raw.eof = true;
            break;
        }
        if (ZSTD_isError(rc))
            return err_set(e, ST_FAILED, "%s: byte %llu: damaged zstd data: %s", in->name,
                           (unsigned long long)(z->out + o.pos), ZSTD_getErrorName(rc));
        z->in_frame = rc != 0;
        if (z->raw.eof && z->in_frame && o.pos == before) {
            (void)snprintf(in->damage, sizeof in->damage, "zstd data is cut off");
            break;
        }
    }
    z->out += o.pos;
    return (ssize_t)o.pos;
}

static void zstd_free(struct input_codec *c)
{
    struct zstd *z = (struct zstd *)c;
    ZSTD_freeDStream(z->stream);
    free(z);
}

struct input_codec *codec_zstd(const uint8_t *first, size_t n)
{
    struct zstd *z = mem_zalloc(1, sizeof *z);
    z->codec = (struct input_codec){zstd_fill, zstd_free};
    z->raw.n = n < sizeof z->raw.bytes ? n : sizeof z->raw.bytes;
    memcpy(z->raw.bytes, first, z->raw.n);
    z->stream = ZSTD_createDStream();
    if (!z->stream)
        die(ST_FAILED, "out of memory (zstd)");
    return &z->codec;
}
