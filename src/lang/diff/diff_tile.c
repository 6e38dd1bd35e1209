/* lang/diff/diff_tile.c -- independent iterations, several at a time.
 *
 * A loop whose iterations only add to target and to adjoints, and that has an inner loop over
 * something else (the dot product of a row, and its reverse), is run in tiles of MASTING_TILE
 * iterations that go through the inner loop side by side: they share its loads of parameters,
 * and add to adjoints in registers (unroll and jam; Callahan, Carr and Kennedy 1990, "Improving
 * register allocation for subscripted variables", PLDI). What is left over runs as before.
 *
 *   for row { s = 0; for k { s += x[row, k] * b[k] } t = f(s); for k { b_adj[k] += t * x[row, k]
 *   } }
 * becomes
 *   for row by tiles { for r { s[r] = 0 } for k { for r { s[r] += x[row + r, k] * b[k] } } for r
 *   { t[r] = ... } ... }
 */
#include "lang/diff/diff_impl.h"
#include "lang/ir/ir_table.h"

#include <math.h>

typedef struct tiler {
  lang_context *c;
  ir_program *p;
  const ir_stmt *loop;
  ir_var *r;  /* which iteration of the tile */
  ir_set own; /* declared in the body */
  /* of ir_var *: by scalar of the body that has an element per iteration, that array */
  ir_table to;
  /* of the factors whose logarithms are added to target, and taken off; or NULL */
  ir_var *product[2];
} tiler;

/* ---- which loops */

static bool is_simple(const ir_stmt *s) {
  return (s->kind == IR_DECL && s->var->ndims == 0) || s->kind == IR_ASSIGN || s->kind == IR_TARGET;
}

static bool has_kind(const ir_block *b, ir_stmt_kind kind) {
  for (int i = 0; i < b->nstmts; i++)
    if (b->stmt[i]->kind == kind || has_kind(&b->stmt[i]->body, kind) ||
        has_kind(&b->stmt[i]->other, kind))
      return true;
  return false;
}

static bool declares_array(const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    if (s->kind == IR_DECL && s->var->ndims > 0) return true;
    if (declares_array(&s->body) || declares_array(&s->other)) return true;
  }
  return false;
}

/* An inner loop that iterations may go through side by side. */
static bool can_jam(const tiler *t, const ir_stmt *s) {
  if (s->kind != IR_FOR || (s->count->op == IR_CONST_INT && s->count->integer <= 3)) return false;
  ir_set reads = {0};
  mst_ir_reads(t->c, s->count, &reads);
  if (mst_set_meets(&reads, &t->own) || mst_set_has(&reads, t->loop->var)) return false;
  for (int i = 0; i < s->body.nstmts; i++)
    if (!is_simple(s->body.stmt[i])) return false;
  return true;
}

/* Whether a log1p_exp is a term of the sum e. */
static bool has_logarithm(const ir_expr *e) {
  if (e->op != IR_CALL) return false;
  if (e->prim == IR_LOG1P_EXP_OF) return true;
  if (e->prim == IR_NEG) return has_logarithm(e->arg[0]);
  return (e->prim == IR_ADD || e->prim == IR_SUB) &&
         (has_logarithm(e->arg[0]) || has_logarithm(e->arg[1]));
}

static bool is_wanted(const tiler *t) {
  static const ir_stmt_kind never[] = {IR_PUSH,  IR_POP,  IR_ROUTINE, IR_ROUTINE_ADJOINT,
                                       IR_WHILE, IR_PRINT};
  const ir_block *b = &t->loop->body;
  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    if (has_kind(b, never[i])) return false;
  if (declares_array(b)) return false;
  for (int i = 0; i < b->nstmts; i++)
    if (can_jam(t, b->stmt[i]) || (b->stmt[i]->kind == IR_TARGET && has_logarithm(b->stmt[i]->rhs)))
      return true;
  return false;
}

/* ---- rewriting */

static ir_expr *row_of(tiler *t) {
  return mst_ir_call2(t->c, IR_ADD, mst_ir_scalar(t->c, t->loop->var), mst_ir_scalar(t->c, t->r));
}

static ir_var *spread_of(tiler *t, const ir_var *v) {
  ir_var **to = mst_ir_entry(&t->to, v);
  return *to;
}

static ir_expr *rewrite(tiler *t, const ir_expr *e) {
  if (e->op == IR_LOAD && e->var == t->loop->var) return row_of(t);
  ir_var *v = e->op == IR_LOAD ? spread_of(t, e->var) : NULL;
  if (v) {
    ir_expr *r = mst_ir_scalar(t->c, t->r);
    return mst_ir_load(t->c, v, 1, &r);
  }
  ir_expr *copy = MST_LANG_NEW(t->c, ir_expr);
  *copy = *e;
  copy->arg = MST_LANG_ARRAY(t->c, ir_expr *, e->nargs);
  for (int i = 0; i < e->nargs; i++) copy->arg[i] = rewrite(t, e->arg[i]);
  /* int sums find their form again */
  return e->op == IR_CALL && e->type == IR_INT ? mst_ir_call(t->c, e->prim, e->nargs, copy->arg)
                                               : copy;
}

static ir_block rewrite_block(tiler *t, const ir_block *b);

static ir_stmt *rewrite_stmt(tiler *t, const ir_stmt *s) {
  ir_stmt *copy = mst_ir_stmt(t->c, s->kind, s->loc);
  *copy = *s;
  if (s->rhs) copy->rhs = rewrite(t, s->rhs);
  if (s->cond) copy->cond = rewrite(t, s->cond);
  if (s->count) copy->count = rewrite(t, s->count);
  copy->index = MST_LANG_ARRAY(t->c, ir_expr *, s->nindices);
  for (int i = 0; i < s->nindices; i++) copy->index[i] = rewrite(t, s->index[i]);
  copy->arg = MST_LANG_ARRAY(t->c, ir_expr *, s->nargs);
  for (int i = 0; i < s->nargs; i++) copy->arg[i] = rewrite(t, s->arg[i]);
  copy->body = rewrite_block(t, &s->body);
  copy->other = rewrite_block(t, &s->other);
  ir_var *v = s->kind == IR_DECL || s->kind == IR_ASSIGN ? spread_of(t, s->var) : NULL;
  if (!v) return copy;
  copy->kind = IR_ASSIGN;
  copy->var = v;
  copy->nindices = 1;
  copy->index = MST_LANG_ARRAY(t->c, ir_expr *, 1);
  copy->index[0] = mst_ir_scalar(t->c, t->r);
  if (s->kind == IR_DECL && !s->rhs) copy->rhs = mst_ir_real(t->c, s->zero ? 0.0 : (double)NAN);
  return copy;
}

static ir_block rewrite_block(tiler *t, const ir_block *b) {
  ir_block out = {0};
  for (int i = 0; i < b->nstmts; i++) mst_ir_append(t->c, &out, rewrite_stmt(t, b->stmt[i]));
  return out;
}

/* for r in the tile: an unrolled loop */
static ir_stmt *each(tiler *t) {
  ir_stmt *s = mst_ir_stmt(t->c, IR_FOR, (lang_loc){0});
  s->var = t->r;
  s->count = mst_ir_int(t->c, 0); /* as many as there are in a tile */
  s->tile = IR_TILE_EACH;
  return s;
}

/* ---- which scalars need an element per iteration: those that more than one group of statements
 * mentions */

typedef struct seen { /* of a variable */
  int groups, last;   /* that mention it; the last of them, from 1 */
} seen;

typedef struct grouping {
  ir_table of; /* of seen */
  int group;
} grouping;

static void note_var(ir_var *v, bool writes, void *argument) {
  grouping *k = argument;
  seen *s = mst_ir_entry(&k->of, v);
  (void)writes;
  if (s->last != k->group) s->groups++;
  s->last = k->group;
}

static void note_declared(const ir_stmt *s, void *argument) {
  if (s->kind == IR_DECL || s->kind == IR_FOR) note_var(s->var, true, argument);
}

static int group_end(const tiler *t, const ir_block *b, int first) {
  int end = first + 1;
  if (can_jam(t, b->stmt[first])) return end;
  while (end < b->nstmts && !can_jam(t, b->stmt[end])) end++;
  return end;
}

static void spread(tiler *t, ir_block *out, ir_var *v) {
  ir_expr *dim = mst_ir_int(t->c, 0);
  ir_var *array = mst_ir_var(t->c, t->p, v->name, v->type, IR_LOCAL, 1, &dim);
  ir_var **to = mst_ir_entry(&t->to, v);
  array->tiled = true;
  *to = array;
  ir_stmt *decl = mst_ir_stmt(t->c, IR_DECL, (lang_loc){0});
  decl->var = array;
  mst_ir_append(t->c, out, decl);
}

static void spread_scalars(tiler *t, const ir_block *b, ir_block *out) {
  grouping k = {.of = mst_ir_table(t->c, sizeof(seen))};
  for (int first = 0, end; first < b->nstmts; first = end) {
    end = group_end(t, b, first);
    k.group++;
    for (int i = first; i < end; i++) {
      mst_ir_visit_vars(b->stmt[i], note_var, &k);
      mst_ir_visit_stmts(b->stmt[i], note_declared, &k);
    }
  }
  for (int i = 0; i < b->nstmts; i++) {
    if (b->stmt[i]->kind != IR_DECL) continue;
    ir_var *v = b->stmt[i]->var;
    const seen *in = mst_ir_entry(&k.of, v);
    if (in->groups > 1) spread(t, out, v);
  }
}

/* ---- logarithms of factors between 1 and 2: multiplied over the tile, and one logarithm taken */

static void multiply(tiler *t, ir_block *out, ir_expr *factor, bool off) {
  if (!t->product[off]) {
    t->product[off] = mst_ir_var(t->c, t->p, "product", IR_LANE, IR_LOCAL, 0, NULL);
  }
  ir_stmt *s = mst_ir_stmt(t->c, IR_ASSIGN, (lang_loc){0});
  s->var = t->product[off];
  s->rhs = mst_ir_call2(t->c, IR_MUL, mst_ir_scalar(t->c, s->var), factor);
  mst_ir_append(t->c, out, s);
}

/* log1p_exp(x) is max(x, 0) + log(1 + e): the logarithms of the sum go. */
static ir_expr *take_logarithms(tiler *t, ir_block *out, ir_expr *e, bool off) {
  if (!has_logarithm(e)) return e;
  if (e->prim == IR_LOG1P_EXP_OF) {
    ir_expr *below =
        mst_ir_call2(t->c, IR_LT, mst_ir_copy(t->c, e->arg[0]), mst_ir_real(t->c, 0.0));
    multiply(t, out, mst_ir_call2(t->c, IR_ADD, mst_ir_real(t->c, 1.0), e->arg[1]), off);
    return mst_ir_select(t->c, below, mst_ir_real(t->c, 0.0), e->arg[0]);
  }
  for (int i = 0; i < e->nargs; i++)
    e->arg[i] = take_logarithms(t, out, e->arg[i],
                                off != (e->prim == IR_NEG || (e->prim == IR_SUB && i == 1)));
  return e;
}

static ir_stmt *log_of_product(tiler *t, bool off) {
  ir_stmt *s = mst_ir_stmt(t->c, IR_TARGET, t->loop->loc);
  s->rhs = mst_ir_call1(t->c, IR_LOG, mst_ir_scalar(t->c, t->product[off]));
  if (off) s->rhs = mst_ir_call1(t->c, IR_NEG, s->rhs);
  return s;
}

/* ---- sums that all iterations of a tile add to go to a register first */

static bool same_for_all(const tiler *t, const ir_stmt *inner, const ir_stmt *s) {
  ir_set reads = {0}, own = mst_set_copy(t->c, &t->own);
  mst_set_remove(&own, inner->var);
  mst_set_add(t->c, &own, t->loop->var);
  for (int i = 0; i < s->nindices; i++) mst_ir_reads(t->c, s->index[i], &reads);
  return s->kind == IR_ASSIGN && s->add && s->nindices > 0 && !mst_set_has(&own, s->var) &&
         !mst_set_meets(&reads, &own);
}

static int writers(const ir_block *b, const ir_var *v) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) n += b->stmt[i]->kind == IR_ASSIGN && b->stmt[i]->var == v;
  return n;
}

static ir_expr *element(tiler *t, const ir_stmt *s) {
  ir_expr **index = MST_LANG_ARRAY(t->c, ir_expr *, s->nindices);
  for (int i = 0; i < s->nindices; i++) index[i] = mst_ir_copy(t->c, s->index[i]);
  return mst_ir_load(t->c, s->var, s->nindices, index);
}

/* inner: the jammed loop as it was; all: its rewritten body, to stand in `out`. */
static void add_in_registers(tiler *t, const ir_stmt *inner, ir_stmt *all, ir_block *out) {
  ir_block after = {0};
  for (int i = 0; i < inner->body.nstmts; i++) {
    const ir_stmt *s = inner->body.stmt[i];
    if (!same_for_all(t, inner, s) || writers(&inner->body, s->var) > 1) continue;
    ir_var *sum = mst_ir_var(t->c, t->p, "sum", s->var->type, IR_LOCAL, 0, NULL);
    ir_stmt *decl = mst_ir_stmt(t->c, IR_DECL, s->loc),
            *back = mst_ir_stmt(t->c, IR_ASSIGN, s->loc);
    decl->var = sum;
    decl->rhs = element(t, s);
    *back = *s;
    back->index = element(t, s)->arg;
    back->add = false;
    back->rhs = mst_ir_scalar(t->c, sum);
    all->body.stmt[i]->var = sum;
    all->body.stmt[i]->nindices = 0;
    mst_ir_append(t->c, out, decl);
    mst_ir_append(t->c, &after, back);
  }
  mst_ir_append(t->c, out, all);
  for (int i = 0; i < after.nstmts; i++) mst_ir_append(t->c, out, after.stmt[i]);
}

static void append_rewritten(tiler *t, const ir_stmt *s, ir_block *out) {
  ir_stmt *copy = rewrite_stmt(t, s);
  if (copy->kind == IR_TARGET) copy->rhs = take_logarithms(t, out, copy->rhs, false);
  mst_ir_append(t->c, out, copy);
}

static ir_stmt *tiled(tiler *t) {
  const ir_block *b = &t->loop->body;
  ir_stmt *outer = mst_ir_stmt(t->c, IR_FOR, t->loop->loc);
  *outer = *t->loop;
  outer->tile = IR_TILE_WHOLE;
  outer->count = mst_ir_copy(t->c, t->loop->count);
  outer->body = (ir_block){0};
  spread_scalars(t, b, &outer->body);
  for (int first = 0, end; first < b->nstmts; first = end) {
    ir_stmt *all = each(t);
    end = group_end(t, b, first);
    if (can_jam(t, b->stmt[first])) {
      ir_stmt *inner = mst_ir_stmt(t->c, IR_FOR, b->stmt[first]->loc);
      *inner = *b->stmt[first];
      inner->count = mst_ir_copy(t->c, inner->count);
      all->body = rewrite_block(t, &b->stmt[first]->body);
      inner->body = (ir_block){0};
      add_in_registers(t, b->stmt[first], all, &inner->body);
      mst_ir_append(t->c, &outer->body, inner);
      continue;
    }
    for (int i = first; i < end; i++) append_rewritten(t, b->stmt[i], &all->body);
    for (int off = 0; off < 2; off++) {
      if (!t->product[off]) continue;
      ir_stmt *one = mst_ir_stmt(t->c, IR_DECL, (lang_loc){0});
      one->var = t->product[off];
      one->rhs = mst_ir_real(t->c, 1.0);
      mst_ir_append(t->c, &outer->body, one);
    }
    mst_ir_append(t->c, &outer->body, all);
    for (int off = 0; off < 2; off++) {
      if (t->product[off]) mst_ir_append(t->c, &outer->body, log_of_product(t, off));
      t->product[off] = NULL;
    }
  }
  return outer;
}

void mst_diff_tile(lang_context *c, ir_program *p, ir_block *b) {
  ir_block out = {0};
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    tiler t = {.c = c, .p = p, .loop = s, .to = mst_ir_table(c, sizeof(ir_var *))};
    mst_diff_tile(c, p, &s->body);
    mst_diff_tile(c, p, &s->other);
    for (int k = 0; k < s->body.nstmts; k++) mst_ir_stmt_declares(c, s->body.stmt[k], &t.own);
    if (s->kind == IR_FOR && s->independent && s->tile == IR_TILE_NONE && is_wanted(&t)) {
      t.r = mst_ir_var(c, p, "r", IR_INT, IR_LOOP, 0, NULL);
      mst_ir_append(c, &out, tiled(&t));
      s->tile = IR_TILE_REST;
    }
    mst_ir_append(c, &out, s);
  }
  *b = out;
}
