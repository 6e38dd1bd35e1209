/* lang/shard/shard_sums.c -- local sums of the density block that only target reads become
 * additions to target.
 *
 *   real s = 0; for (n) s += f(n); target += s;      becomes      for (n) target += f(n);
 *
 * which is a row loop. The sum and the statement that reads it stand in one block, so both run
 * equally often; every other use of the sum is an addition before that statement.
 */
#include "lang/shard/shard_impl.h"

typedef struct sum {     /* a local scalar of lanes */
  const ir_block *block; /* where it is declared, */
  ir_stmt *start;        /* and gets its first value */
  ir_stmt *end;          /* reads it */
  int reads;
  bool no;
  ir_stmt **gets; /* the statements that give it a value, and their blocks */
  const ir_block **in;
  int ngets;
} sum;

typedef struct finder {
  cut_state *k;
  ir_table sums;  /* of sum */
  ir_var **ready; /* with an end; some may be there twice */
  int nready;
  const ir_block *b; /* of the statement at hand */
  ir_stmt *s;
} finder;

static sum *sum_of(finder *f, const ir_var *v) { return mst_ir_entry(&f->sums, v); }

static bool is_candidate(const ir_var *v) {
  return v->role == IR_LOCAL && v->type == IR_LANE && v->ndims == 0;
}

static void count_read(void *context, ir_expr *e) {
  finder *f = context;
  if (e->op == IR_LOAD) sum_of(f, e->var)->reads++;
}

/* Takes v out of a sum of which it is one summand: what is left (NULL: nothing). *sign 0: it is
 * none. */
static ir_expr *without(cut_state *k, ir_expr *e, const ir_var *v, int *sign) {
  if (e->op == IR_LOAD && e->var == v) {
    *sign = 1;
    return NULL;
  }
  *sign = 0;
  if (e->op != IR_CALL || e->type != IR_LANE) return e;
  if (e->prim == IR_NEG) {
    ir_expr *rest = without(k, e->arg[0], v, sign);
    if (*sign == 0) return e;
    *sign = -*sign;
    return rest ? mst_ir_call1(k->c, IR_NEG, rest) : NULL;
  }
  if (e->prim != IR_ADD && e->prim != IR_SUB) return e;
  ir_expr *rest = without(k, e->arg[0], v, sign);
  if (*sign) {
    if (rest) return mst_ir_call2(k->c, e->prim, rest, e->arg[1]);
    return e->prim == IR_SUB ? mst_ir_call1(k->c, IR_NEG, e->arg[1]) : e->arg[1];
  }
  rest = without(k, e->arg[1], v, sign);
  if (*sign == 0) return e;
  if (!rest) {
    *sign = e->prim == IR_SUB ? -*sign : *sign;
    return e->arg[0];
  }
  if (e->prim == IR_SUB) *sign = -*sign;
  return mst_ir_call2(k->c, e->prim, e->arg[0], rest);
}

/* x = x + e is x += e. */
static void as_addition(finder *f, ir_stmt *s) {
  int sign;
  if (s->add || s->nindices || !is_candidate(s->var)) return;
  ir_expr *rest = without(f->k, s->rhs, s->var, &sign);
  if (sign != 1 || !rest || rest->type < IR_REAL) return;
  s->rhs = rest;
  s->add = true;
}

static void find_end(void *context, ir_expr *e) {
  finder *f = context;
  if (e->op != IR_LOAD) return;
  sum *v = sum_of(f, e->var);
  if (v->reads != 1 || v->end || v->block != f->b) return;
  v->end = f->s;
  MST_LANG_PUSH(f->k->c, f->ready, f->nready, e->var);
}

/* The sums of block b that its statement s, an addition to target, is the only one to read. */
static void find_ends(finder *f, ir_stmt *s, const ir_block *b) {
  ir_stmt *list[1] = {s};
  f->b = b;
  f->s = s;
  mst_ir_edit_exprs(&(ir_block){list, 1}, find_end, f);
}

static void note_gets(finder *f, ir_stmt *s, const ir_block *b) {
  sum *v = sum_of(f, s->var);
  int n = v->ngets;
  MST_LANG_PUSH(f->k->c, v->gets, n, s);
  MST_LANG_PUSH(f->k->c, v->in, v->ngets, b);
}

static void look(finder *f, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    if (s->kind == IR_ASSIGN) as_addition(f, s);
    ir_stmt own = *s;
    ir_stmt *list[1] = {&own};
    own.body = own.other = (ir_block){0};
    mst_ir_edit_exprs(&(ir_block){list, 1}, count_read, f);
    for (int k = 0; k < s->nin; k++) sum_of(f, s->in[k])->no = true;
    for (int k = 0; k < s->nout; k++) sum_of(f, s->out[k])->no = true;
    if (s->kind == IR_DECL || s->kind == IR_ASSIGN) note_gets(f, s, b);
    if (s->kind == IR_DECL) {
      sum_of(f, s->var)->block = b;
      if (s->rhs) sum_of(f, s->var)->start = s;
    } else if (s->kind == IR_ASSIGN && is_candidate(s->var)) {
      sum *v = sum_of(f, s->var);
      if (v->reads) v->no = true; /* of what is added, or after the statement that reads the sum */
      if (!s->add && (v->start || v->block != b)) v->no = true;
      if (s->add && !v->start) v->no = true;
      if (!s->add) v->start = s;
    } else if (s->kind == IR_TARGET) {
      find_ends(f, s, b);
    }
    look(f, &s->body);
    look(f, &s->other);
  }
}

static bool contains(const ir_expr *e, const ir_var *v) {
  if (e->op == IR_LOAD && e->var == v) return true;
  for (int i = 0; i < e->nargs; i++)
    if (contains(e->arg[i], v)) return true;
  return false;
}

/* A statement that gives a sum a value adds to target; what it reads may now be ready too. */
static void add_to_target(finder *f, ir_stmt *s, const ir_block *b, int sign) {
  const bool nothing = !s->rhs || (s->rhs->op == IR_CONST_REAL && s->rhs->real == 0);
  s->kind = IR_TARGET;
  s->var = NULL;
  s->add = false;
  if (nothing) s->rhs = NULL; /* dropped in the end */
  if (nothing) return;
  if (sign < 0) s->rhs = mst_ir_call1(f->k->c, IR_NEG, s->rhs);
  find_ends(f, s, b);
}

static void drop_nothings(ir_block *b) {
  int n = 0;
  for (int i = 0; i < b->nstmts; i++) {
    ir_stmt *s = b->stmt[i];
    if (s->kind == IR_TARGET && !s->rhs) continue;
    drop_nothings(&s->body);
    drop_nothings(&s->other);
    b->stmt[n++] = s;
  }
  b->nstmts = n;
}

static void replace(finder *f, ir_var *v) {
  const sum *s = sum_of(f, v);
  int sign;
  if (!is_candidate(v) || s->no || s->reads != 1 || !s->start || !s->end->rhs) return;
  if (!contains(s->end->rhs, v)) return;
  ir_expr *rest = without(f->k, s->end->rhs, v, &sign);
  if (!sign) return;
  s->end->rhs = rest;
  for (int i = 0; i < s->ngets; i++) add_to_target(f, s->gets[i], s->in[i], sign);
}

void mst_cut_sums(lang_context *c, ir_program *p) {
  cut_state k = {.c = c, .p = p};
  finder f = {.k = &k, .sums = mst_ir_table(c, sizeof(sum))};
  look(&f, &p->density);
  for (int i = 0; i < f.nready; i++) replace(&f, f.ready[i]);
  drop_nothings(&p->density);
}
