/* lang/lower/lower_scope.c -- what a name means here, and which variables depend on parameters. */
#include "lang/lower/lower_impl.h"

_Noreturn void mst_lower_unsupported(lower_state *l, lang_loc loc, const char *what) {
  mst_lang_fail(l->c, loc, 1,
                "%s: exists in Stan and is not supported here; try another form; "
                "docs/stan-language.md and docs/stan-functions.md say what is",
                what);
}

lower_binding *mst_lower_bind_over(lower_state *l, lower_binding *below, const ast_decl *d,
                                   const lower_value *v) {
  lower_binding *b = MST_LANG_NEW(l->c, lower_binding);
  *b = (lower_binding){.decl = d, .value = v, .next = below, .jump = below};
  if (below) {
    /* two jumps of the same length become one of twice that and one: Myers 1983, "An applicative
       random-access stack", Information Processing Letters 17(5) */
    const lower_binding *j = below->jump;
    b->depth = below->depth + 1;
    if (j && j->jump && below->depth - j->depth == j->depth - j->jump->depth) b->jump = j->jump;
  }
  mst_lang_set_pointer(l->c, &l->bound, d, b);
  return b;
}

void mst_lower_bind(lower_state *l, const ast_decl *d, const lower_value *v) {
  l->scope = mst_lower_bind_over(l, l->scope, d, v);
}

/* Whether b is among those in scope. */
static bool is_in_scope(const lower_state *l, const lower_binding *b) {
  const lower_binding *at = l->scope;
  while (at && at->depth > b->depth)
    at = at->jump && at->jump->depth >= b->depth ? at->jump : at->next;
  return at == b;
}

const lower_binding *mst_lower_binding_of(lower_state *l, const ast_decl *d) {
  const lower_binding *b = mst_lang_pointer(&l->bound, d);
  if (!b || is_in_scope(l, b)) return b;
  for (b = l->scope; b; b = b->next) /* of an outer call of the function */
    if (b->decl == d) return b;
  return NULL;
}

const lower_value *mst_lower_lookup(lower_state *l, const ast_expr *e) {
  if (e->type.base == LANG_FUNCTION || !e->decl) {
    lower_value *v = mst_lower_new(l, mst_lower_type(LANG_FUNCTION, 0));
    v->ast = e;
    return v;
  }
  const lower_binding *b = mst_lower_binding_of(l, e->decl);
  if (b) return b->value;
  mst_lower_unsupported(l, e->loc, "a variable of another block here");
}

static uint64_t mix(uint64_t a, uint64_t b) {
  a ^= b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2);
  return a * 0xff51afd7ed558ccdu;
}

static uint64_t key_of(const lower_state *l, const void *decl) {
  return mix(l->frame ? l->frame->path : 1, (uint64_t)(uintptr_t)decl);
}

bool mst_lower_is_lane(lower_state *l, const void *decl) {
  if (!l->lanes) return false;
  uint64_t key = key_of(l, decl);
  for (int i = 0; i < l->nlanes; i++)
    if (l->lane[i] == key) return true;
  return false;
}

void mst_lower_mark_lane(lower_state *l, const void *decl) {
  if (mst_lower_is_lane(l, decl)) return;
  MST_LANG_PUSH(l->c, l->lane, l->nlanes, key_of(l, decl));
  l->again = true;
}
