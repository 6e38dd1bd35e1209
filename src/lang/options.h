/* lang/options.h -- what the user of the compiler asks for: the size that is cut over the ranks,
 * what is known of the data, how far to go. What the driver tries by itself to meet it is
 * another type (lower/lower.h: lang_attempt). */
#ifndef MST_LANG_OPTIONS_H
#define MST_LANG_OPTIONS_H

#include "lang/context.h"

/* The text of an #include file, in the pool, or NULL when there is none of that name. */
typedef const char *lang_include(lang_context *c, const char *name, void *argument);

typedef struct mst_lang_options {
  /* Name of an int of the data block, or several with commas that are equal; NULL: the compiler
   * chooses; "none": nothing is cut. */
  const char *size;
  /* To choose by: how many elements dimension `dim` of a data variable has, -1 when that is not
   * known. NULL: the data are not known, the program's form decides. */
  int64_t (*extent)(void *argument, const char *variable, int dim);
  /* The value of an int of the data; false: not known. Small ones are compiled in: short loops
   * are unrolled. */
  bool (*value)(void *argument, const char *variable, int64_t *value);
  void *argument; /* of these two */
  /* Rows from which on the covariance of a normal of all of them is distributed (covariance.h);
   * 0: never. */
  int64_t distribute_from;
  lang_include *find_include; /* NULL: includes are refused */
  void *include_argument;
  bool optimise;
  bool verify;         /* the program is verified after each pass (ir/ir_verify.h) */
  const char *emit_ir; /* the program is printed after the pass of this name; NULL: not */
} mst_lang_options;

#endif
