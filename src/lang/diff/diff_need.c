/* lang/diff/diff_need.c -- which values the reverse sweep will read: to be recorded, after Hascoet,
 * Naumann and Pascual 2005, "To be recorded" analysis in reverse-mode automatic differentiation,
 * FGCS 21(8).
 *
 * Walks the statements in their order with the set of variables whose value at this point the
 * reverse of what came before reads. An assignment to one of them pushes what it overwrites; a
 * scope that ends pushes those that it declared.
 */
#include "lang/diff/diff_impl.h"

typedef struct needs {
  diff_state *d;
  lang_context *c;
} needs;

static void walk(needs *k, diff_list *list, ir_set *need);

static bool has_reverse(const diff_list *list) {
  for (int i = 0; i < list->count; i++) {
    const diff_node *n = list->node[i];
    if (n->fused || n->push || n->reverse.nstmts > 0) return true;
    if (has_reverse(&n->body) || has_reverse(&n->other)) return true;
  }
  return list->nkept > 0;
}

static void keep(needs *k, diff_list *list, ir_var *v) {
  if (mst_set_has(&list->is_kept, v)) return;
  mst_set_add(k->c, &list->is_kept, v);
  MST_LANG_PUSH(k->c, list->kept, list->nkept, v);
}

/* A scope that the reverse sweep enters anew. */
static void walk_scope(needs *k, diff_list *list, ir_set *need) {
  walk(k, list, need);
  for (int i = 0; i < list->count; i++) {
    ir_stmt *s = list->node[i]->s;
    if (s->kind != IR_DECL || !mst_set_has(need, s->var)) continue;
    keep(k, list, s->var);
    mst_set_remove(need, s->var);
  }
}

static void walk_assign(needs *k, diff_node *n, ir_set *need) {
  ir_var *v = n->s->var;
  bool wanted = mst_set_has(need, v) || mst_set_has(&n->reads, v);
  if (wanted && !v->once) n->push = true;
  mst_set_union(k->c, need, &n->reads);
  if (v->ndims == 0 && !v->once) mst_set_remove(need, v);
  if (n->push)
    for (int i = 0; i < n->s->nindices; i++) mst_ir_reads(k->c, n->s->index[i], need);
}

static void walk_loop(needs *k, diff_node *n, ir_set *need) {
  ir_set before = mst_set_copy(k->c, need);
  do {
    walk_scope(k, &n->body, need);
    mst_set_union(k->c, need, &before);
  } while (mst_set_union(k->c, &before, need));
  if (!has_reverse(&n->body)) return;
  if (n->s->kind == IR_FOR)
    mst_ir_reads(k->c, n->s->count, need);
  else
    mst_set_add(k->c, need, n->trips);
}

static void walk_if(needs *k, diff_node *n, ir_set *need) {
  ir_set other = mst_set_copy(k->c, need);
  walk_scope(k, &n->body, need);
  walk_scope(k, &n->other, &other);
  mst_set_union(k->c, need, &other);
  if (has_reverse(&n->body) || has_reverse(&n->other)) mst_ir_reads(k->c, n->s->cond, need);
}

static void walk_fused(needs *k, diff_node *n, ir_set *need) {
  ir_set inner = {0};
  mst_set_union(k->c, need, &n->reads);
  walk(k, &n->body, &inner);
  inner = (ir_set){0};
  walk(k, &n->other, &inner);
}

static void walk_decl(needs *k, diff_node *n, ir_set *need) {
  mst_set_remove(need, n->s->var);
  for (int i = 0; i < n->s->var->ndims; i++) mst_ir_reads(k->c, n->s->var->dim[i], need);
  mst_set_union(k->c, need, &n->reads);
}

static void walk(needs *k, diff_list *list, ir_set *need) {
  for (int i = 0; i < list->count; i++) {
    diff_node *n = list->node[i];
    if (n->fused) {
      walk_fused(k, n, need);
      continue;
    }
    switch (n->s->kind) {
    case IR_DECL:
      walk_decl(k, n, need);
      break;
    case IR_ASSIGN:
      walk_assign(k, n, need);
      break;
    case IR_FOR:
    case IR_WHILE:
      walk_loop(k, n, need);
      break;
    case IR_IF:
      walk_if(k, n, need);
      break;
    default:
      mst_set_union(k->c, need, &n->reads);
      break;
    }
  }
}

void mst_diff_need(diff_state *d, diff_list *list, ir_set *need) {
  needs k = {d, d->c};
  walk(&k, list, need);
}
