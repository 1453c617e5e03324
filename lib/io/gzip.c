/* gzip by ISA-L: any number of members one behind the other, each with its checksum. */
#include "base/mem.h"
#include "io/codec.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>

struct gzip {
    struct input_codec codec;
    struct inflate_state state;
    struct raw raw;
    uint64_t out;   /* decoded bytes of all members */
    bool in_member; /* a header was begun and its end mark not yet seen */
};

static void member_begin(struct gzip *z)
{
    isal_inflate_init(&z->state);
    z->state.crc_flag = ISAL_GZIP;
    z->in_member = false;
}

static const char *why(int code)
{
    switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
        return "wrong gzip checksum";
    case ISAL_UNSUPPORTED_METHOD:
    case ISAL_INVALID_WRAPPER:
        return "bad gzip header";
    default:
        return "damaged gzip data";
    }
}

/* Between members: zero padding and the next magic number are fine, anything else is garbage. */
static bool next_member(struct input *in, struct gzip *z)
{
    struct raw *r = &z->raw;
    while (r->at < r->n && r->bytes[r->at] == 0)
        r->at++;
    if (r->at == r->n)
        return true; /* look again after the next block */
    if (r->bytes[r->at] == 0x1F)
        return true;
    (void)snprintf(in->damage, sizeof in->damage, "garbage after the end of the gzip data");
    r->eof = true;
    r->at = r->n;
    return false;
}

/* One call of the decoder; *got grows by what it wrote. */
static int inflate_some(struct input *in, struct gzip *z, uint8_t *out, size_t n, size_t *got,
                        struct err *e)
{
    struct raw *r = &z->raw;
    z->state.next_in = r->bytes + r->at;
    z->state.avail_in = (uint32_t)(r->n - r->at);
    z->state.next_out = out + *got;
    z->state.avail_out = (uint32_t)(n - *got);
    z->in_member = true;
    int rc = isal_inflate(&z->state);
    r->at = r->n - z->state.avail_in;
    *got = n - z->state.avail_out;
    if (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT)
        return err_set(e, ST_FAILED, "%s: byte %llu: %s", in->name,
                       (unsigned long long)(z->out + *got), why(rc));
    if (z->state.block_state == ISAL_BLOCK_FINISH)
        member_begin(z);
    return 0;
}

static ssize_t gzip_fill(struct input *in, uint8_t *out, size_t n, struct err *e)
{
    struct gzip *z = (struct gzip *)in->codec;
    size_t got = 0;
    while (got < n) {
        if (raw_fill(in, &z->raw, e) < 0)
            return -1;
        /* Even without input left, the decoder may still hold decoded bytes. */
        if (!z->in_member && (z->raw.eof || !next_member(in, z)))
            break;
        size_t before = got;
        if (z->in_member || z->raw.at < z->raw.n)
            if (inflate_some(in, z, out, n, &got, e) < 0)
                return -1;
        if (z->raw.eof && z->in_member && got == before) {
            (void)snprintf(in->damage, sizeof in->damage, "gzip data is cut off");
            break;
        }
    }
    z->out += got;
    return (ssize_t)got;
}

static void gzip_free(struct input_codec *c)
{
    free(c);
}

struct input_codec *codec_gzip(const uint8_t *first, size_t n)
{
    struct gzip *z = mem_zalloc(1, sizeof *z);
    z->codec = (struct input_codec){gzip_fill, gzip_free};
    z->raw.n = n < sizeof z->raw.bytes ? n : sizeof z->raw.bytes;
    memcpy(z->raw.bytes, first, z->raw.n);
    member_begin(z);
    return &z->codec;
}
