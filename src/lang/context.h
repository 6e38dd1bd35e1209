/* lang/context.h -- one compilation: its memory, its sources, its one error and its warnings.
 *
 * Everything that the rooms of the compiler make lives in the pool and is freed with the
 * context. A mistake in the model ends the compilation at once: mst_lang_fail jumps back to
 * where the compilation was entered (mst_lang_enter), with a message that is complete:
 * file:line:column, what was expected, what was found, what to try, the line and a caret. Not
 * collective; no MPI; one thread.
 */
#ifndef MST_LANG_CONTEXT_H
#define MST_LANG_CONTEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lang_loc { /* a place in a source; line 0: nowhere */
  int file, line,
      column; /* file: mst_lang_source_of; lines and columns from 1, columns count bytes */
} lang_loc;

typedef struct lang_source {
  const char *name; /* as shown in messages */
  const char *text; /* NUL-terminated */
  lang_loc from;    /* the #include that brought it; line 0: none */
} lang_source;

typedef struct lang_context {
  void *pool; /* chunks */
  lang_source *source;
  int nsources;
  /* Sources of our own library, which are numbered -1, -2, ...: read once a process, known to
   * every compilation (prelude.h). */
  const lang_source *library;
  int nlibrary;
  jmp_buf entry;
  char *error;    /* NULL, or the whole message */
  char **warning; /* each whole */
  int nwarnings;
} lang_context;

/* Zeroed memory that lives as long as the context; ends the program without memory. */
void *mst_lang_alloc(lang_context *c, size_t bytes);
char *mst_lang_copy(lang_context *c, const char *text, size_t bytes); /* NUL added */
char *mst_lang_format(lang_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define MST_LANG_NEW(c, type) ((type *)mst_lang_alloc(c, sizeof(type)))
#define MST_LANG_ARRAY(c, type, n) ((type *)mst_lang_alloc(c, (size_t)(n) * sizeof(type)))

/* Appends `value` to the array `list` of `count` elements (an lvalue pair), growing it in the
 * pool. */
#define MST_LANG_PUSH(c, list, count, value)                                                       \
  do {                                                                                             \
    if (((count) & ((count)-1)) == 0)                                                              \
      (list) = mst_lang_grow(c, list, sizeof *(list), (size_t)(count));                            \
    (list)[(count)++] = (value);                                                                   \
  } while (0)
/* A copy of `count` elements (0 or a power of two) with room for twice as many (at least one). */
void *mst_lang_grow(lang_context *c, const void *list, size_t size, size_t count);

/* Adds a source; returns its number, for lang_loc.file. text must outlive the context or be in
 * its pool. */
int mst_lang_source(lang_context *c, const char *name, const char *text);
/* The source of that number; NULL: there is none. */
const lang_source *mst_lang_source_of(const lang_context *c, int file);

/* Ends the compilation. The message reads `what; expected X, got Y; try Z`; place, line and
 * caret are added here. `width`: characters to underline from loc on, at least 1. */
_Noreturn void mst_lang_fail(lang_context *c, lang_loc loc, int width, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same form, kept in c->warning; a warning with the same text is kept once. */
void mst_lang_warn(lang_context *c, lang_loc loc, int width, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Runs body(c, argument). Returns false when it ended in mst_lang_fail: c->error says why. */
bool mst_lang_enter(lang_context *c, void (*body)(lang_context *c, void *argument), void *argument);
void mst_lang_free(lang_context *c);

#endif
