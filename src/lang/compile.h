/* lang/compile.h -- the compiler's one door: Stan text in, C text out. Not collective; no files
 * but includes. The passes and their order: compile.c, docs/compiler.md. */
#ifndef MST_LANG_COMPILE_H
#define MST_LANG_COMPILE_H

#include <stdio.h>

#include "lang/context.h"
#include "lang/ir/ir.h"
#include "lang/options.h"

typedef struct mst_lang_result {
  const char *c_text;  /* in the context's pool, as all of this */
  const char *report;  /* what is cut over the ranks, and why not */
  const char *ir_text; /* the program after options->emit_ir; NULL: not asked for, or not reached */
  ir_program *program;
  /* ints of the data whose values may be given when the C is compiled (emit.h) */
  const char **known;
  int nknown;
} mst_lang_result;

/* file_name: as shown in messages; model_name: a C identifier and the model's name. Returns
 * false on a mistake in the program: c->error is the whole message. c is zeroed before; free it
 * with mst_lang_free. */
bool mst_lang_compile(lang_context *c, const char *file_name, const char *model_name,
                      const char *text, const mst_lang_options *options, mst_lang_result *result);

/* The names of the passes that leave a program to print, in order, for emit_ir; NULL ends them. */
const char *const *mst_lang_passes(void);
/* A line a pass: its name, what it needs and what holds after it. */
void mst_lang_passes_print(FILE *file);

#endif
