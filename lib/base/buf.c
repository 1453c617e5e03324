#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint8_t *buf_room(struct buf *b, size_t more)
{
    b->p = mem_grow(b->p, &b->cap, b->n + more, 1);
    return b->p ? b->p + b->n : NULL;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n)
        memcpy(buf_room(b, n), p, n);
    b->n += n;
}

void buf_addc(struct buf *b, char c)
{
    *buf_room(b, 1) = (uint8_t)c;
    b->n++;
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n > 0)
        buf_add(b, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void buf_pad8(struct buf *b)
{
    static const uint8_t zeros[8];
    buf_add(b, zeros, (8 - b->n % 8) % 8);
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}
