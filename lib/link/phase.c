#include "link/phase.h"

/* The functions below take what they find from the front of *s. */

static bool take(struct slice *s, const char *head)
{
    size_t n = strlen(head);
    if (s->n < n || memcmp(s->p, head, n) != 0)
        return false;
    *s = slice_of(s->p + n, s->n - n);
    return true;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_inside(uint8_t c)
{
    return c != '(' && c != ')';
}

/* As many bytes as are of this kind. */
static struct slice take_all(struct slice *s, bool (*kind)(uint8_t))
{
    struct slice all = {s->p, 0};
    while (all.n < s->n && kind(s->p[all.n]))
        all.n++;
    if (all.n > 0)
        *s = slice_of(s->p + all.n, s->n - all.n);
    return all;
}

/* N(..); *some: N is not 0. */
static bool take_count(struct slice *s, bool *some)
{
    struct slice digits = take_all(s, is_digit);
    *some = false;
    for (size_t i = 0; i < digits.n; i++)
        *some |= digits.p[i] != '0';
    if (digits.n == 0 || !take(s, "("))
        return false;
    (void)take_all(s, is_inside);
    return take(s, ")");
}

/* vLLM; NULL: another name. */
static const char *context(struct slice s)
{
    bool prefill, decode;
    if (!take(&s, "execute_"))
        return NULL;
    struct slice rest = s;
    if (take_all(&rest, is_digit).n > 0 && take(&rest, "_"))
        s = rest;
    if (!take(&s, "context_") || !take_count(&s, &prefill) || !take(&s, "_generation_") ||
        !take_count(&s, &decode))
        return NULL;
    if (prefill)
        return decode ? "mixed" : "prefill";
    return decode ? "decode" : "unknown";
}

/* SGLang; empty: another name. */
static struct slice step_word(struct slice s, struct buf *room)
{
    struct slice word = {NULL, 0};
    if (take(&s, "step["))
        word = take_all(&s, is_word);
    if (slice_is(word, "EXTEND"))
        return slice_str("prefill");
    room->n = 0;
    for (size_t i = 0; i < word.n; i++) {
        uint8_t c = word.p[i];
        buf_addc(room, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
    return buf_slice(room);
}

struct slice phase_of(struct slice name, struct buf *room)
{
    static const char *const heads[][2] = {{"prefill[", "prefill"},
                                           {"decode[", "decode"},
                                           {"capture_", "capture"},
                                           {"execute_diffusion_", "diffusion"}};
    const char *phase = context(name);
    for (size_t i = 0; !phase && i < sizeof heads / sizeof *heads; i++) {
        struct slice rest = name;
        if (take(&rest, heads[i][0]))
            phase = heads[i][1];
    }
    return phase ? slice_str(phase) : step_word(name, room);
}

struct slice phase_step(struct slice name)
{
    struct slice none = {NULL, 0};
    if (!take(&name, "ProfilerStep#"))
        return none;
    struct slice digits = take_all(&name, is_digit);
    return name.n == 0 ? digits : none;
}
