/* base/file.h -- a whole file as text. Not collective. */
#ifndef MST_BASE_FILE_H
#define MST_BASE_FILE_H

#include <stddef.h>

/* The file's bytes with a 0 byte behind them, to be freed; *bytes is their number (NULL: not asked
 * for). most: largest number of bytes that is accepted; 0: any. NULL on failure, with errno: that
 * of the system, EISDIR, ENOMEM, or EFBIG for a larger file. */
char *mst_file_read(const char *path, size_t most, size_t *bytes);

#endif
