/* lang/lower/lower.c -- the program: blocks in order, parameters, outputs, the size that is cut.
 * See lower.h. */
#include <string.h>

#include "lang/lower/lower_impl.h"
#include "lang/prelude/prelude.h"

/* ---- blocks */

/* Another name for the number of rows, which is to be so at load. */
static void same_size(lower_state *l, ir_var *v) {
  ir_stmt *s = mst_ir_stmt(l->c, IR_IF, v->decl->loc),
          *r = mst_ir_stmt(l->c, IR_REJECT, v->decl->loc);
  s->cond =
      mst_ir_call2(l->c, IR_NE, mst_ir_scalar(l->c, v), mst_ir_scalar(l->c, l->p->shard_size));
  r->name = "error";
  r->nargs = 2;
  r->arg = MST_LANG_ARRAY(l->c, ir_expr *, 2);
  r->arg[0] = mst_ir_scalar(l->c, l->p->shard_size);
  r->arg[1] = mst_ir_scalar(l->c, v);
  r->text = MST_LANG_ARRAY(l->c, const char *, 3);
  r->text[0] =
      mst_lang_format(l->c, "%s and %s are cut over the ranks as one size; expected %s = ", v->name,
                      l->p->shard_size->name, v->name);
  r->text[1] = ", got ";
  r->text[2] = mst_lang_format(l->c, "; try --shard %s", l->p->shard_size->name);
  mst_ir_append(l->c, &s->body, r);
  mst_ir_append(l->c, l->out, s);
  l->p->shard_also =
      l->p->shard_also ? mst_lang_format(l->c, "%s, %s", l->p->shard_also, v->name) : v->name;
}

static void data_block(lower_state *l, const lang_cut *how) {
  const ast_stmt *b = l->ast->data;
  const ast_decl *cut = mst_lower_choose(l->c, l->ast, how);
  for (int i = 0; b && i < b->nstmts; i++) {
    const ast_decl *d = b->stmt[i]->decl;
    ir_expr *dim[LOWER_DIMS];
    int ndims;
    if (b->stmt[i]->kind != AST_DECL) continue;
    bool same = cut && l->shard_size && mst_lower_same_size(l->ast, how, cut, d);
    if (d->type.base == LANG_TUPLE) mst_lower_unsupported(l, d->loc, "data that is a tuple");
    mst_lower_dims(l, d, dim, &ndims);
    ir_type type = d->type.base == LANG_INT ? IR_INT : IR_REAL;
    ir_var *v = mst_ir_var(l->c, l->p, d->name, type, IR_DATA, ndims, dim);
    v->source_name = d->name;
    v->decl = d;
    v->constant = true;
    v->shard_dim = -1;
    for (int k = 0; k < ndims && l->shard_size; k++)
      if (dim[k]->op == IR_LOAD && dim[k]->var == l->shard_size && v->shard_dim < 0)
        v->shard_dim = k;
    MST_LANG_PUSH(l->c, l->p->data, l->p->ndata, v);
    mst_lower_bind(l, d, mst_lower_variable(l, same ? l->p->shard_size : v, d->type));
    if (same) same_size(l, v);
    if (d == cut) {
      l->shard_size = v;
      l->p->shard_size = v;
    }
  }
}

static void block(lower_state *l, const ast_stmt *b) {
  if (b) mst_lower_stmts(l, b->stmt, b->nstmts);
}

/* Marks variables that are written once: see ir.h. */
typedef struct writes {
  int count;  /* assignments */
  bool plain; /* each of them in a way that no element is written twice */
} writes;

static bool counts_through(const ir_stmt *s, ir_var *const *loop, int nloops) {
  bool used[64] = {false};
  for (int i = 0; i < s->nindices; i++) {
    const ir_expr *e = s->index[i];
    if (e->op == IR_CALL && e->prim == IR_ADD && e->nargs == 2) /* counter + something constant */
      e = e->arg[0]->op == IR_LOAD && e->arg[0]->var->role == IR_LOOP ? e->arg[0] : e->arg[1];
    if (e->op != IR_LOAD || e->var->role != IR_LOOP) continue;
    for (int k = 0; k < nloops; k++)
      if (loop[k] == e->var) used[k] = true;
  }
  for (int k = 0; k < nloops; k++)
    if (!used[k]) return false;
  return true;
}

typedef struct walk {
  writes *w;
  int *depth; /* loops around the declaration, by variable */
  ir_var *loop[64];
  int nloops;
} walk;

static void count_writes(walk *k, const ir_block *b) {
  for (int i = 0; i < b->nstmts; i++) {
    const ir_stmt *s = b->stmt[i];
    bool loop = s->kind == IR_FOR || s->kind == IR_WHILE;
    if (s->kind == IR_DECL) {
      k->depth[s->var->id] = k->nloops;
      if (s->rhs) k->w[s->var->id].count++;
    }
    if (s->kind == IR_ASSIGN) {
      writes *w = &k->w[s->var->id];
      int depth = k->depth[s->var->id];
      w->count++;
      if (s->add || !counts_through(s, k->loop + depth, k->nloops - depth)) w->plain = false;
    }
    if (loop && k->nloops < 64) k->loop[k->nloops++] = s->kind == IR_FOR ? s->var : NULL;
    count_writes(k, &s->body);
    if (loop) k->nloops--;
    count_writes(k, &s->other);
  }
}

void mst_lower_mark_once(lower_state *l, const ir_block *b) {
  walk k = {.w = MST_LANG_ARRAY(l->c, writes, l->p->nvars),
            .depth = MST_LANG_ARRAY(l->c, int, l->p->nvars)};
  for (int i = 0; i < l->p->nvars; i++) k.w[i].plain = true;
  count_writes(&k, b);
  for (int i = 0; i < l->p->nvars; i++)
    if (k.w[i].plain && k.w[i].count == 1) l->p->var[i]->once = true;
}

/* Parameters, transformed parameters, model; again until it is known what depends on parameters. */
static void density(lower_state *l) {
  lower_binding *data = l->scope;
  bool first = true;
  l->lanes = l->target = true;
  do {
    l->again = false;
    l->scope = data;
    l->p->density = (ir_block){0};
    l->p->one_lane = l->p->has_normals = false;
    l->out = &l->p->density;
    mst_lower_parameters(l, first);
    first = false;
    block(l, l->ast->tparameters);
    block(l, l->ast->model);
  } while (l->again);
  mst_lower_mark_once(l, &l->p->density);
  l->scope = data;
}

static void generate(lower_state *l) {
  lower_binding *data = l->scope;
  bool one_lane = l->p->one_lane;
  l->lanes = l->target = false;
  l->out = &l->p->generate;
  mst_lower_parameters(l, false);
  block(l, l->ast->tparameters);
  block(l, l->ast->generated);
  l->p->one_lane = one_lane || l->one_lane;
  l->scope = data;
}

ir_program *mst_lower(lang_context *c, const ast_program *program, const char *name,
                      const lang_cut *cut) {
  lower_state l = {.c = c, .ast = program, .how = cut, .whole = cut->whole};
  l.p = MST_LANG_NEW(c, ir_program);
  l.p->name = name;
  l.prelude = mst_prelude(c, &l.nprelude);
  l.out = &l.p->setup;
  data_block(&l, cut);
  block(&l, program->tdata);
  density(&l);
  generate(&l);
  return l.p;
}
