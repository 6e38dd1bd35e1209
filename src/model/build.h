/* model/build.h -- a Stan program becomes a shared object, once: kept in a folder, found again
 * by its hash.
 *
 * The hash is of the C text, the headers that it includes, the compiler's command and the lane
 * widths. The folder is MASTING_CACHE, or masting/ in XDG_CACHE_HOME or in ~/.cache. Not
 * collective: rank 0 builds.
 */
#ifndef MST_MODEL_BUILD_H
#define MST_MODEL_BUILD_H

#include "lang/options.h"
#include "model/cc.h"

typedef struct mst_build_options {
  mst_cc_options cc;
  mst_lang_options lang; /* of the program itself; includes are found beside it */
  bool no_optimise;
  /* Called before the C compiler runs, which takes a second: for a progress line. May be NULL. */
  void (*compiling)(void *context, const char *model);
  void *context;
} mst_build_options;

typedef struct mst_built {
  char *path;    /* of the program */
  char *name;    /* of the model: the file's name without .stan, as a C identifier */
  char *c_text;  /* the generated C */
  char *ir_text; /* the program after options.lang.emit_ir; NULL: not asked for */
  char *report;  /* what is cut over the ranks */
  char *known;   /* flags for the C compiler: small ints of the data, where they are known */
  bool one_lane; /* chains run one by one: control flow depends on parameters */
} mst_built;

/* Translates the file to C. Errors are those of the program, with line and caret; warnings go to
 * standard error. #include looks in the file's folder. Free with mst_built_free. */
masting_status mst_build_translate(const char *path, const mst_build_options *options,
                                   mst_built *built, mst_error *err);
void mst_built_free(mst_built *built);

/* The path of its shared object (to be freed), compiled now unless it was before. */
masting_status mst_build(const char *path, const mst_build_options *options, char **object,
                         mst_error *err);

/* Whether a name given as MODEL is a Stan program. */
bool mst_is_stan(const char *name);

#endif
