/* lang/emit/emit_known.c -- numbers that may be known when the C is compiled. */
#include "lang/emit/emit_impl.h"

#include <string.h>

bool mst_emit_may_be_known(const ir_program *p, const ir_var *v) {
  if (v->type != IR_INT || v->ndims > 0 || !v->source_name || v == p->shard_size) return false;
  if (strchr(v->source_name, ':')) return false; /* of a tuple: no name of C */
  return v->role == IR_DATA && v->decl && v->decl->block == AST_IN_DATA;
}

/* An expression of the preprocessor or, with `state`, of C; 0 in the preprocessor when a value
 * is not known. */
static const char *known(emit_state *e, const ir_expr *x, bool state) {
  if (x->op == IR_CONST_INT) return mst_lang_format(e->c, "%lld", (long long)x->integer);
  if (x->op == IR_LOAD && x->nargs == 0 && mst_emit_may_be_known(e->p, x->var))
    return state ? mst_lang_format(e->c, "MASTING_KNOWN_%s(state->%s)", x->var->source_name,
                                   x->var->name)
                 : mst_lang_format(e->c, "MASTING_KNOWN_%s(0)", x->var->source_name);
  return NULL;
}

const char *mst_emit_known_count(emit_state *e, const ir_var *v, int first, bool state) {
  const char *s = NULL;
  for (int i = first; i < v->ndims; i++) {
    const char *n = known(e, v->dim[i], state);
    if (!n) return NULL;
    if (strcmp(n, "1") != 0) s = s ? mst_lang_format(e->c, "%s * %s", s, n) : n;
  }
  return s ? s : "1";
}
