/* lang/check/check_names.c -- what the name of a function says of it, and how wide an expression is
 * in a message. */
#include <string.h>

#include "lang/check/check_impl.h"

bool mst_check_suffix(const char *name, const char *suffix) {
  size_t length = strlen(name), tail = strlen(suffix);
  return length > tail && strcmp(name + length - tail, suffix) == 0;
}

bool mst_check_conditional(const char *name) {
  return mst_check_suffix(name, "_lpdf") || mst_check_suffix(name, "_lpmf") ||
         mst_check_suffix(name, "_lcdf") || mst_check_suffix(name, "_lccdf") ||
         mst_check_suffix(name, "_cdf");
}

const char *mst_check_normalised(check_state *k, const char *name, bool *unnormalised) {
  const char *plain = name;
  int stem = (int)strlen(name) - 5;
  if (mst_check_suffix(name, "_lupdf"))
    plain = mst_lang_format(k->c, "%.*spdf", stem + 1, name);
  else if (mst_check_suffix(name, "_lupmf"))
    plain = mst_lang_format(k->c, "%.*spmf", stem + 1, name);
  if (plain != name) *unnormalised = true;
  return plain;
}

int mst_check_width(const ast_expr *e) {
  bool same = e->end.line == e->loc.line && e->end.column > e->loc.column;
  return same ? e->end.column - e->loc.column : 1;
}
