/* svg - a flame graph drawn
 *
 *   title                  [Reset zoom] Matched: 12.3 % [search]     the script adds what it needs
 *   ## category  ## category
 *            | b |c|
 *   |    a       |   d  |
 *   |        all           |
 *   details of the frame under the pointer, else the sum
 *   what is not drawn
 *
 * It is whole without the script: names fit their frames, each frame has a title with its figures.
 * A row is a g, a frame a rect with a title in it and behind it the text that fits. The attribute
 * data-f="START VALUE" of a rect has the exact figures, of which flame.js lays out again.
 */
#ifndef TRS_FLAME_SVG_H
#define TRS_FLAME_SVG_H

#include "flame/picture.h"
#include "io/output.h"

/* Writes the element <svg>, which stands behind an XML declaration or inside HTML. */
int svg_write(const struct picture *p, struct output *out, struct err *e);

#endif
