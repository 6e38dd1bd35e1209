/* lang/prelude/prelude.c -- see prelude.h. The texts are built into the program by
 * scripts/embed.sh. */
#include "lang/prelude/prelude.h"

#include "lang/check/check.h"
#include "lang/syntax/parse.h"

typedef struct prelude_file {
  const char *name, *text;
} prelude_file;

static const prelude_file files[] = {
#include "lang/prelude/prelude_text.inc"
};

ast_function **mst_prelude(lang_context *c, int *count) {
  ast_function **all = NULL;
  *count = 0;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    int n, file = mst_lang_source(c, files[i].name, files[i].text);
    ast_function **f = mst_parse_functions(c, file, &n);
    for (int k = 0; k < n; k++) {
      f[k]->prelude = true;
      MST_LANG_PUSH(c, all, *count, f[k]);
    }
  }
  mst_check_functions(c, all, *count);
  return all;
}
