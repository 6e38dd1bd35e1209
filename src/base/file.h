/* base/file.h -- a whole file as text; a new file under a name that others may want. Not
 * collective. */
#ifndef MST_BASE_FILE_H
#define MST_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The file's bytes with a 0 byte behind them, to be freed; *bytes is their number (NULL: not asked
 * for). most: largest number of bytes that is accepted; 0: any. NULL on failure, with errno: that
 * of the system, EISDIR, ENOMEM, or EFBIG for a larger file. */
char *mst_file_read(const char *path, size_t most, size_t *bytes);

/* A new file for writing (and reading), of this name and nobody else's: what stood there is removed
 * first, and a link is never followed. The descriptor, closed on exec; -1 with errno. */
int mst_file_fresh(const char *path, unsigned mode);

/* Gives the file `from` the name `to`, in one step. Without `replace` a file that stands there by
 * then stays, and the result is EEXIST. 0, or an errno. */
int mst_file_publish(const char *from, const char *to, bool replace);

#endif
