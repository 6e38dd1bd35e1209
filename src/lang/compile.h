/* lang/compile.h -- the compiler's one door: Stan text in, C text out. Not collective; no files
 * but includes. */
#ifndef MST_LANG_COMPILE_H
#define MST_LANG_COMPILE_H

#include "lang/context.h"
#include "lang/ir/ir.h"
#include "lang/lower/lower.h"
#include "lang/syntax/parse.h"

typedef struct mst_lang_options {
  lang_cut cut;
  lang_include *find_include; /* or NULL */
  void *include_argument;
  bool optimise;
  int stop_after; /* 0: C; 1: checked; 2: lowered; 3: cut (for tests and --emit-ir) */
} mst_lang_options;

typedef struct mst_lang_result {
  const char *c_text; /* in the context's pool */
  const char *report; /* what is cut, and why not */
  ir_program *program;
  /* ints of the data whose values may be given when the C is compiled (emit_impl.h) */
  const char **known;
  int nknown;
} mst_lang_result;

/* file_name: as shown in messages; model_name: a C identifier and the model's name. Returns
 * false on a mistake in the program: c->error is the whole message. c is zeroed before; free it
 * with mst_lang_free. */
bool mst_lang_compile(lang_context *c, const char *file_name, const char *model_name,
                      const char *text, const mst_lang_options *options, mst_lang_result *result);

#endif
