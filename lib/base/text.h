/* text - bytes made fit to be shown
 *
 * Names are bytes with a length: any byte may stand in them. Whatever is printed goes through
 * one of these functions. "Control" here means C0, DEL, C1, the bidirectional marks (U+061C,
 * U+200E, U+200F, U+202A-U+202E, U+2066-U+2069) and the line and paragraph separators U+2028/9.
 */
#ifndef TRS_TEXT_H
#define TRS_TEXT_H

#include "base/buf.h"

/* Length of the well-formed UTF-8 sequence at p (1 to 4; RFC 3629: no overlong forms, no
 * surrogates), or 0. n > 0 is the number of bytes at hand. */
size_t utf8_len(const uint8_t *p, size_t n);

/* True if the well-formed sequence of len bytes at p is a control character. */
bool utf8_control(const uint8_t *p, size_t len);

/* Appends the UTF-8 form of a code point; a surrogate gets its three-byte form (WTF-8). */
void utf8_add(struct buf *out, uint32_t code);

/* Appends s for a terminal or a TSV cell: \t \n \r \\, other controls and invalid bytes \xHH. */
void text_add_tsv(struct buf *out, struct slice s);

/* Appends s as a frame of a folded stack, `a;b;c 12`: `;` becomes `:`, \t \n \r a space, other
 * controls and invalid bytes \xHH. Readers take the number behind the last space for the weight
 * and a second one before it for another column, so a space before a number at the end becomes
 * `_`. Nothing at all, or blanks alone, are `(unnamed)`. */
void text_add_folded(struct buf *out, struct slice s);

/* As text_add_tsv into a fixed buffer, cut where it is full, for messages; `\` stays as it is.
 * Returns the bytes written. */
size_t text_escape_into(char *out, size_t cap, const char *s, size_t n);

/* What becomes of bytes that are no UTF-8 in a JSON string. */
enum text_invalid {
    TEXT_REPLACE,   /* U+FFFD for each */
    TEXT_BYTES,     /* \udcHH for each byte HH (Python's surrogateescape): nothing is lost */
    TEXT_SURROGATES /* likewise, but a surrogate in its three-byte form becomes its own \uXXXX:
                     * text that was read from JSON stays what it was */
};

/* Appends s as messages show it: controls, bytes that are no UTF-8, U+FFFE and U+FFFF as \xHH.
 * `\` stays as it is. */
void text_add_plain(struct buf *out, struct slice s);

/* The same for a text node or a quoted attribute of XML or HTML: & < > " ' as references. What
 * comes out is well-formed there for any bytes. */
void text_add_markup(struct buf *out, struct slice s);

/* Appends s as a JSON string with its quotes. Controls become \uXXXX. */
void text_add_json(struct buf *out, struct slice s, enum text_invalid how);

/* Appends s with U+FFFD for every invalid byte. */
void text_add_valid(struct buf *out, struct slice s);

/* Columns that s takes on a terminal: one for each code point, two for wide East Asian ones and
 * emoji, none for combining marks. s is the output of text_add_tsv or text_add_plain. */
size_t text_width(struct slice s);

/* Appends s as text_add_plain does; of what takes more than so many columns, the beginning, `…` and
 * the end. */
void text_add_short(struct buf *out, struct slice s, size_t columns);

/* The longest beginning of s that takes no more than so many columns of a screen. */
struct slice text_fit(struct slice s, size_t columns);

#endif
