/* symlink - where symbolic links lead */
#ifndef TRS_SYMLINK_H
#define TRS_SYMLINK_H

/* The path that the links at `path` lead to, perhaps one where nothing is yet: who writes through a
 * link makes or replaces that file, and not the link. To be freed. */
char *symlink_end(const char *path);

#endif
