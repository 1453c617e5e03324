/* revision - which version of the code there is in the current folder */
#ifndef TRS_REVISION_H
#define TRS_REVISION_H

/* The commit that is checked out here, with `-dirty` behind it if files differ from it or are not
 * in it; to be freed. NULL if there is none, or no git, or git does not answer within ten seconds:
 * that is no error. */
char *revision_here(void);

#endif
