/* lang/lower/lower_stmt.c -- statements: control flow.
 *
 * break, continue and return become flags, and what follows is guarded by them: loops and blocks
 * of the intermediate representation have one exit.
 */
#include <string.h>

#include "lang/ir/ir_walk.h"
#include "lang/lower/lower_impl.h"

/* ---- control flow */

static bool contains(const ast_stmt *s, ast_stmt_kind kind, bool into_loops) {
  if (!s) return false;
  if (s->kind == kind) return true;
  bool loop = s->kind == AST_FOR || s->kind == AST_FOREACH || s->kind == AST_WHILE;
  if (loop && !into_loops) return false;
  if (contains(s->body, kind, into_loops) || contains(s->other, kind, into_loops)) return true;
  for (int i = 0; i < s->nstmts; i++)
    if (contains(s->stmt[i], kind, into_loops)) return true;
  return false;
}

bool mst_lower_returns(const ast_stmt *s) { return contains(s, AST_RETURN, true); }

static ir_expr *and_not(lower_state *l, ir_expr *c, ir_var *flag) {
  if (!flag) return c;
  ir_expr *e = mst_ir_call2(l->c, IR_EQ, mst_ir_scalar(l->c, flag), mst_ir_int(l->c, 0));
  return c ? mst_ir_call2(l->c, IR_AND, c, e) : e;
}

/* Whether s may set a flag that what follows must look at; *guard: the condition to go on. */
static bool may_jump(lower_state *l, const ast_stmt *s, ir_expr **guard) {
  *guard = NULL;
  if (l->frame && l->frame->returned && mst_lower_returns(s))
    *guard = and_not(l, *guard, l->frame->returned);
  if (l->loop && contains(s, AST_BREAK, false)) *guard = and_not(l, *guard, l->loop->broken);
  if (l->loop && contains(s, AST_CONTINUE, false)) *guard = and_not(l, *guard, l->loop->continued);
  return *guard != NULL;
}

/* The statement directly under s, or NULL, that returns; what is declared there before it. */
static const ast_stmt *towards_return(const ast_stmt *s) {
  if (mst_lower_returns(s->body)) return s->body;
  if (mst_lower_returns(s->other)) return s->other;
  for (int i = 0; i < s->nstmts; i++)
    if (mst_lower_returns(s->stmt[i])) return s->stmt[i];
  return NULL;
}

/* A local that is not there yet gets a stand-in: its sizes hold, what is in it is never read. */
static void stand_in(lower_state *l, const ast_decl *d, bool whole) {
  ir_expr *dim[LOWER_DIMS];
  int ndims = 0;
  if (d->type.base == LANG_TUPLE || mst_lower_binding_of(l, d)) return;
  if (whole && d->type.base == LANG_INT && d->ndims == 0 && d->init) {
    mst_lower_bind(l, d, mst_lower_expr(l, d->init));
    return;
  }
  if (whole) mst_lower_dims(l, d, dim, &ndims);
  ir_type type = d->type.base == LANG_INT ? IR_INT : IR_REAL;
  ir_var *v = mst_ir_var(l->c, l->p, d->name, type, IR_LOCAL, ndims, dim);
  mst_lower_bind(l, d, mst_lower_variable(l, v, d->type));
}

static void stand_in_before(lower_state *l, const ast_stmt *s, const ast_stmt *end) {
  if (s->kind == AST_FOR || s->kind == AST_FOREACH) stand_in(l, s->decl, s->kind == AST_FOR);
  for (int i = 0; i < s->nstmts && s->stmt[i] != end; i++)
    if (s->stmt[i]->kind == AST_DECL) stand_in(l, s->stmt[i]->decl, true);
}

static bool gives(const ir_stmt *s, const ir_set *wanted) {
  if ((s->kind == IR_DECL || s->kind == IR_ASSIGN) && mst_set_has(wanted, s->var)) return true;
  for (int i = 0; i < s->nout; i++)
    if (mst_set_has(wanted, s->out[i])) return true;
  return false;
}

/* Of the statements that sizes were found by, those that give variables that are wanted, and what
 * they read: added to `wanted`. Returns whether there is one. */
static bool want(lower_state *l, const ir_block *b, ir_set *wanted) {
  bool any = false;
  for (int i = b->nstmts; i-- > 0;) {
    ir_stmt own = *b->stmt[i];
    const bool inner = want(l, &own.body, wanted), other = want(l, &own.other, wanted);
    if (!inner && !other && !gives(&own, wanted)) continue;
    own.body = own.other = (ir_block){0};
    mst_ir_stmt_reads(l->c, &own, wanted);
    any = true;
  }
  return any;
}

static void keep_wanted(ir_block *b, const ir_set *wanted) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    keep_wanted(&s->body, wanted);
    keep_wanted(&s->other, wanted);
    if (s->body.nstmts || s->other.nstmts || gives(s, wanted)) b->stmt[n++] = s;
  }
  b->nstmts = n;
}

/* What sizes are computed by comes before what uses them; false: it reads a stand-in. */
static bool keep_sizes(lower_state *l, ir_block *scratch, int first, ir_expr *const *dim,
                       int ndims) {
  ir_set wanted = {0}, before = {0}, unknown = {0};
  for (int i = 0; i < ndims; i++) mst_ir_reads(l->c, dim[i], &wanted);
  do want(l, scratch, &wanted);
  while (mst_set_union(l->c, &before, &wanted));
  keep_wanted(scratch, &wanted);
  for (int i = first; i < l->p->nvars; i++) mst_set_add(l->c, &unknown, l->p->var[i]);
  for (int i = 0; i < scratch->nstmts; i++) {
    ir_set known = {0};
    mst_ir_stmt_declares(l->c, scratch->stmt[i], &known);
    for (int k = first; k < l->p->nvars; k++)
      if (mst_set_has(&known, l->p->var[k])) mst_set_remove(&unknown, l->p->var[k]);
    mst_ir_append(l->c, l->out, scratch->stmt[i]);
  }
  return !mst_set_meets(&unknown, &wanted);
}

/* Sizes of what `return` at r gives, which stands somewhere under s. */
static int sizes_of_return(lower_state *l, const ast_stmt *s, const ast_stmt *r, ir_expr **dim) {
  ir_block scratch = {0}, *saved = l->out;
  lower_binding *scope = l->scope;
  const int first = l->p->nvars;
  l->out = &scratch;
  for (const ast_stmt *at = s; at != r;) {
    const ast_stmt *next = towards_return(at);
    stand_in_before(l, at, next);
    at = next;
  }
  const lower_value *v = mst_lower_expr(l, r->rhs);
  for (int i = 0; i < v->ndims; i++) dim[i] = v->dim[i];
  l->out = saved;
  l->scope = scope;
  if (!keep_sizes(l, &scratch, first, dim, v->ndims))
    mst_lower_unsupported(l, r->loc,
                          "an early return whose size is computed in the block that it leaves");
  return v->ndims;
}

/* The variable that early returns write, declared before the first statement that may return. */
static void declare_result(lower_state *l, const ast_stmt *s) {
  lower_frame *f = l->frame;
  if (!f || f->result || !f->returned || f->to_target || f->function->result.base == LANG_VOID)
    return;
  const ast_stmt *r = s;
  while (r->kind != AST_RETURN) r = towards_return(r);
  lang_type type = f->function->result;
  ir_expr *dim[LOWER_DIMS];
  int ndims = 0;
  if (type.base == LANG_TUPLE) mst_lower_unsupported(l, r->loc, "an early return of a tuple");
  if (type.arrays || type.base == LANG_VECTOR || type.base == LANG_ROW_VECTOR ||
      type.base == LANG_MATRIX)
    ndims = sizes_of_return(l, s, r, dim);
  ir_type base = type.base == LANG_INT               ? IR_INT
                 : mst_lower_is_lane(l, f->function) ? IR_LANE
                                                     : IR_REAL;
  f->result = mst_lower_variable(l, mst_lower_declare(l, "result", base, ndims, dim, NULL), type);
}

static void do_return(lower_state *l, const ast_stmt *s) {
  lower_frame *f = l->frame;
  if (f->unsure == l->unsure)
    f->done = true;
  else
    f->may_return = true;
  if (f->to_target) {
    mst_lower_add_target(l, s->rhs, f->negative, false);
    if (f->returned) mst_lower_assign(l, f->returned, 0, NULL, mst_ir_int(l->c, 1), false);
    return;
  }
  if (!f->returned) { /* at the end: the value itself */
    f->tail = s->rhs;
    if (s->rhs) f->result = mst_lower_expr(l, s->rhs);
    return;
  }
  if (s->rhs) {
    const lower_value *v = mst_lower_expr(l, s->rhs);
    ir_type own = mst_lower_type_of(l, v);
    if (own == IR_LANE && f->result->var->type != IR_LANE) {
      mst_lower_mark_lane(l, f->function);
      if (l->lanes) f->result->var->type = IR_LANE;
    }
    mst_lower_store(l, NULL, f->result, v);
  }
  mst_lower_assign(l, f->returned, 0, NULL, mst_ir_int(l->c, 1), false);
}

void mst_lower_stmts(lower_state *l, ast_stmt *const *s, int n) {
  for (int i = 0; i < n; i++) {
    if (l->frame && l->frame->returned && mst_lower_returns(s[i])) declare_result(l, s[i]);
    mst_lower_stmt(l, s[i]);
    ir_expr *guard;
    if (l->frame && l->frame->done) return;
    if (i + 1 < n && may_jump(l, s[i], &guard)) {
      ir_stmt *rest = mst_ir_stmt(l->c, IR_IF, s[i + 1]->loc);
      rest->cond = guard;
      mst_ir_append(l->c, l->out, rest);
      ir_block *saved = l->out;
      l->out = &rest->body;
      const bool unsure = l->frame && l->frame->may_return;
      l->branches += unsure;
      l->unsure += unsure;
      mst_lower_stmts(l, s + i + 1, n - i - 1);
      l->branches -= unsure;
      l->unsure -= unsure;
      l->out = saved;
      return;
    }
  }
}

static void scoped(lower_state *l, const ast_stmt *s, ir_block *into) {
  lower_binding *scope = l->scope;
  ir_block *saved = l->out;
  l->out = into;
  if (s->kind == AST_BLOCK)
    mst_lower_stmts(l, s->stmt, s->nstmts);
  else
    mst_lower_stmts(l, (ast_stmt *const *)&s, 1);
  l->out = saved;
  l->scope = scope;
}

static void conditional(lower_state *l, const ast_stmt *s) {
  ir_expr *cond = mst_lower_condition(l, s->cond);
  if (cond->type == IR_MASK) {
    l->p->one_lane = true;
    cond = mst_ir_call1(l->c, IR_FIRST_LANE, cond);
  }
  cond = mst_lower_decided(l, cond);
  if (cond->op == IR_CONST_INT) {
    const ast_stmt *taken = cond->integer ? s->body : s->other;
    if (taken) scoped(l, taken, l->out);
    return;
  }
  ir_stmt *r = mst_ir_stmt(l->c, IR_IF, s->loc);
  r->cond = cond;
  mst_ir_append(l->c, l->out, r);
  l->branches++;
  l->unsure++;
  scoped(l, s->body, &r->body);
  if (s->other) scoped(l, s->other, &r->other);
  l->branches--;
  l->unsure--;
}

static ir_var *flag(lower_state *l, const char *name) {
  ir_var *v = mst_lower_declare(l, name, IR_INT, 0, NULL, mst_ir_int(l->c, 0));
  v->constant = false;
  return v;
}

/* The body of a loop, with its flags: `broken` is declared outside of the loop. */
static void loop_body(lower_state *l, const ast_stmt *s, ir_var *broken) {
  lower_loop loop = {.broken = broken, .up = l->loop};
  ir_block *saved = l->out;
  ir_expr *go = and_not(l, NULL, broken);
  if (l->frame && l->frame->returned && mst_lower_returns(s->body))
    go = and_not(l, go, l->frame->returned);
  if (go && s->kind != AST_WHILE) {
    ir_stmt *guard = mst_ir_stmt(l->c, IR_IF, s->loc);
    guard->cond = go;
    mst_ir_append(l->c, l->out, guard);
    l->out = &guard->body;
  }
  if (contains(s->body, AST_CONTINUE, false)) loop.continued = flag(l, "continued");
  l->loop = &loop;
  l->unsure++;
  scoped(l, s->body, l->out);
  l->unsure--;
  l->loop = loop.up;
  l->out = saved;
}

static void for_loop(lower_state *l, const ast_stmt *s) {
  ir_expr *low = mst_lower_fixed_int(l, mst_lower_expr_int(l, s->low), "first");
  ir_expr *high = mst_lower_expr_int(l, s->high);
  ir_expr *before = mst_ir_call2(l->c, IR_SUB, mst_lower_copy(l, low), mst_ir_int(l->c, 1));
  ir_expr *count = mst_ir_call2(l->c, IR_SUB, high, before);
  count = mst_lower_fixed_int(l, count, "count");
  ir_var *broken = contains(s->body, AST_BREAK, false) ? flag(l, "broken") : NULL;
  ir_block *saved;
  ir_var *n = mst_lower_loop_begin(l, count, s->decl->name, &saved);
  n->source_name = s->decl->name;
  lower_binding *scope = l->scope;
  ir_expr *value = mst_ir_call2(l->c, IR_ADD, mst_ir_scalar(l->c, n), low);
  mst_lower_bind(l, s->decl, mst_lower_scalar(l, value, LANG_INT));
  loop_body(l, s, broken);
  l->scope = scope;
  mst_lower_loop_end(l, saved);
}

static ir_expr *slice_element(lower_state *l, const lower_value *v, ir_expr *const *index) {
  ir_expr *at[LOWER_DIMS];
  at[0] = mst_lower_copy(l, v->e[0]);
  for (int i = 0; i < v->ndims; i++) at[i + 1] = index[i];
  return mst_lower_at(l, v->a, at);
}

/* Element j, with dimensions of its own, of an array. */
static const lower_value *slice(lower_state *l, const lower_value *in, ir_var *j, lang_type type) {
  lower_value *v = mst_lower_new(l, type);
  v->ndims = in->ndims - 1;
  for (int d = 0; d < v->ndims; d++) v->dim[d] = in->dim[d + 1];
  v->nparts = in->nparts;
  if (in->nparts) {
    const lower_value **part = MST_LANG_ARRAY(l->c, const lower_value *, in->nparts);
    for (int i = 0; i < in->nparts; i++) {
      lang_type own = in->part[i]->type;
      own.arrays--;
      part[i] = slice(l, in->part[i], j, own);
    }
    v->part = part;
    return v;
  }
  v->a = in;
  v->e[0] = mst_ir_scalar(l->c, j);
  v->cheap = true;
  v->element = slice_element;
  return v;
}

/* for (x in container): elements of arrays and vectors; of a matrix column by column. As in Stan an
 * expression is evaluated before the loop, the elements of a variable when their turn comes. */
static void foreach_loop(lower_state *l, const ast_stmt *s) {
  const lower_value *in = mst_lower_cheap(l, mst_lower_expr(l, s->rhs));
  const bool changes = mst_lower_writes(s->body, s->rhs);
  if (changes && s->rhs->kind != AST_VAR) in = mst_lower_copied(l, in);
  bool matrix = in->type.base == LANG_MATRIX && in->type.arrays == 0;
  ir_var *broken = contains(s->body, AST_BREAK, false) ? flag(l, "broken") : NULL;
  ir_block *saved, *inner = NULL;
  ir_var *j = mst_lower_loop_begin(l, matrix ? in->dim[1] : in->dim[0], s->decl->name, &saved);
  ir_var *i = matrix ? mst_lower_loop_begin(l, in->dim[0], "i", &inner) : NULL;
  lower_binding *scope = l->scope;
  const lower_value *x;
  if (matrix) {
    ir_expr *e = mst_lower_at2(l, in, mst_ir_scalar(l->c, i), mst_ir_scalar(l->c, j));
    x = mst_lower_scalar(l, changes ? mst_lower_hold(l, e, "x") : e, LANG_REAL);
  } else if (in->ndims == 1 && !in->nparts) {
    x = mst_lower_scalar(l, mst_lower_hold(l, mst_lower_at1(l, in, mst_ir_scalar(l->c, j)), "x"),
                         s->decl->type.base);
  } else {
    const lower_value *v = slice(l, in, j, s->decl->type);
    x = changes && s->rhs->kind == AST_VAR ? mst_lower_copied(l, v) : v;
  }
  mst_lower_bind(l, s->decl, x);
  loop_body(l, s, broken);
  l->scope = scope;
  if (matrix) mst_lower_loop_end(l, inner);
  mst_lower_loop_end(l, saved);
}

/* while: the condition may need statements, so it is computed into a flag at the top of each
 * iteration. */
static void while_loop(lower_state *l, const ast_stmt *s) {
  ir_var *broken = contains(s->body, AST_BREAK, false) ? flag(l, "broken") : NULL;
  ir_var *go = mst_lower_declare(l, "go", IR_INT, 0, NULL, mst_ir_int(l->c, 1));
  go->constant = false;
  ir_stmt *r = mst_ir_stmt(l->c, IR_WHILE, s->loc);
  r->cond = mst_ir_scalar(l->c, go);
  mst_ir_append(l->c, l->out, r);
  ir_block *saved = l->out;
  l->out = &r->body;
  ir_expr *cond = mst_lower_condition(l, s->cond);
  if (cond->type == IR_MASK) {
    l->p->one_lane = true;
    cond = mst_ir_call1(l->c, IR_FIRST_LANE, cond);
  }
  cond = and_not(l, cond, broken);
  if (l->frame && l->frame->returned && mst_lower_returns(s->body))
    cond = and_not(l, cond, l->frame->returned);
  mst_lower_assign(l, go, 0, NULL, cond, false);
  ir_stmt *inner = mst_ir_stmt(l->c, IR_IF, s->loc);
  inner->cond = mst_ir_scalar(l->c, go);
  mst_ir_append(l->c, l->out, inner);
  l->out = &inner->body;
  loop_body(l, s, broken);
  l->out = saved;
}

static void say(lower_state *l, const ast_stmt *s) {
  ir_stmt *r = mst_ir_stmt(l->c, s->kind == AST_PRINT ? IR_PRINT : IR_REJECT, s->loc);
  if (s->kind == AST_FATAL) r->name = "error";
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, s->nargs + LOWER_DIMS + 1);
  r->text = MST_LANG_ARRAY(l->c, const char *, s->nargs + LOWER_DIMS + 2);
  if (l->checked) mst_lower_say_element(l, r, l->checked);
  for (int i = 0; i < s->nargs; i++) {
    if (s->arg[i]->kind == AST_STRING) {
      const char *before = r->text[r->nargs];
      r->text[r->nargs] =
          before ? mst_lang_format(l->c, "%s%s", before, s->arg[i]->name) : s->arg[i]->name;
      continue;
    }
    const lower_value *v = mst_lower_expr(l, s->arg[i]);
    if (v->ndims || v->nparts) {
      r->text[r->nargs] =
          mst_lang_format(l->c, "%s[...]", r->text[r->nargs] ? r->text[r->nargs] : "");
      continue;
    }
    r->arg[r->nargs++] = mst_lower_hold(l, mst_lower_at(l, v, NULL), "shown");
  }
  mst_ir_append(l->c, l->out, r);
}

void mst_lower_stmt(lower_state *l, const ast_stmt *s) {
  if (!l->frame || !l->frame->function->prelude) l->loc = s->loc;
  switch (s->kind) {
  case AST_ASSIGN:
    mst_lower_assignment(l, s);
    break;
  case AST_TILDE:
    mst_lower_tilde(l, s);
    break;
  case AST_JACOBIAN:
  case AST_TARGET:
    mst_lower_add_target(l, s->rhs, false, false);
    break;
  case AST_CALL_STMT:
    mst_lower_call(l, s->rhs);
    break;
  case AST_IF:
    conditional(l, s);
    break;
  case AST_WHILE:
    while_loop(l, s);
    break;
  case AST_FOR:
    for_loop(l, s);
    break;
  case AST_FOREACH:
    foreach_loop(l, s);
    break;
  case AST_BLOCK:
    scoped(l, s, l->out);
    break;
  case AST_DECL:
    mst_lower_decl(l, s->decl);
    break;
  case AST_RETURN:
    do_return(l, s);
    break;
  case AST_BREAK:
    mst_lower_assign(l, l->loop->broken, 0, NULL, mst_ir_int(l->c, 1), false);
    break;
  case AST_CONTINUE:
    mst_lower_assign(l, l->loop->continued, 0, NULL, mst_ir_int(l->c, 1), false);
    break;
  case AST_PRINT:
  case AST_REJECT:
  case AST_FATAL:
    say(l, s);
    break;
  case AST_EMPTY:
    break;
  }
}
