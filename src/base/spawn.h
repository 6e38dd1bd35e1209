/* base/spawn.h -- runs other programs and waits for them. Not collective. */
#ifndef MST_BASE_SPAWN_H
#define MST_BASE_SPAWN_H

#include <stddef.h>

#include "base/error.h"

/* Words of a command line being put together; the strings are copies. */
typedef struct mst_words {
  char **word; /* NULL-terminated */
  int count;
} mst_words;

masting_status mst_words_add(mst_words *words, mst_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds what blanks divide; single and double quotes keep a word together. */
masting_status mst_words_split(mst_words *words, const char *text, mst_error *err);
void mst_words_free(mst_words *words);

/* Runs words[0] (looked up in PATH). *status becomes its exit status, 128 + n if signal n ended it.
 * output: NULL: standard output is passed on; else its text, to be freed, also when it fails.
 * Standard error is passed on. */
masting_status mst_spawn(const mst_words *words, int *status, char **output, mst_error *err);

/* In two steps: *child is its process number. Its output is passed on; messages: a file that gets
 * its standard error instead, or NULL. */
masting_status mst_spawn_begin(const mst_words *words, const char *messages, int *child,
                               mst_error *err);
masting_status mst_spawn_end(const char *name, int child, int *status, mst_error *err);

#endif
