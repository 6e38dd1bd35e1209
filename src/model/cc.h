/* model/cc.h -- a model in C becomes a shared object, by the system's C compiler. Not
 * collective. */
#ifndef MST_MODEL_CC_H
#define MST_MODEL_CC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct mst_cc_options {
  const char *cc;     /* command, may have flags; NULL: $CC, or cc */
  const char *march;  /* as for -march; NULL: native */
  const char *cflags; /* further flags, or NULL */
  unsigned widths;    /* bit i: 2^i lanes; 0: all five */
  bool verbose;       /* command lines go to standard error */
  const char *stan;   /* the program that the C was made of, or NULL: C of the user's own */
  const char *kept;   /* stan: where the C is found afterwards; NULL: the source itself */
} mst_cc_options;

/* The folder that holds masting/model_abi.h: of the environment (MASTING_INCLUDE), as installed,
 * or beside the program as it was moved. */
masting_status mst_cc_headers(char *folder, size_t size, mst_error *err);

/* Compiles `source` once for each lane width, all at once, and links them (with SUNDIALS where
 * the source includes masting/stan/ode_multistep.h) to `out`, which is put in place by a rename:
 * a job that starts meanwhile sees the old or the new one. Compiler messages are passed on,
 * but those on C made of a Stan program, which fails as in cc_fault.h. */
masting_status mst_cc(const char *source, const char *out, const mst_cc_options *options,
                      mst_error *err);

#endif
