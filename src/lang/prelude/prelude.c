/* lang/prelude/prelude.c -- see prelude.h. The texts are built into the program by
 * scripts/embed.sh. */
#include "lang/prelude/prelude.h"

#include <limits.h>

#include "lang/check/check.h"
#include "lang/syntax/parse.h"

static const lang_source files[] = {
#include "lang/prelude/prelude_text.inc"
};

enum { FILES = sizeof files / sizeof *files };

typedef struct prelude_functions {
  ast_function **function;
  int count;
} prelude_functions;

static void read_all(lang_context *c, void *argument) {
  prelude_functions *all = argument;
  for (int i = 0; i < FILES; i++) {
    int n;
    ast_function **f = mst_parse_functions(c, -1 - i, &n);
    for (int k = 0; k < n; k++) {
      f[k]->prelude = true;
      MST_LANG_PUSH(c, all->function, all->count, f[k]);
    }
  }
  mst_check_functions(c, all->function, all->count);
}

ast_function *const *mst_prelude(lang_context *c, int *count) {
  static lang_context own;
  static prelude_functions all;
  if (!own.library) {
    own.library = files;
    own.nlibrary = FILES;
    if (!mst_lang_enter(&own, read_all, &all))
      mst_lang_fail(c, (lang_loc){.file = INT_MIN}, 1, "%s", own.error);
  }
  c->library = own.library;
  c->nlibrary = own.nlibrary;
  *count = all.count;
  return all.function;
}
